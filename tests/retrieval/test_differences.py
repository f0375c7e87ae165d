"""What two texts differ in: to the letter, readable, and in bounded time."""

import random
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.differences import FieldChange, Piece, compare, difference
from retrieval.types import Article, StoredArticle

TEXT = st.text(alphabet=st.sampled_from("ab .,\n\r\té’"), max_size=80) | st.text(max_size=80)


def marked(before: str, after: str) -> str:
    """The difference with what was removed in [-...-], and what was added in {+...+}."""
    around = {"equal": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(around[piece.change].format(piece.text) for piece in compare(before, after))


@given(TEXT, TEXT)
def test_the_pieces_joined_are_both_texts_to_the_letter(before: str, after: str) -> None:
    pieces = compare(before, after)
    assert "".join(piece.text for piece in pieces if piece.change != "added") == before
    assert "".join(piece.text for piece in pieces if piece.change != "removed") == after
    assert all(piece.text for piece in pieces)
    neighbours = {(one.change, other.change) for one, other in pairwise(pieces)}
    assert neighbours <= {
        ("equal", "removed"), ("equal", "added"), ("removed", "added"), ("removed", "equal"), ("added", "equal"),
    }  # fmt: skip


@given(TEXT)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert compare(text, text) == ((Piece("equal", text),) if text else ())


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("Tickets cost ten cents.", "Tickets cost twenty cents.", "Tickets cost [-ten-]{+twenty+} cents."),
        ("It cost 4,000 euros.", "It cost 5,000 euros.", "It cost [-4,000-]{+5,000+} euros."),
        ("She said no.", "She said so.", "She said [-no-]{+so+}."),
        ("One.\n\nTwo.", "One.\n\nNew.\n\nTwo.", "One.\n\n{+New.\n\n+}Two."),
        ("One.\n\nTwo.\n\nThree.", "One.\n\nThree.", "One.\n\n[-Two.\n\n-]Three."),
        ("One.", "One.\n\nTwo.", "One.{+\n\nTwo.+}"),
        ("One.\n\nTwo.", "One.", "One.[-\n\nTwo.-]"),
        ("The ferry sails. The cook sings.", "The ferry sails.\n\nThe cook sings.",
         "The ferry sails.[- -]{+\n\n+}The cook sings."),
        ("", "All new.", "{+All new.+}"),
        ("All gone.", "", "[-All gone.-]"),
        ("cafe\u0301 and tea", "café and tea", "[-cafe\u0301-]{+café+} and tea"),
    ],
)  # fmt: skip
def test_it_is_told_in_whole_words_and_paragraphs(before: str, after: str, shown: str) -> None:
    assert marked(before, after) == shown


def test_a_changed_paragraph_is_found_again_behind_new_ones() -> None:
    kept = "The harbour ferry will keep its night service for another year, the council decided on {}."
    before, after = kept.format("Monday"), kept.format("Tuesday")
    new = "Beekeepers in the north have counted more hives than ever before."
    assert marked(f"{before}\n\nThe end.", f"{new}\n\n{after}\n\nThe end.") == (
        f"{{+{new}\n\n+}}{kept.format('[-Monday-]{+Tuesday+}')}\n\nThe end."
    )


def test_what_has_nothing_in_common_but_small_words_is_told_in_one_piece() -> None:
    before = "The council of the town met in the hall, and the mayor spoke to the people of the harbour."
    after = "A storm in the night tore the roof off the school, and the children of the village stayed at home."
    assert [piece.change for piece in compare(before, after)] in (
        ["removed", "added"],
        ["removed", "added", "equal"],  # the full stop
    )


def test_a_paragraph_that_has_moved_is_removed_in_one_place_and_added_in_the_other() -> None:
    one, two, three = "The ferry sails at noon.", "The cook sings at night.", "The bees have gone north."
    shown = marked(f"{one}\n\n{two}\n\n{three}", f"{three}\n\n{one}\n\n{two}")
    assert shown == f"{{+{three}\n\n+}}{one}\n\n{two}[-\n\n{three}-]"


def _shuffled(words: list[str], seed: int) -> str:
    return " ".join(random.Random(seed).sample(words, len(words)))


HOSTILE = {
    "the same line": ("a\n\n" * 20_000, "a\n\n" * 19_000 + "b"),
    "the same word": ("a " * 50_000, "b" + " a" * 49_000),
    "two words": tuple(" ".join(random.Random(seed).choices("ab", k=50_000)) for seed in (1, 2)),
    "other order": tuple(_shuffled([str(number) for number in range(20_000)], seed) for seed in (1, 2)),
    "backwards": ("\n".join(map(str, range(20_000))), "\n".join(map(str, range(20_000, 0, -1)))),
    "pairs of words": tuple(_shuffled([str(number // 2) for number in range(20_000)], seed) for seed in (1, 2)),
    "one long word": ("a" * 1_000_000, "a" * 999_999 + "b"),
    "line ends": ("\n" * 200_000, "\r\n" * 100_000),
}


@pytest.mark.parametrize(("before", "after"), HOSTILE.values(), ids=HOSTILE)
def test_long_and_hostile_texts_are_compared_with_bounded_work(before: str, after: str) -> None:
    pieces = compare(before, after)
    assert "".join(piece.text for piece in pieces if piece.change != "added") == before
    assert "".join(piece.text for piece in pieces if piece.change != "removed") == after


def test_what_is_told_of_the_article_otherwise_is_listed() -> None:
    first = Article("a", "The ferry sails.", title="Ferry", author="Ann Lee", published="2010-10-04")
    first = replace(first, extra={"tags": [1, 2], "section": "news"})
    second = replace(
        first, author=None, corrected="2010-10-05", extra={"desk": "city", "tags": [2, 1], "section": "news"}
    )
    before, after = StoredArticle(first, 1, current=False), StoredArticle(second, 2, current=True)
    found = difference(before, after)
    assert found.fields == (
        FieldChange("author", "Ann Lee", None),
        FieldChange("corrected", None, "2010-10-05"),
        FieldChange("desk", None, "city"),
        FieldChange("tags", "[1, 2]", "[2, 1]"),
    )
    assert found.pieces == (Piece("equal", "The ferry sails."),)
    assert (found.before, found.after) == (before, after)
