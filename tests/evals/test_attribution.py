"""The measure of attribution, on cases that can be counted by hand."""

from evals.attribution import Prediction, gold_units, judge, score, source_surnames

TEXT = "“We will wait,” said Ruth Calder. He added that it was late. But officials said it was not."
GOLD = [
    {"source": [[21, 32]], "cue": [[16, 20]], "content": [[0, 15]]},
    {"source": [[34, 36]], "cue": [[37, 42]], "content": [[43, 59]]},
    {"source": [[65, 74]], "cue": [[75, 79]], "content": [[80, 90]]},
]


def test_units_know_their_surnames_and_marks() -> None:
    units = gold_units(TEXT, GOLD, {(43, 59): "Peter Holm"})
    assert [(unit.direct, set(unit.surnames)) for unit in units] == [
        (True, {"calder"}),
        (False, {"holm"}),
        (False, set()),
    ]


def test_surname_is_the_head_of_the_source() -> None:
    assert source_surnames("Senator Rand Paul of Kentucky") == {"paul"}
    assert source_surnames("a Cruz adviser") == set()
    assert source_surnames("Mr. Rubio and Mr. Cruz") == {"rubio", "cruz"}


def test_every_verdict() -> None:
    units = gold_units(TEXT, GOLD, {})
    assert judge(Prediction(1, 14, True, "Ruth Calder"), units) == "right"
    assert judge(Prediction(1, 14, True, "Peter Holm"), units) == "wrong"
    assert judge(Prediction(1, 4, True, "Ruth Calder"), units) == "wrong"  # less than half of the unit
    assert judge(Prediction(43, 59, False, "Peter Holm"), units) == "aside"
    assert judge(Prediction(80, 90, False, "Peter Holm"), units) == "misnamed"


def test_score_counts_speakers_for_precision_and_units_for_recall() -> None:
    units = gold_units(TEXT, GOLD, {(43, 59): "Peter Holm"})
    predictions = [Prediction(1, 14, True, "Ruth Calder"), Prediction(48, 59, False, None)]
    total = score([(predictions, units)])
    assert (total.precision, total.recall) == (1.0, 0.5)
    assert (total.found, total.units) == (2, 3)
    assert score([(predictions, units)], direct=True).recall == 1.0
