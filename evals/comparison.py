"""Two runs of the same questions: which is better, by how much, whether that is chance, and which questions changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from evals.paired import Change, Flip, changes, differing, figures, flips, interval
from evals.recorded import Recorded
from evals.significance import Interval
from retrieval.errors import Incomparable


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure of both runs; ``interval`` is the 95 % one of how much higher the second's is."""

    change: Change
    interval: Interval


@dataclass(frozen=True, slots=True)
class Comparison:
    """A second run beside a first.

    Attributes:
        names: What to call the two.
        questions: How many there are.
        figures: All that both runs have.
        of_one: Names of those that only one of them has.
        flips: What is right in one of the two and wrong in the other.
        settings: What the two were run with, where that differs, by name.
        same_corpus: Whether both were asked of the same articles.
    """

    names: tuple[str, str]
    questions: int
    figures: Sequence[Compared]
    of_one: Sequence[str]
    flips: Sequence[Flip]
    settings: Mapping[str, tuple[str | None, str | None]]
    same_corpus: bool

    def as_json(self) -> dict[str, Any]:
        """The comparison as JSON values."""
        return {
            "a": self.names[0],
            "b": self.names[1],
            "questions": self.questions,
            "same_corpus": self.same_corpus,
            "settings": {name: list(both) for name, both in self.settings.items()},
            "figures": [_row(one) for one in self.figures],
            "of_one": list(self.of_one),
            "flips": [asdict(one) for one in self.flips],
        }


def compare(first: Recorded, second: Recorded, names: tuple[str, str]) -> Comparison:
    """Hold a run against another, figure by figure and question by question.

    Args:
        first: The one that was there before.
        second: The one that may be better.
        names: What to call them.

    Raises:
        Incomparable: They are of different questions, or of different golden statements in the same articles.
    """
    same_corpus = first.corpus_sha256 == second.corpus_sha256
    _check(first, second, names, same_corpus=same_corpus)
    ours, theirs = figures(first), figures(second)
    return Comparison(
        names=names,
        questions=len(first.results),
        figures=[
            Compared(one, interval(ours[one.name], theirs[one.name])) for one in changes(first, second, ours.keys())
        ],
        of_one=sorted(ours.keys() ^ theirs.keys()),
        flips=flips(first, second),
        settings=differing(first, second),
        same_corpus=same_corpus,
    )


def _check(first: Recorded, second: Recorded, names: tuple[str, str], *, same_corpus: bool) -> None:
    told = "; run one set on both"
    ours, theirs = first.results.keys(), second.results.keys()
    if ours != theirs:
        alone = zip(names, (ours - theirs, theirs - ours), strict=True)
        only = [f"{_few(some)} only in {name}" for name, some in alone if some]
        raise Incomparable(f"the runs are of different questions: {', '.join(only)}{told}")
    if first.set_sha256 != second.set_sha256:
        raise Incomparable(
            f"the runs have questions of the same ids, but their words or their gold differ (sets "
            f"{first.set_sha256[:12]} and {second.set_sha256[:12]}){told}"
        )
    both = [{one.place for one in run.golden} for run in (first, second)]
    if same_corpus and both[0] != both[1]:
        raise Incomparable(f"the runs are of different golden statements: {_few(both[0] ^ both[1])} in one alone{told}")


def _few(ids: Iterable[str]) -> str:
    listed = sorted(ids)
    shown = ", ".join(map(repr, listed[:3])) + (", ..." if len(listed) > 3 else "")
    return f"{len(listed)} ({shown})"


def _row(one: Compared) -> dict[str, Any]:
    change = one.change
    return {
        "name": change.name,
        "a": change.before,
        "b": change.after,
        "difference": change.difference,
        "interval": [one.interval.low, one.interval.high],
        "p": change.p,
        "corrected": change.corrected,
        "wins": change.wins,
        "ties": change.ties,
        "losses": change.losses,
    }
