import gzip
import random
import zlib
from collections.abc import Sequence
from pathlib import Path

import brotli
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.documents import Document
from ingest.ids import id_of
from ingest.read import read_file
from retrieval.errors import SourceError
from tests.ingest.dialects import documents, items, of, problems

SITE = "https://courier.example"
HTML = ("Content-Type", "text/html; charset=utf-8")
Page = tuple[str, bytes, Sequence[tuple[str, str]], str]


def story(name: str) -> str:
    said = (
        "The minister said on Monday that caseloads had risen by a tenth, and that she would publish a plan in summer."
    )
    text = "".join(f"<p>{name}, {number}: {said}</p>" for number in range(5))
    return f"""<html><head><title>{name}</title><meta property="og:site_name" content="The Courier">
<meta property="article:published_time" content="2010-10-04T00:30:00+01:00"><meta name="author" content="Jane Doe">
</head><body><article><h1>{name}</h1>{text}</article></body></html>"""


def page(path: str, body: bytes | str | None = None, *headers: tuple[str, str], status: str = "200 OK") -> Page:
    data = story(f"Story {path}") if body is None else body
    return f"{SITE}{path}", data.encode() if isinstance(data, str) else data, headers or (HTML,), status


def warc(path: Path, *pages: Page) -> Path:
    """A crawl, each page with its request as crawlers keep them."""
    records = [_record("warcinfo", "", b"software: a crawler\r\n")]
    for url, body, headers, status in pages:
        told = "".join(f"{name}: {value}\r\n" for name, value in headers)
        records.append(_record("request", url, b"GET / HTTP/1.1\r\n\r\n"))
        records.append(_record("response", url, f"HTTP/1.1 {status}\r\n{told}\r\n".encode() + body))
    path.write_bytes(b"".join(gzip.compress(one) if path.suffix == ".gz" else one for one in records))
    return path


def _record(kind: str, url: str, block: bytes) -> bytes:
    told = f"WARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nContent-Length: {len(block)}"
    return f"WARC/1.0\r\n{told}\r\n\r\n".encode() + block + b"\r\n\r\n"


@pytest.fixture(params=["a.warc.gz", "a.warc"])
def crawl(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / str(request.param)


def titles(found: Sequence[object]) -> list[str]:
    return [one.given["title"] for one in found if isinstance(one, Document)]


def test_a_page_is_an_article_with_the_address_where_it_was_found(crawl: Path) -> None:
    (document,) = read_file(
        warc(crawl, page("/2010/a", story("A story").replace("<head>", '<link rel="canonical" href="/b">')))
    )
    assert isinstance(document, Document), document
    assert (document.id, document.format) == (id_of(f"{SITE}/2010/a"), "html")
    assert document.given == {
        "title": "A story",
        "author": "Jane Doe",
        "publisher": "The Courier",
        "published": "2010-10-04",
        "url": f"{SITE}/2010/a",
    }
    paragraphs = document.text.split("\n\n")[-5:]
    assert [one[:10] for one in paragraphs] == [f"A story, {number}" for number in range(5)]


def test_what_is_no_article_is_passed_over_without_a_word(crawl: Path) -> None:
    others = (
        page("/"),
        page("/index.html"),
        page("/gone", status="404 Not Found"),
        page("/moved", status="301 Moved Permanently"),
        page("/picture.jpg", b"\xff\xd8\xff", ("Content-Type", "image/jpeg")),
        page("/notice", "<p>We use cookies.</p>"),
        page("/list", "<html><body><a href='/a'>A</a> <a href='/b'>B</a></body></html>"),
        page("/untyped", story("Untyped"), ("X-Y", "z")),
    )
    assert titles(documents(items(warc(crawl, *others, page("/a"))))) == ["Story /a"]


def test_only_where_a_whole_crawl_holds_no_article_is_that_an_error(crawl: Path) -> None:
    (said,) = problems(items(warc(crawl, page("/"), page("/list", "<p>Hello</p>"))))
    assert said == f"{crawl.name}: no article is in this crawl: 2 pages of HTML, front pages and listings"


def test_a_page_that_was_captured_before_is_not_read_again(crawl: Path) -> None:
    again = (page("/a"), page("/a"), page("/a", story("Changed")), page("/copy", story("Story /a")), page("/b"))
    assert titles(documents(items(warc(crawl, *again)))) == ["Story /a", "Story /b"]


def chunked(data: bytes) -> bytes:
    pieces = (data[start : start + 99] for start in range(0, len(data), 99))
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


RAW = story("A story").encode()
BARE = zlib.compressobj(wbits=-15)
DEFLATED = BARE.compress(RAW) + BARE.flush()


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (gzip.compress(RAW, mtime=0), {"Content-Encoding": "gzip"}),
        (zlib.compress(RAW), {"Content-Encoding": "deflate"}),
        (DEFLATED, {"Content-Encoding": "deflate"}),
        (brotli.compress(RAW), {"Content-Encoding": "br"}),
        (gzip.compress(brotli.compress(RAW), mtime=0), {"Content-Encoding": "br, gzip"}),
        (chunked(RAW), {"Transfer-Encoding": "chunked"}),
        (chunked(gzip.compress(RAW, mtime=0)), {"Content-Encoding": "gzip", "Transfer-Encoding": "chunked"}),
        (RAW, {"Content-Encoding": "gzip", "Transfer-Encoding": "chunked"}),
        (RAW, {"Content-Encoding": "br"}),
        (RAW, {}),
    ],
)
def test_what_was_done_to_a_page_on_its_way_is_undone(body: bytes, headers: dict[str, str], crawl: Path) -> None:
    assert titles(documents(items(warc(crawl, page("/a", body, HTML, *headers.items()))))) == ["A story"]


def test_the_encoding_is_the_one_that_the_server_says(crawl: Path) -> None:
    body = story("Привет").encode("koi8-r")
    made = warc(crawl, page("/a", body, ("Content-Type", "text/html; charset=KOI8-R")))
    assert titles(documents(items(made))) == ["Привет"]


@pytest.mark.parametrize(
    ("coding", "body", "problem"),
    [
        ("gzip", gzip.compress(b"<p>a" * 5_000_000), "has more than 8 MB"),
        ("br", brotli.compress(b"<p>a" * 5_000_000, quality=1), "has more than 8 MB"),
        ("gzip, gzip", gzip.compress(gzip.compress(b" " * 20_000_000)), "has more than 8 MB"),
        ("gzip", b"\x1f\x8b\x08" + b"x" * 99, "its compression (gzip) is damaged"),
        ("zstd", b"x", "is compressed by 'zstd', which is not read"),
    ],
)
def test_a_page_that_is_not_read_is_an_error_by_its_address(
    coding: str, body: bytes, problem: str, crawl: Path
) -> None:
    made = warc(crawl, page("/bad", body, HTML, ("Content-Encoding", coding)), page("/a"))
    broken, whole = items(made)
    assert isinstance(broken, SourceError)
    assert broken.where.endswith(f" {SITE}/bad")
    assert problem in str(broken)
    assert titles([whole]) == ["Story /a"]


def test_a_damaged_record_is_one_error_and_those_behind_it_are_read(crawl: Path) -> None:
    names = [f"/{number}" for number in range(6)]
    data = bytearray(warc(crawl, *map(page, names)).read_bytes())
    at = len(data) // 2
    if crawl.suffix == ".gz":
        data[at : at + 40] = b"\0" * 40
    else:
        at = data.index(b"WARC/1.", at)
        data[at : at + 20] = b"X" * 20
    found = of(crawl.parent, crawl.name, bytes(data))
    (said,) = problems(found)
    assert "is damaged or cut off" in said
    read = titles(found)
    assert len(read) in {5, 6}  # a request may be what was hit
    assert read[-1] == "Story /5"


def test_a_crawl_that_is_cut_off_is_read_as_far_as_it_goes(crawl: Path) -> None:
    data = warc(crawl, page("/a"), page("/b")).read_bytes()
    found = of(crawl.parent, crawl.name, data[:-300])
    assert titles(found) == ["Story /a"]
    assert len(problems(found)) == 1


def test_a_crawl_that_was_compressed_as_a_whole_is_read(tmp_path: Path) -> None:
    plain_ = warc(tmp_path / "a.warc", page("/a"), page("/b")).read_bytes()
    assert titles(documents(of(tmp_path, "b.warc.gz", gzip.compress(plain_)))) == ["Story /a", "Story /b"]


def test_whatever_is_damaged_only_documents_and_errors_come_of_it(crawl: Path) -> None:
    chance, whole = random.Random(7), warc(crawl, page("/"), page("/a")).read_bytes()
    for _ in range(40):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(len(data))
            data[at : at + chance.choice((0, 1, 9))] = chance.choice(
                (b"\r\n", b"WARC/1.0", b"\0", b"\x1f\x8b\x08", b": 9", b"<")
            )
        assert of(crawl.parent, crawl.name, bytes(data))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.binary(max_size=200), before=st.sampled_from([b"", b"WARC/1.0\r\n", b"\x1f\x8b\x08\0"]))
def test_of_any_bytes_only_errors_come(data: bytes, before: bytes, tmp_path: Path) -> None:
    assert problems(of(tmp_path, "a.warc", before + data))


def test_a_page_nested_beyond_all_measure_does_not_end_the_crawl(crawl: Path) -> None:
    deep = "<div>" * 100_000 + "text"
    assert titles(items(warc(crawl, page("/deep", deep), page("/a")))) == ["Story /a"]


def test_what_is_passed_over_is_told_by_the_worker_and_handed_out_to_nobody(crawl: Path) -> None:
    pictures = [page(f"/{number}.jpg", b"\xff", ("Content-Type", "image/jpeg")) for number in range(50)]
    (item,) = read_file(warc(crawl, *pictures, page("/a")))
    assert isinstance(item, Document)
