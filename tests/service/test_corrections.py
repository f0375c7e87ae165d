"""An article that is corrected: what is answered after that, what has changed, and what becomes of older citations."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from ingest.pipeline import archive_settings
from retrieval.archive import Archive
from retrieval.differences import Piece, compare
from service.app import create_app
from service.changes import stretches
from service.settings import Settings
from tests.hashing import HashingEncoder
from tests.service.conftest import HARBOUR, HOSTILE, draft, served
from tests.service.problem import problem_of
from tests.service.test_cli import onrecord
from tests.service.test_pages import Page, page_of, words

STORY = (
    "The harbour ferry will keep its night service for another year, the council decided on Monday evening.",
    "“Tickets will cost ten cents more from June,” said Ines Okafor, who runs the ferry company, in the town hall.",
    "The last boat will leave at a quarter to two in the morning, as it has done for sixty years in every weather.",
    "Beekeepers in the north have counted more hives than ever before after a winter that was mild and short.",
    "Nobody was hurt when the old orchard burned, the fire service told the children of the village school.",
    "The zeppelin museum opens its doors again in spring, with a new roof and with three engines out of storage.",
)
NOTE = "This article was amended on 7 May 2019 to correct the price of a ticket."
RIGHT = STORY[1].replace("ten cents", "twenty cents")
FIRST = {
    "title": "Ferry to keep its night service",
    "publisher": "The Tidewater Gazette",
    "published": "2019-05-03",
    "text": "\n\n".join(STORY),
}
SECOND = {**FIRST, "text": "\n\n".join((STORY[0], RIGHT, *STORY[2:], NOTE))}
THIRD = {**FIRST, "text": "\n\n".join((STORY[2], *STORY[:2], *STORY[3:]))}


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive", archive_settings(36), load_encoder=lambda *_: HashingEncoder()) as made:
        yield made


@pytest.fixture
def client(archive: Archive) -> Iterator[httpx.Client]:
    with served(create_app(archive, Settings()), "ask", "ingest") as connected:
        put(connected, FIRST)
        yield connected


def put(client: httpx.Client, article: dict[str, Any]) -> dict[str, Any]:
    response = client.put("/v1/articles/ferry", json=article)
    assert response.status_code in (200, 201), response.text
    return dict(response.json())


def citations(client: httpx.Client, question: str) -> list[dict[str, Any]]:
    passages = client.post("/v1/ask", json={"question": question, "k": 20}).json()["passages"]
    return [passage["citation"] for passage in passages]


def citation(client: httpx.Client, said: str) -> dict[str, Any]:
    """The citation of the passage that holds some words, as an answer gives it out."""
    passages = client.post("/v1/ask", json={"question": said, "k": 20}).json()["passages"]
    return next(dict(one["citation"]) for one in passages if said in one["text"])


def verify(client: httpx.Client, *cited: dict[str, Any]) -> list[dict[str, Any]]:
    response = client.post("/v1/citations/verify", json={"citations": cited})
    assert response.status_code == 200, response.text
    return list(response.json()["results"])


def notices(page: Page) -> list[str]:
    return [words(text) for text in page.all("p", **{"class": "notice"})]


def test_after_a_correction_only_the_new_version_answers_and_the_old_citation_still_leads_to_what_it_cited(
    client: httpx.Client,
) -> None:
    before = citation(client, "ten cents more")
    assert (before["version"], before["corrected"]) == (1, None)
    assert put(client, SECOND)["outcome"] == "changed"

    after = citations(client, "tickets cost ten cents more")
    assert {one["version"] for one in after} == {2}
    assert {one["corrected"] for one in after} == {"2019-05-07"}
    assert not any("ten cents more" in one["prefix"] + one["suffix"] for one in after)

    (result,) = verify(client, before)
    assert (result["status"], result["superseded"], result["version"]) == ("changed", True, 2)
    assert result["corrected"] == "2019-05-07"
    assert "twenty cents more" in result["text"]

    path, _, fragment = before["link"].partition("#")
    landed = page_of(client, path)
    assert landed.all("p", id=fragment)[0].startswith("The citation that led you here is of version 1 of this article.")
    (there,) = (
        str(found["href"]) for found in landed.attributes("a") if str(found.get("href", "")).endswith(f"#{fragment}")
    )
    then = page_of(client, there)
    cited = then.all("div", id=fragment)
    assert len(cited) == 1
    assert STORY[1] in cited[0]
    (notice,) = notices(then)
    assert notice.startswith("This is version 1 of this article.")
    assert "Corrected on 7 May 2019." in notice
    assert "The marked words do not stand in the current version." in notice
    assert {"href": "/articles/ferry/changes?from=1"} in then.attributes("a")


def test_words_that_a_correction_left_alone_are_said_to_stand_and_shown_where(client: httpx.Client) -> None:
    before = client.get("/v1/articles/ferry").json()
    start = before["text"].index(STORY[5])
    put(client, SECOND)
    page = page_of(client, f"/articles/ferry?version=1&start={start}&end={start + len(STORY[5])}")
    (notice,) = notices(page)
    moved = SECOND["text"].index(STORY[5])
    assert "The marked words still stand in the current version, in another place." in notice
    now = f"/articles/ferry?start={moved}&end={moved + len(STORY[5])}#v2-{moved}-{moved + len(STORY[5])}"
    assert now in [found.get("href") for found in page.attributes("a")]
    shown = page_of(client, now.partition("#")[0])
    assert STORY[5] in "".join([*shown.all("mark"), *shown.all("div", id=now.partition("#")[2])])


def test_a_citation_is_right_across_several_versions(client: httpx.Client, archive: Archive) -> None:
    first = [citation(client, "ten cents"), citation(client, "zeppelin")]
    put(client, SECOND)
    second = [citation(client, "twenty cents"), citation(client, "zeppelin")]
    put(client, THIRD)
    found = verify(client, *first, *second)
    text = client.get("/v1/articles/ferry").json()["text"]
    assert [one["status"] for one in found] == ["moved", "exact", "changed", "moved"]
    for cited, one in zip([*first, *second], found, strict=True):
        assert (one["superseded"], one["version"], one["corrected"]) == (True, 3, None)
        then = archive.article("ferry", cited["version"]).article.text[cited["start"] : cited["end"]]
        assert one["start"] is None or text[one["start"] : one["end"]] == then
    put(client, FIRST)
    again = verify(client, *first)
    assert [(one["status"], one["version"], one["superseded"]) for one in again] == [("exact", 4, True)] * 2


# The difference


def test_the_difference_over_http_is_both_versions_to_the_letter(client: httpx.Client) -> None:
    put(client, SECOND)
    found = client.get("/v1/articles/ferry/diff").json()
    assert found["id"] == "ferry"
    assert found["before"] == {"version": 1, "current": False, "corrected": None}
    assert found["after"] == {"version": 2, "current": True, "corrected": "2019-05-07"}
    assert found["fields"] == [
        {"name": "corrected", "before": None, "after": "2019-05-07"},
        {"name": "correction", "before": None, "after": NOTE},
    ]
    for kind, article in (("added", FIRST), ("removed", SECOND)):
        assert "".join(one["text"] for one in found["pieces"] if one["change"] != kind) == article["text"]
    assert [one for one in found["pieces"] if one["change"] != "equal"] == [
        {"change": "removed", "text": "ten"},
        {"change": "added", "text": "twenty"},
        {"change": "added", "text": f"\n\n{NOTE}"},
    ]
    backwards = client.get("/v1/articles/ferry/diff", params={"from": 2, "to": 1}).json()
    assert [(one["change"], one["text"]) for one in backwards["pieces"] if one["text"] in ("ten", "twenty")] == [
        ("removed", "twenty"),
        ("added", "ten"),
    ]
    assert client.get("/v1/articles/ferry/diff", params={"from": 2, "to": 2}).json()["fields"] == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("ferry/diff", 404), ("ferry/diff?to=1", 404), ("ferry/diff?from=1&to=7", 404), ("ferry/diff?from=7", 404),
        ("nothing/diff", 404), ("ferry/diff?from=0", 422), ("ferry/diff?from=x", 422), ("ferry/diff?colour=red", 422),
    ],
)  # fmt: skip
def test_versions_that_cannot_be_compared_are_a_problem_that_says_so(
    client: httpx.Client, path: str, status: int
) -> None:
    problem_of(client.get(f"/v1/articles/{path}"), status)
    page = client.get(f"/articles/{path.replace('diff', 'changes')}")
    assert page.status_code == (200 if "colour" in path and status == 200 else 404 if "colour" in path else status)


def test_versions_say_when_they_were_corrected(client: httpx.Client) -> None:
    put(client, SECOND)
    listed = client.get("/v1/articles/ferry/versions").json()["versions"]
    assert [one["corrected"] for one in listed] == [None, "2019-05-07"]
    article = client.get("/v1/articles/ferry").json()
    assert (article["corrected"], article["extra"]) == ("2019-05-07", {"correction": NOTE})


def test_the_page_of_changes_marks_words_and_folds_what_stayed(client: httpx.Client) -> None:
    put(client, SECOND)
    assert {"href": "/articles/ferry/changes"} in page_of(client, "/articles/ferry").attributes("a")
    page = page_of(client, "/articles/ferry/changes")
    assert page.all("h1") == [f"What changed in {FIRST['title']}"]
    assert "removed: ten (end)" in page.all("del")
    note = f"added: {NOTE} (end)"
    assert page.all("ins")[1:] == ["added: 7 May 2019 (end)", note, "added: twenty (end)", note]
    assert page.all("summary") == []
    assert "Corrected on 7 May 2019" in page.all("p", **{"class": "source"})[0]
    put(client, THIRD)
    others = page_of(client, "/articles/ferry/changes?from=1&to=2").all("nav", **{"aria-label": "Other changes"})
    assert list(map(words, others)) == ["From version 1 to 2 From version 2 to 3"]


def test_an_article_of_one_version_has_nothing_to_compare(client: httpx.Client) -> None:
    links = [found.get("href") for found in page_of(client, "/articles/ferry").attributes("a")]
    assert not any("changes" in str(link) for link in links)


def test_hostile_text_stays_text_on_the_page_of_changes(client: httpx.Client, archive: Archive) -> None:
    changed = replace(HOSTILE, id="hostile", text=HOSTILE.text.replace("zeppelin", "<img src=x>\u202e airship"))
    archive.put([draft(replace(HOSTILE, id="hostile"))])
    archive.put([draft(replace(changed, title="<b>", author="</del><script>alert(1)</script>"))])
    page = page_of(client, "/articles/hostile/changes")
    assert not {name for name, _ in page.elements} & {"img", "b", "i"}
    assert not any(page.all("script"))
    assert any("<img src=x>" in text for text in page.all("ins"))
    isolated = [set(names) & {"bdi", "p", "dd"} for names in page.overridden_in]
    assert isolated
    assert all(isolated)


def test_far_from_a_change_paragraphs_are_folded_and_none_is_left_out() -> None:
    lines = [f"Paragraph {number} says what it says." for number in range(12)]
    changed = [*lines[:8], "Paragraph 8 says something else.", *lines[9:]]
    found = stretches(compare("\n\n".join(lines), "\n\n".join(changed)))
    assert [(one.folded, len(one.paragraphs)) for one in found] == [(True, 7), (False, 3), (False, 2)]
    shown = [text for one in found for each in one.paragraphs for change, text in each.runs if change != "removed"]
    assert "".join(shown) == "".join(changed)


def test_a_break_that_only_one_version_has_is_shown_as_a_mark() -> None:
    (found,) = stretches(
        [Piece("equal", "One."), Piece("removed", " "), Piece("added", "\n\n"), Piece("equal", "Two.")]
    )
    assert [one.runs for one in found.paragraphs] == [
        (("equal", "One."), ("removed", " "), ("added", "¶")),
        (("equal", "Two."),),
    ]


# Where people read of it


def test_an_answer_says_when_its_article_was_corrected(client: httpx.Client, archive: Archive) -> None:
    asked = ("/ask", {"q": "night ferry tickets"})
    assert "Corrected" not in client.get(asked[0], params=asked[1]).text
    put(client, SECOND)
    page = Page(client.get(asked[0], params=asked[1]).text)
    assert any("Corrected on 7 May 2019" in words(text) for text in page.all("p", **{"class": "source"}))
    assert any("3 May 2019, corrected on 7 May 2019" in text for text in page.all("pre"))


def test_a_correction_without_a_day_is_said_to_have_none(client: httpx.Client) -> None:
    put(client, {**FIRST, "text": f"{FIRST['text']}\n\nThis article has been corrected."})
    source = words(page_of(client, "/articles/ferry").all("p", **{"class": "source"})[0])
    assert source.endswith("Corrected; it does not say when")


def test_the_command_line_shows_what_changed(client: httpx.Client, archive: Archive) -> None:
    put(client, SECOND)
    folder = str(archive.path)
    shown = onrecord("articles", "diff", "ferry", "--archive", folder)
    assert shown.returncode == 0, shown.stderr
    flat = " ".join(shown.stdout.split())
    assert "Tickets will cost [-ten-]{+twenty+} cents more" in flat
    assert f"{{+{NOTE}+}}" in flat
    assert "corrected: unknown -> 2019-05-07" in flat
    told = json.loads(onrecord("articles", "diff", "ferry", "--from", "1", "--json", "--archive", folder).stdout)
    assert told == client.get("/v1/articles/ferry/diff").json()
    assert "corrected: 2019-05-07" in onrecord("articles", "show", "ferry", "--archive", folder).stdout
    wrong = onrecord("articles", "diff", "ferry", "--to", "1", "--archive", folder)
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert re.fullmatch(r"onrecord: no version of ferry before version 1, .*\n", wrong.stderr)


def test_the_wire_keeps_what_is_hostile_in_an_older_version_readable(client: httpx.Client, archive: Archive) -> None:
    archive.put([draft(HARBOUR)])
    archive.put([draft(replace(HARBOUR, text=HARBOUR.text.replace("ten", "\u202eten")))])
    pieces = client.get("/v1/articles/harbour%20ferry%3F%23%25%C3%A9/diff").json()["pieces"]
    assert "".join(one["text"] for one in pieces if one["change"] != "added") == HARBOUR.text
