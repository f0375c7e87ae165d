"""Speaker attribution measured against human spans of source, cue and content.

Definition. A gold *unit* is one contiguous content span of an attribution. A prediction *finds* a unit if it
overlaps at least half of the unit's characters. The *surname* of a gold attribution comes from its source
span when a capitalised name is the head of that span; else, if the span has no capitalised word, from the
resolved speaker that a question gives for the unit. Where neither is known ("officials", "a Cruz adviser", an
unresolved "he") the unit takes part in no speaker test.

* recall = units with a known surname that a prediction with that surname finds / units with a known surname.
* precision = right predictions / right and wrong predictions. Only predictions with a speaker count; one is
  right if it finds a unit with its surname, set aside if it finds units and none has a known surname, else
  wrong (also if it finds none).
* strict precision = the same, but a prediction that names somebody where the human source is a description
  ("officials", "polls") is wrong, and only pronouns and missing sources are set aside.
* found = share of all units, known surname or not, that some prediction finds.

*Direct* units lie mostly (more than half of their characters) between quotation marks; a prediction is direct
if it says so. PolNeAR: Newell et al., "An Attribution Relations Corpus for Political News", LREC 2018.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_QUOTED = re.compile(r"“[^”\n]*”?|\"[^\"\n]*\"?|''.*?(?:''|$)|‘[^’\n]*(?:’(?=\w)[^’\n]*)*’?", re.MULTILINE)
_NAME_WORD = re.compile(r"[A-Z][\w’'.-]*$")
_CUT = re.compile(r"\(|,|;| – | — | of | from | at | in | on | who |\n")
_AFTER_ROLE = re.compile(
    r"\b(?:Secretary|Speaker|Department|University|Institute|Director) of (?:the )?(?:[A-Z]\w+ )?",
    re.IGNORECASE,
)
_NO_NAMES = {
    "one",
    "others",
    "anyone",
    "several",
    "most",
    "many",
    "some",
    "both",
    "all",
    "those",
    "these",
    "secretary",
    "speaker",
    "president",
    "actor",
    "poll",
}
_SUFFIX = {"jr", "jr.", "sr", "sr.", "ii", "iii"}
PRONOUNS = {
    "he",
    "she",
    "they",
    "i",
    "we",
    "it",
    "who",
    "his",
    "her",
    "their",
    "him",
    "them",
    "my",
    "our",
    "its",
    "you",
    "me",
    "us",
}


@dataclass(frozen=True, slots=True)
class Unit:
    """One gold content span; ``surnames`` in lower case, none if unknown, several of a joint source."""

    start: int
    end: int
    direct: bool
    surnames: frozenset[str]
    source: str
    pronoun: bool = False


@dataclass(frozen=True, slots=True)
class Prediction:
    """What is compared of a predicted quotation."""

    start: int
    end: int
    direct: bool
    speaker: str | None
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one kind of quotation, and the ratios that follow from them."""

    right: int
    wrong: int
    wrong_strict: int
    recalled: int
    known: int
    found: int
    units: int

    @property
    def precision(self) -> float:
        """Share of right ones among predictions with a speaker."""
        return self.right / max(1, self.right + self.wrong)

    @property
    def strict_precision(self) -> float:
        """Precision where naming somebody for a plain description is wrong."""
        return self.right / max(1, self.right + self.wrong_strict)

    @property
    def recall(self) -> float:
        """Share of units with a known speaker that are found with that speaker."""
        return self.recalled / max(1, self.known)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.precision * self.recall / max(1e-9, self.precision + self.recall)

    def __str__(self) -> str:
        """One line for people."""
        return (
            f"P {self.precision:.3f} ({self.right}/{self.right + self.wrong}, "
            f"strict {self.strict_precision:.3f})  "
            f"R {self.recall:.3f} ({self.recalled}/{self.known})  F1 {self.f1:.3f}  "
            f"found {self.found / max(1, self.units):.3f} ({self.found}/{self.units})"
        )


def gold_units(
    text: str, attributions: Iterable[Mapping[str, object]], resolved: Mapping[tuple[int, int], str]
) -> list[Unit]:
    """Units of one article.

    Args:
        text: The article's text.
        attributions: With ``source`` and ``content`` as lists of ``[start, end]``.
        resolved: Full name of the speaker by content span, where it is known.

    Returns:
        The units in order.
    """
    units = []
    quoted = [match.span() for match in _QUOTED.finditer(text)]
    for attribution in attributions:
        source = " ".join(text[start:end] for start, end in _spans(attribution, "source"))
        for start, end in _spans(attribution, "content"):
            names = source_surnames(source)
            if source.lower() in names and re.search(rf"\b{re.escape(source.lower())}\b", text):
                names = frozenset()  # "Voters": a capital that only the start of a sentence gave
            if not names and not re.search(r"[A-Z]\w", source[1:]):
                names = frozenset(filter(None, [_last_word(resolved.get((start, end), ""))]))
            inside = sum(max(0, min(end, stop) - max(start, first)) for first, stop in quoted)
            pronoun = not source or source.lower().strip() in PRONOUNS
            units.append(Unit(start, end, inside * 2 > end - start, names, source, pronoun))
    return sorted(units, key=lambda unit: (unit.start, unit.end))


def _spans(attribution: Mapping[str, object], key: str) -> list[tuple[int, int]]:
    value = attribution.get(key) or []
    assert isinstance(value, list)  # noqa: S101 - the data's own shape
    return [(int(start), int(end)) for start, end in value]


def source_surnames(source: str) -> frozenset[str]:
    """Surnames in a source span, in lower case: the capitalised words that end the heads of its conjuncts.

    "Senator Rand Paul of Kentucky" gives paul, "a Cruz adviser" nothing, "Mr. Rubio and Mr. Cruz" both.
    """
    heads = re.split(r" and | & ", _CUT.split(_AFTER_ROLE.sub(" ", source.strip()))[0])
    found = {_head_surname(head.strip()) for head in heads}
    return frozenset(name for name in found if name)


def _head_surname(head: str) -> str | None:
    head = re.sub(r"(?:'s|’s|’|')$", "", head)
    words = [word for word in head.split() if word.lower() not in _SUFFIX]
    if not words or not _NAME_WORD.match(words[-1]) or words[-1].lower() in PRONOUNS | _NO_NAMES:
        return None
    return words[-1].lower().strip(".")


def _last_word(name: str) -> str | None:
    words = [word for word in name.split() if word.lower() not in _SUFFIX]
    return words[-1].lower().strip(".") if words else None


def finds(prediction: Prediction, unit: Unit) -> bool:
    """Whether a prediction overlaps at least half of a unit's characters."""
    overlap = min(prediction.end, unit.end) - max(prediction.start, unit.start)
    return overlap > 0 and overlap * 2 >= unit.end - unit.start


def same_speaker(prediction: Prediction, unit: Unit) -> bool:
    """Whether a prediction names somebody of a unit's surname."""
    return prediction.speaker is not None and _last_word(prediction.speaker) in unit.surnames


def judge(prediction: Prediction, units: Sequence[Unit]) -> str:
    """``right``, ``wrong``, ``misnamed`` (a name for a plain description) or ``aside`` for one prediction."""
    met = [unit for unit in units if finds(prediction, unit)]
    if any(same_speaker(prediction, unit) for unit in met):
        return "right"
    if met and all(not unit.surnames for unit in met):
        return "aside" if any(unit.pronoun for unit in met) else "misnamed"
    return "wrong"


def score(pairs: Iterable[tuple[Sequence[Prediction], Sequence[Unit]]], direct: bool | None = None) -> Score:
    """Score predictions of many articles.

    Args:
        pairs: Predictions and units of each article.
        direct: Only direct quotations, only indirect ones, or all with None.

    Returns:
        The counts.
    """
    counts: Counter[str] = Counter()
    for predictions, units in pairs:
        for prediction in predictions:
            if prediction.speaker is not None and direct in {None, prediction.direct}:
                counts[judge(prediction, units)] += 1
        for unit in units:
            if direct in {None, unit.direct}:
                _count_unit(unit, predictions, counts)
    wrong = counts["wrong"]
    return Score(
        counts["right"],
        wrong,
        wrong + counts["misnamed"],
        counts["recalled"],
        counts["known"],
        counts["found"],
        counts["units"],
    )


def _count_unit(unit: Unit, predictions: Sequence[Prediction], counts: Counter[str]) -> None:
    met = [prediction for prediction in predictions if finds(prediction, unit)]
    counts["units"] += 1
    counts["found"] += bool(met)
    counts["known"] += bool(unit.surnames)
    counts["recalled"] += any(same_speaker(prediction, unit) for prediction in met)
