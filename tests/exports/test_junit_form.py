"""JUnit XML as GitLab and its documentation have it: names of elements and attributes, unique tests, no broken XML."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from made import flipped, grade, outcome, question

from grader.exports.junit import junit_xml
from grader.exports.plain import PRACTICE
from grader.model import Status

DOCUMENTED = {
    "testsuites": {"name", "tests", "failures", "errors", "skipped", "assertions", "time", "timestamp"},
    "testsuite": {
        "name",
        "tests",
        "failures",
        "errors",
        "skipped",
        "assertions",
        "time",
        "timestamp",
        "file",
    },
    "testcase": {"name", "classname", "assertions", "time", "file", "line"},
    "failure": {"message", "type"},
    "error": {"message", "type"},
    "skipped": {"message"},
    "properties": set(),
    "property": {"name", "value"},
    "system-out": set(),
}
"""Elements with their attributes, from the description at github.com/testmoapp/junitxml."""
WAITS = question("update", 0.0, status=Status.AWAITING, pending_points=3.0, message="A person reads it.")
FAULT = question("forward", 0.0, status=Status.FAULT, pending_points=3.0, message="the grader broke")


def properties(of: ET.Element) -> dict[str, str]:
    return {one.attrib["name"]: one.attrib["value"] for one in of.findall("properties/property")}


def test_only_documented_elements_and_attributes_are_written() -> None:
    root = ET.fromstring(junit_xml([outcome(grade(FAULT, flipped(), WAITS))]))
    used = {element.tag for element in root.iter()}
    assert used == DOCUMENTED.keys()
    for element in root.iter():
        assert set(element.attrib) <= DOCUMENTED[element.tag]


def test_each_question_is_a_test_under_the_name_of_its_submission() -> None:
    root = ET.fromstring(junit_xml([outcome(grade(flipped(), WAITS))]))
    assert (root.get("tests"), root.get("failures"), root.get("errors"), root.get("skipped")) == (
        "3",
        "1",
        "0",
        "1",
    )
    right, wrong, waiting = root.iter("testcase")
    for case in (right, wrong, waiting):
        assert case.get("classname") == "A network with a skip connection: work/alice.py"
    assert [one.tag for one in right] == ["properties"]
    assert (wrong.get("name"), wrong.get("file"), wrong.get("line")) == ("Gradients", "work/alice.py", "8")
    assert properties(wrong) == {"points": "3", "max_points": "4"}
    failure = wrong.find("failure")
    assert failure is not None
    assert failure.get("message") == "At dL/dw0: the sign is flipped."
    assert (failure.text or "").startswith("work/alice.py, line 8\nFirst mistake: dL/dw0")
    skipped = waiting.find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "A person reads it."


def test_a_suite_says_its_points_and_that_it_is_practice() -> None:
    (suite,) = ET.fromstring(junit_xml([outcome(grade(flipped()))]))
    assert properties(suite) == {"points": "9", "max_points": "10"}
    assert PRACTICE in (suite.findtext("system-out") or "")


def test_no_two_tests_have_one_name_in_one_class() -> None:
    """GitLab ignores a second one."""
    of = outcome(grade(question("forward", title="Same"), question("update", title="Same")))
    cases = list(ET.fromstring(junit_xml([of, of])).iter("testcase"))
    names = [(case.get("classname"), case.get("name")) for case in cases]
    assert len(set(names)) == len(names) == 6
    assert "Same (2)" in {name for _, name in names}


@pytest.mark.parametrize(
    "text",
    [
        "\x00\x08\x1b[31m",
        "\ufffe\uffff",
        "\ud800",
        "]]></failure>",
        "<!ENTITY x>&x;",
        '" onload="x',
        "a\r\nb",
        "\x85",
    ],
)
def test_no_text_of_a_submission_breaks_the_xml(text: str) -> None:
    hostile = question("forward", 0.0, status=Status.FAILED, message=text, notes=(text,), title=text)
    whole = junit_xml([outcome(grade(hostile, flipped(text), notes=(text,), printed=text), name=text)])
    root = ET.fromstring(whole.encode())
    assert len(list(root.iter("testcase"))) == 3
    assert {element.tag for element in root.iter()} <= DOCUMENTED.keys()
