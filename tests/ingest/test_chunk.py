from collections.abc import Sequence

import pytest
import tiktoken
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.chunk import Chunker, _tokenizer
from ingest.sentences import paragraphs, sentences
from retrieval.encoder import Encoder
from retrieval.types import Span

# What breaks offsets: several code points to a character, right-to-left, other scripts' full stops and spaces, marks.
_SEVERAL = ["👩‍👩‍👧‍👦", "🇬🇧", "e\u0301\u0302", "Mr. ", "U.S. ", "\n\n", "\n  • "]
NASTY = st.lists(
    st.sampled_from([*"ab Z.?!…“”\"'‘’()[]•-\n\t\r \u2028\u200b\u200déß漢字。！अनुא\u00a0𝔘", *_SEVERAL])
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
    max_size=150,
).map("".join)


def pieces(text: str, chunker: Chunker) -> list[str]:
    return [text[of[0].start : of[-1].end] for of in chunker.passages(text)]


def split(text: str) -> list[str]:
    return [text[s.start : s.end] for p in paragraphs(text) for s in sentences(text, p)]


@pytest.fixture(scope="module")
def chunker(encoder: Encoder) -> Chunker:
    return Chunker(encoder.count, encoder.window, tokens=24)


@settings(max_examples=300, deadline=None)
@given(text=NASTY)
def test_passages_are_disjoint_ordered_and_together_hold_all_that_is_not_white_space(
    chunker: Chunker, text: str
) -> None:
    position = 0
    for of in chunker.passages(text):
        for sentence in of:
            assert position <= sentence.start < sentence.end
            assert not text[position : sentence.start].strip()
            position = sentence.end
    assert not text[position:].strip()


@settings(max_examples=200, deadline=None)
@given(text=NASTY)
def test_no_passage_is_longer_than_the_encoder_reads(chunker: Chunker, encoder: Encoder, text: str) -> None:
    for count in encoder.count(pieces(text, chunker)):
        assert count <= encoder.window


def test_a_passage_keeps_to_its_budget_of_tokens(chunker: Chunker) -> None:
    text = "The minister spoke of caseloads. " * 40
    counts = [len(_tokenizer().encode_ordinary(piece)) for piece in pieces(text, chunker)]
    assert max(counts) <= 24
    assert len(counts) > 5


def test_paragraphs_are_joined_while_they_fit_and_never_cut_when_they_do(chunker: Chunker) -> None:
    text = (
        "One short paragraph.\n\nAnother short one.\n\n"
        + "A third that is rather longer than both, and has more to say."
    )
    assert pieces(text, chunker) == ["One short paragraph.\n\nAnother short one.", text[42:]]


def test_a_heading_goes_with_what_it_heads(chunker: Chunker) -> None:
    text = (
        "A first paragraph that says enough to fill most of the budget of it.\n\n"
        "Cut bureaucracy\n\nHe insists that plans for it exist, and that they are good."
    )
    assert pieces(text, chunker)[1].startswith("Cut bureaucracy\n\nHe insists")


def test_a_quotation_of_several_sentences_stays_whole_where_it_fits(chunker: Chunker) -> None:
    text = (
        "It was a long meeting that went on until noon. He said: “We tried. We failed. We shall try again.” "
        "Nobody in the room answered him at all that day."
    )
    assert any("“We tried. We failed. We shall try again.”" in piece for piece in pieces(text, chunker))


def test_a_monstrous_sentence_is_cut_between_characters(chunker: Chunker) -> None:
    family = "👩‍👩‍👧‍👦"
    cut = pieces(family * 500, chunker)
    assert len(cut) > 1
    assert all(piece.replace(family, "") == "" for piece in cut)


def test_a_very_long_line_without_a_space_is_cut_too(chunker: Chunker) -> None:
    text = "x" * 100_000
    assert "".join(pieces(text, chunker)) == text


def test_the_vocabulary_comes_with_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    _tokenizer.cache_clear()
    tiktoken.registry.ENCODINGS.clear()
    assert _tokenizer().encode_ordinary("caseloads") == [25295, 77997, 82]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He left. She stayed.", ["He left.", "She stayed."]),
        ("Mr. Loughton MP spoke. Dr. Munro heard.", ["Mr. Loughton MP spoke.", "Dr. Munro heard."]),
        ("He lives at No. 10 now. Really?", ["He lives at No. 10 now.", "Really?"]),
        ("The U.S. Senate met. It rose.", ["The U.S. Senate met.", "It rose."]),
        ("He came from the U.S. The rest did not.", ["He came from the U.S.", "The rest did not."]),
        ("“Will it work?” he asked. Nobody knew.", ["“Will it work?” he asked.", "Nobody knew."]),
        ("He said: “It works.” “Does it?” she said.", ["He said: “It works.”", "“Does it?” she said."]),
        ("J. K. Smith wrote it. Yes.", ["J. K. Smith wrote it.", "Yes."]),
        ("It cost £1.5m. Too much.", ["It cost £1.5m.", "Too much."]),
        ("We want:\n  • more time\n  • less paper", ["We want:", "• more time", "• less paper"]),
        ("一句。又一句！", ["一句。", "又一句！"]),
        ("a line\nthat was wrapped. Next.", ["a line\nthat was wrapped.", "Next."]),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert split(text) == expected


def test_paragraphs_end_at_blank_lines_even_with_spaces_in_them() -> None:
    text = "  one\ntwo \n \t\n three\n"
    assert [text[p.start : p.end] for p in paragraphs(text)] == ["one\ntwo", "three"]


def test_counting_is_left_to_the_encoder() -> None:
    def by_words(texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    text = "one two three. Four five six. Seven eight nine."
    found = Chunker(by_words, window=6, tokens=1000).passages(text)
    assert found == [(Span(0, 14), Span(15, 29)), (Span(30, 47),)]
