"""JUnit XML, as GitLab and other systems show test results: a suite per submission, a test case per question.

Source: https://github.com/testmoapp/junitxml for the elements, and GitLab's page on unit test reports: it shows a test under the
name of its class, and ignores a second one with the same name.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence

from grader.exports.outcomes import Outcome, QuestionOutcome, SubmissionOutcome
from grader.exports.plain import PRACTICE, points_sentence
from grader.reports.text import earned_text, points_text

_NO_CHARACTER = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0, section 2.2, allows nowhere, not even as a reference."""
_ELEMENT = {
    Outcome.FAILED: "failure",
    Outcome.ERROR: "error",
    Outcome.WAITS: "skipped",
    Outcome.FOLLOWS: "skipped",
}
_FOLLOWS = "every step is right, from a mistake in another question; no points are lost here"


def junit_xml(outcomes: Sequence[SubmissionOutcome], *, practice: bool = True) -> str:
    """Write the results of a check, or the grades of a class.

    Parameters
    ----------
    outcomes : sequence of SubmissionOutcome
    practice : bool
        Whether only the worked case and practice cases were run, which is said then.

    Returns
    -------
    str
        A document with its declaration, to be written as UTF-8.
    """
    root = ET.Element("testsuites", name="grader")
    for outcome, suite in zip(outcomes, _suite_names(outcomes), strict=True):
        root.append(_suite(outcome, suite, practice=practice))
    _count(root, [question for outcome in outcomes for question in outcome.questions])
    root.set("time", _seconds(sum(outcome.seconds for outcome in outcomes)))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite_names(outcomes: Sequence[SubmissionOutcome]) -> list[str]:
    return _distinct([f"{outcome.title}: {outcome.name}" for outcome in outcomes])


def _suite(outcome: SubmissionOutcome, name: str, *, practice: bool) -> ET.Element:
    suite = ET.Element("testsuite", name=_text(name), file=_text(outcome.name))
    _count(suite, outcome.questions)
    suite.set("time", _seconds(outcome.seconds))
    suite.append(_properties(outcome.points, outcome.max_points))
    names = _distinct([question.title for question in outcome.questions])
    for question, own in zip(outcome.questions, names, strict=True):
        suite.append(_case(outcome, question, suite=name, name=own))
    told = f"{points_sentence(outcome)}\n{PRACTICE}" if practice else outcome.sentence
    ET.SubElement(suite, "system-out").text = _text(told)
    return suite


def _case(outcome: SubmissionOutcome, question: QuestionOutcome, *, suite: str, name: str) -> ET.Element:
    case = ET.Element("testcase", name=_text(name), classname=_text(suite))
    spot = question.spot
    case.set("file", _text(spot.file if spot is not None else outcome.name))
    if spot is not None and spot.line is not None and spot.cell is None:
        case.set("line", str(spot.line))
    case.append(_properties(question.points, question.max_points))
    if question.outcome in _ELEMENT:
        told = ET.SubElement(case, _ELEMENT[question.outcome])
        follows = question.outcome is Outcome.FOLLOWS
        told.set("message", _text(_FOLLOWS if follows else question.remark or outcome.sentence))
        if _ELEMENT[question.outcome] != "skipped":
            told.set("type", question.outcome.value)
            where = [str(spot)] if spot is not None else []
            told.text = _text("\n".join([*where, outcome.sentence, *question.details]))
    return case


def _properties(points: float, max_points: float) -> ET.Element:
    properties = ET.Element("properties")
    ET.SubElement(properties, "property", name="points", value=earned_text(points, max_points))
    ET.SubElement(properties, "property", name="max_points", value=points_text(max_points))
    return properties


def _count(element: ET.Element, questions: Sequence[QuestionOutcome]) -> None:
    """Write how many tests there are of each outcome."""
    outcomes = [question.outcome for question in questions]
    element.set("tests", str(len(outcomes)))
    element.set("failures", str(outcomes.count(Outcome.FAILED)))
    element.set("errors", str(outcomes.count(Outcome.ERROR)))
    element.set("skipped", str(sum(_ELEMENT.get(one) == "skipped" for one in outcomes)))


def _distinct(names: Sequence[str]) -> list[str]:
    """Return the names with a number behind those that stood before."""
    made: dict[str, None] = {}
    for name in names:
        number, own = 1, name
        while own in made:
            number += 1
            own = f"{name} ({number})"
        made[own] = None
    return list(made)


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"


def _text(text: str) -> str:
    return _NO_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", text)
