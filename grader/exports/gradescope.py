"""A student's result as an autograder of Gradescope writes it: `results.json`, a test for each question.

Source: Gradescope's specification of autograders, https://gradescope-autograders.readthedocs.io/en/latest/specs/.
"""

from __future__ import annotations

import json

from grader.exports.returned import Returned
from grader.exports.wording import details_of
from grader.reports.view import StudentView

_MOST = 8_000


def results_json(one: Returned, view: StudentView) -> str:
    """Write the result of one student.

    Parameters
    ----------
    one : Returned
        A grade with decided points.
    view : StudentView
        What its student may see; every text comes from it.

    Returns
    -------
    str
        JSON in ASCII. `score` is the points that hold: with what lateness costs they are less than the sum of the tests.
    """
    document = {
        "score": one.points,
        "output": "\n".join(one.said)[:_MOST],
        "output_format": "text",
        "visibility": "visible",
        "tests": [
            {
                "number": str(number),
                "name": shown.title,
                "score": question.points,
                "max_score": question.max_points,
                "output": "\n".join(details_of(shown))[:_MOST],
                "output_format": "text",
                "visibility": "visible",
            }
            for number, (question, shown) in enumerate(
                zip(one.questions, view.questions, strict=True), start=1
            )
        ],
    }
    return f"{json.dumps(document, allow_nan=False, indent=1)}\n"
