from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.metrics import cohen_kappa_score

from evals.agreement import agree, agreement
from evals.corpus import Corpus
from evals.gold import Gold, Question
from retrieval.errors import EvaluationError
from tests.evals.articles import archive_of

HEAD = "Head teacher Omar Reid says that they are calmer"
PRICE = "said Ann Price, who leads the council"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    with archive_of(tmp_path_factory.mktemp("agreement") / "archive") as archive:
        yield Corpus(archive)


def question(id_: str, *gold: Gold, kind: str = "fact") -> Question:
    return Question(id_, f"question {id_}?", kind, gold, answerable=bool(gold))


marks = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40)


@given(marks)
def test_kappa_is_that_of_scikit_learn(pairs: list[tuple[bool, bool]]) -> None:
    tables = np.array([[a and b, a and not b, b and not a, not (a or b)] for a, b in pairs], np.int64)
    first, second = zip(*pairs, strict=True)
    found = agreement(tables, samples=10).kappa
    if len({*first, *second}) == 1:
        assert found is None
    else:
        assert found == pytest.approx(cohen_kappa_score(first, second))


def test_the_example_by_hand() -> None:
    """Agreed on 35 of 50, expected by chance 0.5 x 0.6 + 0.5 x 0.4 = 0.5."""
    found = agreement(np.array([[20, 5, 10, 15]]))
    assert found.kappa == pytest.approx(0.4)
    assert found.raw == pytest.approx(0.7)
    assert found.marked == pytest.approx(40 / 55)
    assert found.interval is None  # one question tells nothing of others


def test_the_interval_is_that_of_a_bootstrap_over_questions_and_always_the_same() -> None:
    chance = np.random.default_rng(3)
    tables = np.eye(4, dtype=np.int64)[chance.choice(4, 200, p=(0.4, 0.1, 0.1, 0.4))]
    found = agreement(tables)
    assert found == agreement(tables)
    assert found.interval is not None
    assert found.kappa is not None
    assert found.interval.low < found.kappa < found.interval.high
    # Fleiss, Cohen and Everitt (1969): about 1.96 x sqrt(po (1 - po) / n) / (1 - pe) to either side.
    half = 1.96 * np.sqrt(found.raw * (1 - found.raw) / 200) / 0.5
    assert_allclose((found.interval.high - found.interval.low) / 2, half, rtol=0.15)


def test_pairs_of_question_and_passage_are_counted_over_the_whole_archive(corpus: Corpus) -> None:
    mine = [question("1", Gold("bridge", PRICE)), question("2", Gold("school", HEAD))]
    yours = [question("1", Gold("bridge", "Ann Price, who leads the council")), question("2")]
    compared = agree(mine, yours, corpus)
    passages = corpus.archive.coverage().passages
    every = compared.by_kind["all"]
    assert every.passages.table == (1, 1, 0, 2 * passages - 2)
    assert every.answerable.table == (1, 1, 0, 0)
    (one,) = compared.disagreements
    assert (one.id, one.first.answerable, one.second.answerable) == ("2", True, False)
    assert one.first.gold == (Gold("school", HEAD),)
    assert len(one.first.passages) == 1


def test_other_quotes_in_the_same_passage_are_no_disagreement(corpus: Corpus) -> None:
    first, second = question("1", Gold("bridge", PRICE)), question("1", Gold("bridge", "She put the cost at £2m"))
    assert agree([first], [second], corpus).disagreements == ()


def test_by_kind_and_what_only_one_of_them_has(corpus: Corpus) -> None:
    gold = Gold("bridge", PRICE)
    mine = [question("1", gold), question("2", gold, kind="said"), question("3", gold), question("4", gold)]
    yours = [*mine[:2], replace(mine[2], question="something else?"), question("5", gold)]
    compared = agree(mine, yours, corpus)
    assert (compared.only_first, compared.only_second, compared.reworded) == (("4",), ("5",), ("3",))
    assert {kind: one.questions for kind, one in compared.by_kind.items()} == {"fact": 1, "said": 1, "all": 2}


def test_sets_with_nothing_in_common_are_refused(corpus: Corpus) -> None:
    with pytest.raises(EvaluationError, match="no question in common"):
        agree([question("1")], [question("2")], corpus)


def test_a_table_of_more_pairs_than_an_integer_squared_holds() -> None:
    huge = agreement(np.array([[10**6, 10**5, 10**5, 6 * 10**9]]), samples=2)
    assert huge.kappa == pytest.approx(huge.marked, abs=1e-3)


def test_json_has_all_of_it(corpus: Corpus, tmp_path: Path) -> None:
    shown = agree([question("1", Gold("bridge", PRICE))], [question("1")], corpus).as_json()
    assert shown["disagreements"][0]["first"]["gold"] == ({"article": "bridge", "quote": PRICE},)
    assert shown["by_kind"]["all"]["passages"]["kappa"] == 0
