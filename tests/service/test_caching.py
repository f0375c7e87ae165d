"""Answers that are not made again."""

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from retrieval.archive import Archive
from retrieval.encoder import Encoder
from retrieval.store import State
from retrieval.types import Answer, Article, Filters, ReadAs
from service import schemas
from service.app import create_app
from service.asking import Asking
from service.caching import Answers, Kept
from service.metrics import Metrics
from service.settings import Settings
from service.work import Work
from tests.service.conftest import HARBOUR, ORCHARD, SETTINGS, draft, served

PATHS = ["/", "/ask?q=ferry", "/articles/orchard", "/docs", "/v1/ask?q=ferry", "/v1/articles", "/v1/articles/orchard",
         "/v1/articles/orchard/versions", "/v1/articles/orchard/diff", "/articles/orchard/changes",
         "/v1/speakers", "/speakers", "/v1/stats", "/openapi.json",
         "/static/site.css"]  # fmt: skip
NO_FILTERS = Filters()


class Counting(Archive):
    """An archive that counts what it is asked, and may be changed while it answers."""

    asked = 0
    meanwhile: Article | None = None

    def ask(self, question: str, k: int = 10, filters: Filters = NO_FILTERS, read_as: ReadAs = ReadAs()) -> Answer:
        self.asked += 1
        if self.meanwhile is not None:
            self.put([draft(self.meanwhile)])
            self.meanwhile = None
        return super().ask(question, k, filters, read_as)


@pytest.fixture
def counting(tmp_path: Path, encoder: Encoder) -> Iterator[Counting]:
    with Counting.create(tmp_path / "archive", SETTINGS, load_encoder=lambda *_: encoder) as archive:
        archive.put([draft(HARBOUR), draft(ORCHARD)])
        yield archive


@pytest.fixture
def counted(counting: Counting) -> Iterator[httpx.Client]:
    with served(create_app(counting, Settings())) as client:
        yield client


@pytest.mark.parametrize("path", PATHS)
def test_whoever_has_an_answer_is_told_so_instead_of_getting_it_again(client: httpx.Client, path: str) -> None:
    first = client.get(path)
    assert first.headers["cache-control"].endswith("no-cache")
    for known in (first.headers["etag"], f'"other", {first.headers["etag"]}', first.headers["etag"].removeprefix("W/")):
        again = client.get(path, headers={"if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert client.get(path, headers={"if-none-match": '"other"'}).content == first.content


@pytest.mark.parametrize("path", PATHS)
def test_head_has_the_same_name_and_no_body(client: httpx.Client, path: str) -> None:
    head = client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == client.get(path).headers["etag"]
    assert client.head(path, headers={"if-none-match": head.headers["etag"]}).status_code == 304


def test_the_order_of_an_address_does_not_matter_and_all_else_in_it_does(client: httpx.Client) -> None:
    def name(address: str) -> str:
        return client.get(address).headers["etag"]

    assert name("/v1/ask?q=ferry&k=3") == name("/v1/ask?k=3&q=ferry")
    names = [name(f"/v1/{rest}") for rest in ("ask?q=ferry&k=3", "ask?q=ferry&k=4", "ask?q=bees&k=3", "stats")]
    assert len({*names, name("/ask?q=ferry")}) == 5


def test_an_error_has_no_name_and_is_not_hidden_by_one(client: httpx.Client) -> None:
    missing = client.get("/v1/articles/nothing", headers={"if-none-match": '"anything", *'})
    assert (missing.status_code, "etag" in missing.headers) == (404, False)


def test_a_change_gives_every_answer_another_name(counting: Counting, counted: httpx.Client) -> None:
    before = {path: counted.get(path).headers["etag"] for path in ("/v1/ask?q=ferry", "/v1/stats", "/articles/orchard")}
    counting.put([draft(Article(id="bees", text="The bees are back."))])
    for path, name in before.items():
        response = counted.get(path, headers={"if-none-match": name})
        assert response.status_code == 200
        assert response.headers["etag"] != name


def test_what_is_known_costs_no_work(counting: Counting, counted: httpx.Client) -> None:
    name = counted.get("/ask?q=parking").headers["etag"]
    asked = counting.asked
    assert counted.get("/ask?q=parking", headers={"if-none-match": name}).status_code == 304
    assert counting.asked == asked


def test_the_same_question_gets_the_same_bytes_by_whatever_way_it_is_asked(
    counting: Counting, counted: httpx.Client
) -> None:
    first = counted.post("/v1/ask", json={"question": "parking", "k": 2})
    asked = counting.asked
    assert counted.post("/v1/ask", json={"k": 2, "question": "parking"}).content == first.content
    assert counted.get("/v1/ask?q=parking&k=2").content == first.content
    batch = counted.post("/v1/ask/batch", json={"questions": [{"question": "parking", "k": 2}]})
    assert batch.content == b'{"answers":[' + first.content + b"]}"
    assert counting.asked == asked
    assert first.headers["server-timing"].startswith("total;dur=")


def test_an_answer_of_a_later_state_is_not_kept_for_an_earlier_one(counting: Counting) -> None:
    answers = Answers(counting, 100_000, Metrics(counting, Work(1, 1)))
    counting.meanwhile = Article(id="bees", text="The bees are back in the parking lot.")
    during = answers.ask(Asking("parking", 3))
    after = answers.ask(Asking("parking", 3))
    assert counting.asked == 2
    assert b'"version":3' in during.body
    assert b'"version":3' in after.body
    assert answers.ask(Asking("parking", 3)) == after
    assert counting.asked == 2


def test_nothing_is_kept_where_there_is_no_room_for_it(counting: Counting) -> None:
    answers = Answers(counting, 0, Metrics(counting, Work(1, 1)))
    answers.ask(Asking("parking", 3))
    answers.ask(Asking("parking", 3))
    assert counting.asked == 2


def test_what_was_used_longest_ago_is_dropped_first() -> None:
    kept = Kept(3 * 400)
    for key in (b"a", b"b", b"c"):
        kept.put(key, key * 140)
    assert kept.get(b"a") == b"a" * 140
    kept.put(b"d", b"d" * 140)
    assert [kept.get(key) is not None for key in (b"a", b"b", b"c", b"d")] == [True, False, True, True]
    kept.put(b"e", b"e" * 2000)
    assert kept.get(b"e") is None
    kept.put(b"a", b"short")
    assert kept.get(b"a") == b"short"


def test_no_more_is_kept_than_there_is_room_for_whoever_puts_it() -> None:
    kept = Kept(20_000)

    def put(first: int) -> None:
        for number in range(first, first + 500):
            kept.put(str(number % 700).encode(), b"x" * (number % 997))

    threads = [threading.Thread(target=put, args=(start,)) for start in (0, 250, 500)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    held = [kept.get(str(number).encode()) for number in range(700)]
    assert 0 < sum(len(one) for one in held if one is not None) <= kept.size <= 20_000


def test_long_answers_are_compressed_for_those_who_can_read_it(client: httpx.Client) -> None:
    packed = client.get("/v1/ask?q=ferry", headers={"accept-encoding": "gzip"})
    plain = client.get("/v1/ask?q=ferry", headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding, Origin"
    assert (packed.content, packed.headers["etag"]) == (plain.content, plain.headers["etag"])
    assert "content-encoding" not in client.get("/healthz").headers


def test_an_answer_is_sent_as_its_model_would_be(
    speaking: httpx.Client, client: httpx.Client, empty: httpx.Client
) -> None:
    asked = [(speaking, "what did Okafor say about the night ferry?"), (speaking, "what did Okafor say about goats?"),
             (speaking, "what did Nobody say?"), (client, "zeppelin museum"), (client, "parking é “”"),
             (empty, "ferry")]  # fmt: skip
    for service, question in asked:
        sent = service.post("/v1/ask", json={"question": question}).text
        assert schemas.Answer.model_validate_json(sent).model_dump_json(exclude_unset=True) == sent


def test_a_query_id_is_the_same_as_ever() -> None:
    asking = Asking("ferry é", 3, Filters(speaker="Ines Okafor"), ReadAs(("Okafor",), "ferries"))
    assert asking.query_id(State(7, "0a")) == "d9bb87244917ba8e2f957a2bd01c9cef"


@pytest.mark.parametrize("path", ["/", "/docs", "/v1/stats?a=1", "/openapi.json", "/static/site.css"])
def test_what_is_compressed_is_what_is_not(client: httpx.Client, path: str) -> None:
    plain = client.get(path, headers={"accept-encoding": "identity"})
    packed = client.get(path, headers={"accept-encoding": "br, gzip"})
    long = len(plain.content) >= 1000
    assert (packed.content, packed.headers["etag"]) == (plain.content, plain.headers["etag"])
    assert packed.headers.get("content-encoding") == ("gzip" if long else None)
    assert "content-encoding" not in plain.headers
    assert all(("Accept-Encoding" in one.headers["vary"]) == long for one in (plain, packed) if "vary" in one.headers)


def test_a_part_of_a_file_is_not_compressed(client: httpx.Client) -> None:
    part = client.get("/static/site.css", headers={"range": "bytes=0-4999", "accept-encoding": "gzip"})
    assert (part.status_code, len(part.content)) == (206, 5000)
    assert "content-encoding" not in part.headers
