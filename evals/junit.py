"""A run as JUnit XML, which continuous integration shows: a test a question, a suite a kind, figures as properties."""

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from evals.failures import EXPLAINED, Failure
from evals.metrics import Outcome
from evals.paired import STATEMENT_PRECISION, STATEMENT_RECALL
from evals.run import Report

# What XML 1.0 allows is its own production 2; all else has no way in, not even as a reference.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(report: Report) -> bytes:
    """The run as an XML document in UTF-8."""
    failed = [one for one in report.outcomes if _reasons(one)]
    root = Element("testsuites", name=_text(report.name), tests=str(report.questions), failures=str(len(failed)))
    # The figures over all questions have no place but a suite, which then has no tests.
    _suite(root, report.name, [], _overall(report))
    for kind, figures in report.by_kind.items():
        outcomes = [one for one in report.outcomes if one.kind == kind]
        _suite(root, f"{report.name}.{kind}", outcomes, {name: str(value) for name, value in figures.items()})
    indent(root)
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _overall(report: Report) -> dict[str, str]:
    setting = report.setting
    figures = dict(report.overall)
    if report.attribution is not None:
        of_all = report.attribution.figures["all"]
        figures |= {STATEMENT_RECALL: of_all["recall"], STATEMENT_PRECISION: of_all["precision"]}
    return {
        "set_sha256": setting.set_sha256,
        "corpus_sha256": setting.corpus_sha256,
        **setting.settings,
        "mode": setting.mode,
        "reranker": setting.reranker or "none",
        **{name: str(value) for name, value in figures.items()},
    }


def _suite(root: Element, name: str, outcomes: list[Outcome], properties: dict[str, str]) -> None:
    seconds = sum(one.took_ms or 0 for one in outcomes) / 1000
    failures = str(sum(bool(_reasons(one)) for one in outcomes))
    suite = SubElement(
        root, "testsuite", name=_text(name), tests=str(len(outcomes)), failures=failures, time=f"{seconds:.3f}"
    )
    listed = SubElement(suite, "properties")
    for key, value in properties.items():
        SubElement(listed, "property", name=_text(key), value=_text(value))
    for one in outcomes:
        _case(suite, name, one)


def _case(suite: Element, name: str, one: Outcome) -> None:
    seconds = f"{(one.took_ms or 0) / 1000:.3f}"
    case = SubElement(suite, "testcase", classname=_text(name), name=_text(f"{one.id}: {one.question}"), time=seconds)
    reasons = _reasons(one)
    if reasons:
        failure = SubElement(case, "failure", type=" ".join(reasons), message="; ".join(reasons.values()))
        returned = "\n".join(f"{rank} {id_}" for rank, id_ in enumerate(one.ranked, start=1))
        relevant = "\n".join(sorted(one.relevant)) or "nothing"
        failure.text = _text(f"relevant:\n{relevant}\nreturned:\n{returned or 'nothing'}")


def _reasons(one: Outcome) -> dict[str, str]:
    """Why a question failed, by short names; of one side of the search alone as far as the ranking tells."""
    if one.failures:
        return {name: EXPLAINED[name] for name in one.failures}
    reasons: dict[str, str] = {}
    if one.answerable and one.first_relevant is None:
        reasons["not_returned"] = "nothing that answers is among the results"
    elif one.answerable and one.first_relevant != 1:
        reasons["ranked_below"] = EXPLAINED["ranked_below"]
    if one.answered is not None and one.answered != one.answerable:
        wrong: Failure = "wrongly_refused" if one.answerable else "wrongly_answered"
        reasons[wrong] = EXPLAINED[wrong]
    return reasons


def _text(text: str) -> str:
    """Text that XML can hold: a character that it cannot is written as Python would."""
    return _FORBIDDEN.sub(lambda found: ascii(found[0])[1:-1], text)
