"""Citations in the formats that people write in, read back by what reads those formats."""

import re
from dataclasses import replace
from typing import Any

import pytest
from markdown_it import MarkdownIt

from retrieval.cite import cite_span
from retrieval.types import Article, StoredArticle
from service.citing import WRITTEN, Reference, as_bibtex, as_markdown, as_ris, as_text, of_article, of_passage

FERRY = Reference(
    title="Ferry to keep its night service",
    author="Anna Brandt and Bo Lee",
    publisher="The Tidewater Gazette",
    published="2019-05-03",
    address="https://gazette.example/ferry?page=1#:~:text=The%20ferry,stays",
    words="The night ferry stays,",
    place="1-23",
)

# Each would end a field, begin a command or a record, open a link or turn the writing in some format.
HOSTILE = [
    "}, url = {https://evil.example/}, x = {",
    "a } b { c \\} d \\{ e \\",
    "\\input{/etc/passwd} \\write18{rm -rf ~} %comment $x^2_1$ # & ~",
    "two\nlines\r\nER  - \r\nTY  - JOUR\r\nAU  - Somebody Else",
    "separators\u2028ER  - \u2029TY  - JOUR\u0085x\x0bx\x1cx\x00x",
    "@misc{second,\n title = {x}}\n@comment{",
    "[a](https://evil.example/) ![b](https://evil.example/x.png) <https://evil.example/>",
    "](https://evil.example/) **bold** _it_ `code` ~~gone~~ | cell | <script>alert(1)</script> &lt;b&gt;",
    "\\](https://evil.example/ \\\\",
    "```\ncode\n``` \n# Heading\n> quoted\n- item\n1. one\n---",
    "\u202eright to left\u2066 and isolated",
    "https://evil.example www.evil.example someone@evil.example",
    "“quoted” 'and' \"again\" – ünïcödé 𝔘 👩‍👩‍👧",
]
FIELDS = ["title", "author", "publisher", "words"]


def shown(text: str) -> str:
    """A text as a citation has it: one line, without control characters and marks of writing direction."""
    kept = "".join(" " if ord(sign) < 32 or 127 <= ord(sign) < 160 else sign for sign in text)
    return " ".join(re.sub("[\u202a-\u202e\u2066-\u2069]", "", kept).split())


def hostile(text: str) -> Reference:
    return replace(FERRY, title=text, author=text, publisher=text, words=text)


# What is written


def test_a_citation_as_text_is_one_line_with_words_title_source_date_and_address() -> None:
    assert as_text(FERRY) == (
        "“The night ferry stays,” — Ferry to keep its night service, The Tidewater Gazette, Anna Brandt and Bo Lee, "
        "3 May 2019, https://gazette.example/ferry?page=1#:~:text=The%20ferry,stays"
    )
    known = Reference(None, None, None, None, "/articles/a")
    assert as_text(known) == "Untitled article, /articles/a"


def test_a_citation_in_markdown_quotes_the_words_and_links_the_title() -> None:
    assert as_markdown(FERRY) == (
        "> “The night ferry stays,”\n>\n> — [Ferry to keep its night service]"
        "(<https://gazette.example/ferry?page=1#:~:text=The%20ferry,stays>), The Tidewater Gazette, "
        "Anna Brandt and Bo Lee, 3 May 2019"
    )


def test_a_citation_in_bibtex() -> None:
    assert as_bibtex(FERRY) == (
        "@misc{brandt2019ferry-1-23,\n"
        "  author = {Anna Brandt and Bo Lee},\n"
        "  title = {{Ferry to keep its night service}},\n"
        "  howpublished = {The Tidewater Gazette},\n"
        "  year = {2019},\n"
        "  month = may,\n"
        "  date = {2019-05-03},\n"
        "  url = {https://gazette.example/ferry?page=1#:~:text=The%20ferry,stays},\n"
        "  note = {``The night ferry stays,''}\n"
        "}\n"
    )


def test_a_citation_in_ris() -> None:
    assert as_ris(FERRY).split("\r\n") == [
        "TY  - NEWS",
        "AU  - Brandt, Anna",
        "AU  - Lee, Bo",
        "TI  - Ferry to keep its night service",
        "T2  - The Tidewater Gazette",
        "PY  - 2019",
        "DA  - 2019/05/03/",
        "UR  - https://gazette.example/ferry?page=1#:~:text=The%20ferry,stays",
        "N1  - “The night ferry stays,”",
        "ER  - ",
        "",
    ]


def test_a_citation_of_print_says_the_page() -> None:
    printed = replace(FERRY, page=3)
    assert "3 May 2019, p. 3, https:" in as_text(printed)
    assert as_markdown(printed).endswith("3 May 2019, p. 3")
    assert "  date = {2019-05-03},\n  pages = {3},\n" in as_bibtex(printed)
    assert "DA  - 2019/05/03/\r\nSP  - 3\r\nUR  - " in as_ris(printed)


def test_a_citation_says_when_what_it_cites_was_corrected() -> None:
    corrected = replace(FERRY, corrected="2019-05-07")
    assert "3 May 2019, corrected on 7 May 2019, https:" in as_text(corrected)
    assert as_markdown(corrected).endswith("3 May 2019, corrected on 7 May 2019")
    assert "  note = {``The night ferry stays,'' Corrected on 7 May 2019.}\n" in as_bibtex(corrected)
    assert "N1  - “The night ferry stays,”\r\nN1  - Corrected on 7 May 2019.\r\nER  - " in as_ris(corrected)
    whole = replace(corrected, words=None, corrected="2019-05")
    assert "  note = {Corrected in May 2019.}\n" in as_bibtex(whole)
    stored = StoredArticle(Article("a", "The ferry sails.", corrected="2019-05-07"), 1, current=True)
    cited = of_passage(cite_span(stored, 0, 9), "The ferry", "")
    assert of_article(stored, "").corrected == cited.corrected == "2019-05-07"


@pytest.mark.parametrize(("published", "year", "date"), [("2019", "2019", "2019///"), ("2019-05", "2019", "2019/05//")])
def test_a_reduced_date_stays_reduced(published: str, year: str, date: str) -> None:
    reference = replace(FERRY, published=published)
    assert f"PY  - {year}\r\nDA  - {date}\r\n" in as_ris(reference)
    assert f"date = {{{published}}}" in as_bibtex(reference)
    assert ("month" in as_bibtex(reference)) == ("-" in published)


@pytest.mark.parametrize(
    "byline", ["Marks and Spencer", "Press Association", "Brandt, Anna", "our staff", "A. B. C.", "ANNA", ""]
)
def test_a_byline_that_may_not_be_names_is_not_taken_apart(byline: str) -> None:
    ris = re.findall(r"AU  - (.*)\r", as_ris(replace(FERRY, author=byline)))
    if byline == "Press Association":  # looks like a name, and is cited as one
        assert ris == ["Association, Press"]
    elif byline != "A. B. C.":
        assert ris == [byline] * bool(byline)


def test_an_article_without_an_address_of_the_web_is_cited_by_ours() -> None:
    stored = StoredArticle(Article("a b", "“The ferry stays,” she said.", url="javascript:alert(1)"), 2, current=False)
    assert of_article(stored, "https://archive.example").address == "https://archive.example/articles/a%20b?version=2"
    passage = of_passage(cite_span(stored, 1, 16), stored.article.text[1:16], "https://archive.example")
    assert passage.address == "https://archive.example/articles/a%20b?version=2&start=1&end=16#v2-1-16"
    assert passage.words == "The ferry stays"


# What is read back


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_gets_out_of_its_field_in_bibtex(text: str) -> None:
    fields = read_bibtex(as_bibtex(hostile(text)))
    assert list(fields) == ["author", "title", "howpublished", "year", "month", "date", "url", "note"]
    assert [untex(fields[name]) for name in ("author", "title", "howpublished")] == [shown(text)] * 3
    assert untex(fields["note"].removeprefix("``").removesuffix("''")) == shown(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_gets_out_of_its_field_in_ris(text: str) -> None:
    lines = as_ris(hostile(text)).split("\r\n")
    assert lines.pop() == ""
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - [^\r\n\v\f\x1c-\x1e\x85\u2028\u2029]*", line) for line in lines)
    tags = [line[:2] for line in lines]
    assert tags == ["TY", "AU", "TI", "T2", "PY", "DA", "UR", "N1", "ER"]
    assert {tag: line[6:] for tag, line in zip(tags, lines, strict=True)}["TI"] == shown(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_markup_in_markdown(text: str) -> None:
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(as_markdown(hostile(text)))
    inline = [child for token in tokens for child in token.children or []]
    assert {token.type for token in tokens} <= {
        "blockquote_open", "blockquote_close", "paragraph_open", "paragraph_close", "inline",
    }  # fmt: skip
    assert [child.type for child in inline if child.type != "text_special"].count("link_open") == 1
    assert {child.type for child in inline} <= {"text", "text_special", "link_open", "link_close"}
    assert [child.attrs["href"] for child in inline if child.type == "link_open"] == [FERRY.address]
    read = "".join(child.content for child in inline)
    assert read == f"“{shown(text)}”— {shown(text)}, {shown(text)}, {shown(text)}, 3 May 2019"


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("field", FIELDS)
def test_a_citation_as_text_is_one_line_whatever_it_holds(text: str, field: str) -> None:
    changed: dict[str, Any] = {field: text}
    written = as_text(replace(FERRY, **changed))
    assert len(written.splitlines()) == 1
    assert shown(text) in written


@pytest.mark.parametrize("written", WRITTEN.values(), ids=lambda written: written.name)
def test_an_address_stays_in_its_place(written: object) -> None:
    address = 'https://evil.example/}{<>"\\^`| \n)]&x=ü%20'
    reference = replace(FERRY, address=address)
    assert "https://evil.example/%7D%7B" in as_bibtex(reference)
    assert "\n" not in as_ris(reference).split("UR  - ")[1].split("\r\n")[0]
    assert "<https://evil.example/}{" not in as_markdown(reference)
    assert MarkdownIt().render(as_markdown(reference)).count("<a ") == 1


def read_bibtex(text: str) -> dict[str, str]:
    """The fields of the one entry of a file, as BibTeX finds them: by counting braces, a backslash or not."""
    head = re.match(r"@misc\{([a-z0-9-]+),", text)
    assert head is not None
    fields, position = {}, head.end()
    while (name := re.compile(r"\s*([a-z]+) = ").match(text, position)) is not None:
        position = start = name.end()
        depth = 0
        while depth or text[position] not in ",\n":
            depth += (text[position] == "{") - (text[position] == "}")
            position += 1
        fields[name[1]] = text[start:position].removeprefix("{").removesuffix("}")
        position += text[position] == ","
    assert text[position:] == "\n}\n"
    return fields


def untex(value: str) -> str:
    """What TeX prints for a value."""
    signs = {
        "textbackslash": "\\", "textbraceleft": "{", "textbraceright": "}", "textasciitilde": "~",
        "textasciicircum": "^", "textless": "<", "textgreater": ">", "textbar": "|",
    }  # fmt: skip

    def printed(match: re.Match[str]) -> str:
        if match[0] == r"\symbol{64}":
            return "@"
        return signs[match[1]] if match[1] else match[0][1:] if match[0][0] == "\\" else ""

    return re.sub(r"\\symbol\{64\}|\\([a-z]+)\{\}|\\[$&#%_]|[{}]", printed, value)
