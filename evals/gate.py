"""Whether a run is worse than its baseline by more than chance: what stops a release.

A figure falls where the paired randomisation test, one-sided, says so at 5 % after Holm's correction. So it takes
eight questions that got worse where none got better; the few whose ranks change places between processors that multiply
in bf16 and in fp32 are noise, by this test too (docs/decisions.md).

MRR@10 and nDCG@10 stand for hit@1, hit@3 and hit@10, which are coarser views of the same ranks: with these as well
Holm's correction would ask more of all the others, and they found no damage that the others did not.

What a single lost passage takes with it is too little for any test, but it is no chance either: where nothing else has
changed, a question that had its answer among the first ten has lost it if that is not even a candidate any more.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from evals.gold import Question
from evals.paired import STATEMENT_PRECISION, STATEMENT_RECALL, Change, Flip, changes, differing, figures, flips
from evals.recorded import Recorded
from retrieval import Archive
from retrieval.errors import ArticleNotFound, EvaluationError, Incomparable

GATED = ("MRR@10", "nDCG@10", "AUROC", "false answers", "wrong refusals", STATEMENT_RECALL, STATEMENT_PRECISION)
_LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Gate:
    """A run beside its baseline.

    Attributes:
        changes: The gated figures; those that fell are in ``fell``.
        flips: What is right in one of the two and wrong in the other.
        lost: Questions that had a relevant result among the first ten, and now none among all candidates.
        missing: Questions, statements and figures of the baseline that the run lacks.
        settings: What the two were run with, where that differs, by name.
    """

    changes: Sequence[Change]
    flips: Sequence[Flip]
    lost: Sequence[str]
    missing: Sequence[str]
    settings: Mapping[str, tuple[str | None, str | None]]

    @property
    def fell(self) -> list[Change]:
        """Figures that got worse by more than their noise."""
        return [one for one in self.changes if one.worse and one.corrected <= _LEVEL]

    @property
    def passed(self) -> bool:
        """Whether nothing fell, and nothing is missing."""
        return not (self.fell or self.lost or self.missing)

    @property
    def summary(self) -> str:
        """Why the gate does not pass, in one line."""
        reasons = [
            *(
                f"{one.name} went from {one.before:.3f} to {one.after:.3f} (p = {one.corrected:.2g})"
                for one in self.fell
            ),
            *(f"{len(self.lost)} questions lost their answer ({_few(self.lost)})" for _ in self.lost[:1]),
            *(f"{len(self.missing)} missing ({_few(self.missing)})" for _ in self.missing[:1]),
        ]
        return f"worse than the baseline: {'; '.join(reasons)}"

    def as_json(self) -> dict[str, Any]:
        """The verdict as JSON values."""
        fell = {one.name for one in self.fell}
        return {
            "passed": self.passed,
            "figures": [{**asdict(one), "fell": one.name in fell} for one in self.changes],
            "flips": [asdict(one) for one in self.flips],
            "lost": list(self.lost),
            "missing": list(self.missing),
            "settings": {name: list(both) for name, both in self.settings.items()},
        }


def gate(before: Recorded, after: Recorded) -> Gate:
    """Hold a run against its baseline.

    Raises:
        Incomparable: It is of another set or of other articles.
    """
    if before.set_sha256 != after.set_sha256:
        raise Incomparable(
            f"the baseline is of another set ({before.name}, {before.set_sha256[:12]}) than this run ({after.name}, "
            f"{after.set_sha256[:12]}); give its own --baseline, or make that with --update-baseline"
        )
    _check_corpus(before, after.corpus_sha256)
    settings = differing(before, after)
    return Gate(
        changes=changes(before, after, GATED, "less"),
        flips=flips(before, after),
        # With another model or other passages some are lost and others are won: that is for the figures to weigh.
        lost=[] if settings else _lost(before, after),
        missing=list(_missing(before, after)),
        settings=settings,
    )


def check_archive(before: Recorded, archive: Archive, questions: Iterable[Question]) -> None:
    """See that an archive holds the articles that the baseline was made on, before anything is asked.

    Raises:
        EvaluationError: It has lost some of the articles that the questions are about.
        Incomparable: It holds others.
    """
    ids = sorted({gold.article for question in questions for gold in question.gold})
    lost = [id_ for id_ in ids if not _holds(archive, id_)]
    # An archive that has none of them is about something else.
    if lost and len(lost) < len(ids):
        raise EvaluationError(
            f"the archive has lost {len(lost)} of the {len(ids)} articles that the set asks about: {', '.join(lost)}; "
            "ingest them again"
        )
    _check_corpus(before, archive.corpus_sha256())


def _holds(archive: Archive, article_id: str) -> bool:
    try:
        archive.article(article_id)
    except ArticleNotFound:
        return False
    return True


def _check_corpus(before: Recorded, corpus_sha256: str) -> None:
    if before.corpus_sha256 != corpus_sha256:
        raise Incomparable(
            f"the baseline was made on other articles ({before.corpus_sha256[:12]}) than this archive's "
            f"({corpus_sha256[:12]}); give the archive of its articles, or make a baseline of this one's: "
            "--baseline FILE --update-baseline"
        )


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")


def _lost(before: Recorded, after: Recorded) -> list[str]:
    gone = {"cut", "not_retrieved"}
    return [
        id_
        for id_, one in after.results.items()
        if not gone.isdisjoint(one.failures) and id_ in before.results and before.results[id_].rank is not None
    ]


def _missing(before: Recorded, after: Recorded) -> Collection[str]:
    measured = figures(after)
    places = {one.place for one in after.golden}
    return [
        *(f"question {id_}" for id_ in before.results if id_ not in after.results),
        *(f"statement {one.place}" for one in before.golden if one.place not in places),
        *(f"figure {name}" for name in figures(before) if name in GATED and name not in measured),
    ]
