"""Collections in the form of BEIR: ``corpus.jsonl``, ``queries.jsonl``, ``qrels.tsv``.

Documents become articles; a document's rank is that of its best passage. Of the qrels, positive judgements count.
A query may carry ``"answerable": false``.
"""

import csv
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from evals import jsonl
from evals.metrics import Outcome
from evals.run import Mode, Report, ranked, report
from retrieval import Archive
from retrieval.errors import EvaluationError
from retrieval.types import Article

_FILES = ("corpus.jsonl", "queries.jsonl", "qrels.tsv")
# Enough passages to find ten different documents among them.
_DEPTH = 50


def is_beir(folder: Path) -> bool:
    """Whether a folder looks like a collection in this form."""
    return all((folder / name).is_file() for name in _FILES)


def documents(folder: Path) -> Iterator[Article]:
    """The documents of a collection as articles."""
    for row, where in jsonl.rows(folder / "corpus.jsonl"):
        title = string(row, "title", where) if row.get("title") else None
        yield Article(id=string(row, "_id", where), text=string(row, "text", where), title=title)


def evaluate_beir(archive: Archive, folder: Path, mode: Mode = "fused") -> Report:
    """Run the queries of a collection over an archive of its documents."""
    qrels = judgements(folder)
    outcomes = []
    for row, where in jsonl.rows(folder / "queries.jsonl"):
        id_, text = string(row, "_id", where), string(row, "text", where)
        answerable = bool(row.get("answerable", True))
        if answerable and id_ not in qrels:
            continue  # unjudged, as trec_eval leaves them out
        began = time.perf_counter()
        ids, answer = ranked(archive, text[:500], _DEPTH, mode)
        took_ms = (time.perf_counter() - began) * 1000
        outcomes.append(
            Outcome(
                id=id_,
                kind="answerable" if answerable else "unanswerable",
                question=text,
                relevant=qrels.get(id_, {}) if answerable else {},
                ranked=tuple(dict.fromkeys(passage.rsplit(":", 2)[0] for passage in ids)),
                answerable=answerable,
                confidence=None if answer is None else answer.confidence,
                answered=None if answer is None else answer.answered,
                took_ms=took_ms,
                answer=answer,
            )
        )
    return report(folder.name, archive, mode, outcomes)


def judgements(folder: Path) -> dict[str, dict[str, int]]:
    """Relevance, above 0, by query and document.

    Raises:
        EvaluationError: A line is no judgement.
    """
    path = folder / "qrels.tsv"
    judged: dict[str, dict[str, int]] = defaultdict(dict)
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.reader(file, delimiter="\t"), start=1):
            if number == 1 and row[-1] == "score":
                continue
            try:
                query, document, relevance = row
                if int(relevance) > 0:
                    judged[query][document] = int(relevance)
            except ValueError as error:
                raise EvaluationError(f"{path}:{number}: not query, document and whole number: {row}") from error
    return judged


def string(row: jsonl.Row, name: str, where: str) -> str:
    """A string that has to be there; collections have empty documents."""
    return jsonl.typed(jsonl.need(row, name, where), str, where, repr(name))
