"""A run and its judgements in the files of TREC, for trec_eval, ranx and whatever else reads them.

A run has lines ``QUERY Q0 DOCUMENT RANK SCORE TAG``, judgements have ``QUERY 0 DOCUMENT RELEVANCE``. Scores are whole
numbers that go down to 1, so that nobody's way with ties reorders a ranking.

Means over the judged queries are ours where a query without a result counts as 0: ``trec_eval -c``. An answerable
question that nothing is relevant to has one line that judges ``-``, which is no document, so that it counts too.
Unanswerable ones have no judgements, and take no part.
"""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from evals.metrics import Outcome
from retrieval.errors import EvaluationError

_TAG = "onrecord"
_NOTHING = "-"
# White space ends a column; of a percent sign it must be known whether it was there before.
_UNWRITABLE = re.compile(r"[\s%\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def run(outcomes: Sequence[Outcome]) -> str:
    """What came back for each question, best first.

    Raises:
        EvaluationError: An id is empty.
    """
    return "".join(_run(outcomes))


def qrels(outcomes: Sequence[Outcome]) -> str:
    """What is relevant to each answerable question, by how much.

    Raises:
        EvaluationError: An id is empty.
    """
    return "".join(_qrels(outcomes))


def _run(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for one in outcomes:
        query, last = _column(one.id), len(one.ranked)
        for rank, document in enumerate(one.ranked, start=1):
            yield f"{query} Q0 {_column(document)} {rank} {last + 1 - rank} {_TAG}\n"


def _qrels(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for one in outcomes:
        if not one.answerable:
            continue
        for document, relevance in one.relevant.items():
            yield f"{_column(one.id)} 0 {_column(document)} {relevance}\n"
        if not one.relevant:
            yield f"{_column(one.id)} 0 {_NOTHING} 0\n"


def _column(id_: str) -> str:
    """An id as one column: white space, control characters and percent signs escaped as in addresses."""
    if not id_:
        raise EvaluationError("a question or a document has an empty id, which no column of TREC's can hold; name it")
    return _UNWRITABLE.sub(lambda found: quote(found[0], safe="", errors="surrogatepass"), id_)
