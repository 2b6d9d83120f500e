"""Grades made by hand for the tests of reports and gradebook."""

from __future__ import annotations

from enum import Enum
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from grader.formulas import Meaning, Name, read_documents, symbol_table
from grader.formulas.display.mathml import first_spellings, mathml
from grader.model import (
    Document,
    Environment,
    ErrorReport,
    Finding,
    Grade,
    Limits,
    LineResult,
    LineSide,
    LineVerdict,
    Mark,
    Place,
    QuantityResult,
    QuestionResult,
    Status,
    Verdict,
)

ENVIRONMENT = Environment(
    grader="0.1.0",
    numpy="2.4.6",
    isolation="fence",
    seed_sha256="9f" * 32,
    limits=Limits(call_cpu_s=1.5, submission_cpu_s=9.0, memory_mib=384, output_kib=48),
)
GRADIENTS = ("y_hat", "z2", "ws", "w2", "h1", "z1", "w1", "h0", "z0", "w0")


def quantity(name: str, verdict: Verdict = Verdict.CORRECT, **fields: Any) -> QuantityResult:
    """Make one row; 0.5 on the worked case unless told otherwise."""
    given: dict[str, Any] = {
        "name": name,
        "verdict": verdict,
        "required": True,
        "case": "worked",
        "expected": 0.5,
        "actual": 0.5,
        "error": ErrorReport(abs=0.0, rel=0.0, index=(), rtol=1e-4, atol=1e-12),
    }
    return QuantityResult(**(given | fields))


def question(
    question_id: str, points: float, max_points: float, *quantities: QuantityResult, **fields: Any
) -> QuestionResult:
    """Make one question, titled like its id."""
    given: dict[str, Any] = {
        "id": question_id,
        "title": question_id.capitalize(),
        "points": points,
        "max_points": max_points,
        "status": Status.GRADED,
        "quantities": quantities,
    }
    return QuestionResult(**(given | fields))


def grade(*questions: QuestionResult, **fields: Any) -> Grade:
    """Make one grade of alice."""
    given: dict[str, Any] = {
        "assignment": "skip_network",
        "student": "alice",
        "files": ("alice.py",),
        "sha256": "ab" * 32,
        "status": Status.GRADED,
        "questions": questions,
        "environment": ENVIRONMENT,
        "seconds": 0.02,
        "peak_memory_mib": 41.0,
    }
    return Grade(**(given | fields))


def forward(**fields: Any) -> QuestionResult:
    """Make a correct first question."""
    names = ("z0", "h0", "z1", "h1", "z2", "y_hat", "L")
    return question("forward", 3.0, 3.0, *(quantity(name) for name in names), **fields)


def update(**fields: Any) -> QuestionResult:
    """Make a correct last question."""
    return question(
        "update", 3.0, 3.0, *(quantity(f"{name}_new") for name in ("w0", "w1", "w2", "ws")), **fields
    )


def all_correct(**fields: Any) -> Grade:
    """Make a grade with full points."""
    gradients = question("gradients", 4.0, 4.0, *(quantity(f"dL/d{name}") for name in GRADIENTS))
    return grade(forward(), gradients, update(), **fields)


def sign_flipped(**fields: Any) -> Grade:
    """Make a grade with one mistake, dL/dy_hat, and nine gradients that follow; 7 of 10 points."""
    first = quantity(
        "dL/dy_hat",
        Verdict.WRONG,
        required=False,
        expected=1.0,
        actual=-1.0,
        error=ErrorReport(abs=2.0, rel=2.0, index=(), rtol=1e-4, atol=1e-12),
    )
    follow = (
        quantity(
            f"dL/d{name}",
            Verdict.FOLLOWS,
            required=name.startswith("w"),
            case="drawn-2",
            actual=-0.25,
            expected=0.25,
            error=ErrorReport(abs=0.5, rel=2.0, index=(), rtol=1e-4, atol=1e-12),
        )
        for name in GRADIENTS[1:]
    )
    finding = Finding(
        slip="sign-flipped",
        at="dL/dy_hat",
        explains=("dL/dy_hat",),
        text="The loss is |y - y_hat|. Look at which side of the target your prediction lies, and at what happens to "
        "the loss when the prediction grows a little.",
        rule="dL/dy_hat = sign(y_hat - y)",
    )
    gradients = question("gradients", 1.0, 4.0, first, *follow, findings=(finding,))
    return grade(forward(), gradients, update(), **({"first_mistake": "dL/dy_hat"} | fields))


def raised(**fields: Any) -> Grade:
    """Make a grade of a submission whose backward raises; 6 of 10 points."""
    rows = (
        QuantityResult(
            name=f"dL/d{name}", verdict=Verdict.MISSING, required=True, case=None, reason="backward raised"
        )
        for name in GRADIENTS
        if name.startswith("w")
    )
    message = (
        "backward raised a NameError: name 'grad_z1' is not defined\n"
        "  alice.py, line 31, in backward\n    dw1 = grad_z1 * h0"
    )
    gradients = question("gradients", 0.0, 4.0, *rows, status=Status.FAILED, message=message)
    return grade(forward(), gradients, update(), **fields)


def written(text: str = "It falls.", **fields: Any) -> Grade:
    """Make a grade with a written answer that waits for a person; 3 of 5 points so far."""
    answer = question(
        "discussion",
        0.0,
        2.0,
        pending_points=2.0,
        status=Status.AWAITING,
        message="A person reads what is written under `Discussion` in `report.md`, line 3.",
        text=text,
        place=Place(file="report.md", line=3, heading="Discussion"),
    )
    return grade(forward(), answer, **fields)


def with_texts(value: Any, text: str) -> Any:
    """Put a text into every text field of a value, at every depth; enums stay."""
    if isinstance(value, Struct):
        changed = {name: with_texts(getattr(value, name), text) for name in value.__struct_fields__}
        for name in ("error", "place", "error_map", "curve", "expected_curve", "automatic", "late"):
            # An answer that was not compared has no error, one that is no text has no place: none of these is a text.
            if getattr(value, name, text) is None:
                changed[name] = None
        return replace(value, **changed)
    if isinstance(value, tuple):
        return tuple(with_texts(entry, text) for entry in value)
    if isinstance(value, Enum):
        return value
    if value is None or isinstance(value, str):
        return text
    return value


def hostile(text: str) -> Grade:
    """Make a grade with all kinds of content whose every text field is `text`, numbers and errors included."""
    mixed = replace(
        sign_flipped(notes=("n",), printed="p", message="m"),
        questions=(
            *(
                replace(one, notes=("n",), message="m", findings=sign_flipped().questions[1].findings)
                for one in sign_flipped().questions
            ),
            replace(raised().questions[1], pending_points=1.0),
        ),
    )
    changed = with_texts(mixed, text)
    assert isinstance(changed, Grade)
    mark = Mark(target=f"{text}:{text}", points=1.0, comment=text, by=text, at=text, look_again=(text,))
    changed = replace(changed, marks=(mark,))
    questions = (
        # A finding does not list the quantity it stands at, and a question not the message of the whole: both get others.
        replace(
            one,
            message=f"{text}3",
            marks=(mark,),
            findings=tuple(replace(each, explains=(f"{text}2",)) for each in one.findings),
        )
        for one in changed.questions
    )
    return replace(changed, questions=tuple(questions))


# --------------------------------------------------------------------------------------------------------------
# A written derivation

TABLE_NAMES = (
    *(Name(name=f"w{one}", spellings=(rf"\omega_{one}",), is_parameter=True) for one in "02s"),
    *(Name(name=one, spellings=(f"{one[0]}_{one[1]}",)) for one in ("z0", "z1", "z2", "h0", "h1")),
    Name(name="x", spellings=("x",)),
    Name(name="y", spellings=("y",)),
    Name(name="y_hat", spellings=(r"\hat{y}",)),
    Name(name="L", spellings=("L",)),
    Name(name="sign", spellings=("sign",), meaning=Meaning.FUNCTION),
    Name(name="step", spellings=("u",), meaning=Meaning.FUNCTION),
)
TABLE = symbol_table(TABLE_NAMES)
SPELLINGS = first_spellings(TABLE_NAMES)


def line(
    number: int, formula: str, verdict: LineVerdict, *rights: bool | None, wrong: str = "", **fields: Any
) -> LineResult:
    """Make one line of `report.md` from its formula; sides are as right as told, and what is `wrong` in it is marked."""
    text = f"${formula}$"
    (read,) = read_documents([Document(name="report.md", text=text)], TABLE).lines
    mark = (text.rindex(wrong), text.rindex(wrong) + len(wrong)) if wrong else None
    told = [*rights, *([None] * len(read.sides))]
    sides = tuple(
        LineSide(
            relation=side.relation,
            source=side.source,
            mathml=mathml(side.tree, mark=mark, spellings=SPELLINGS) if side.tree else "",
            is_right=right,
        )
        for side, right in zip(read.sides, told, strict=False)
    )
    given: dict[str, Any] = {
        "place": Place(file="report.md", line=number, heading="Part A"),
        "column": 1,
        "sides": sides,
        "verdict": verdict,
    }
    return LineResult(**(given | fields))


EXPLICIT = r"-sign(y - \hat{y})(\omega_2 u(z_1) \omega_s + \omega_s) u(z_0)"
LINES = (
    line(1, r"f(v) = 3 v", LineVerdict.DEFINITION),
    line(3, r"\frac{\delta L}{\delta \hat{y}} = -sign(y - \hat{y})", LineVerdict.RIGHT, None, True,
         quantity="dL/dy_hat", label="dL/dy_hat", notes=(r"`\delta` is read as the mark of a derivative.",)),
    line(4, r"\frac{\delta L}{\delta z_2} = sign(y - \hat{y}) = -1", LineVerdict.WRONG, None, False, None,
         wrong=r"sign(y - \hat{y})", quantity="dL/dz2", label="dL/dz2", text="The sign is flipped."),
    line(5, r"\frac{\delta L}{\delta h_1} = sign(y - \hat{y}) \omega_2", LineVerdict.FOLLOWS, None, True,
         quantity="dL/dh1", label="dL/dh1", text="The right step from `dL/dz2` as it stands above."),
    line(6, r"\frac{\delta L}{\delta \omega_0} = \frac{\delta L}{\delta h_0} = \omega_2 u(z_1)", LineVerdict.MISLABELLED,
         None, True, True, quantity="dL/dh0", label="dL/dw0"),
    line(7, r"\frac{\delta L}{\delta z_0} = \frac{\delta L}{\delta h_0} \frac{\delta h_0}{\delta z_0}",
         LineVerdict.METHOD, None, True, quantity="dL/dz0", label="dL/dz0"),
    line(8, r"\frac{\delta L}{\delta \omega_2} = \frac{\delta L}{\delta \omega_2}", LineVerdict.CIRCULAR,
         label="dL/dw2", quantity="dL/dw2"),
    line(9, r"\frac{\delta L}{\delta \omega_s} = h_0!", LineVerdict.UNREAD, label="dL/dws",
         quantity="dL/dws", text="A factorial is not read."),
    line(10, r"\frac{\delta L}{\delta z_2} = x", LineVerdict.WITHDRAWN, label="dL/dz2", quantity="dL/dz2"),
    line(11, r"\frac{\delta L}{\delta \hat{y}} = -sign(y - \hat{y})", LineVerdict.REPEATED, label="dL/dy_hat",
         quantity="dL/dy_hat"),
    line(12, r"z_0 = \omega_0 x", LineVerdict.OPEN, label="z0"),
    line(13, rf"\frac{{\delta L}}{{\delta \omega_0}} = {EXPLICIT} = {EXPLICIT} {EXPLICIT} {EXPLICIT}", LineVerdict.WRONG,
         None, False, False, wrong="u(z_0)", quantity="dL/dw0", label="dL/dw0", text="The factor x is missing."),
)  # fmt: skip
"""One line for each verdict, and one that is wider than a page."""


def derived(**fields: Any) -> Grade:
    """Make a grade of a written derivation, 2.5 of 7 points with one that waits."""
    rows = (
        quantity("dL/dy_hat", case="random", actual=None, expected=None, error=None),
        quantity("dL/dz2", Verdict.WRONG, case="random", actual=None, expected=None, error=None),
        quantity("dL/dh1", Verdict.FOLLOWS, case="random", actual=None, expected=None, error=None),
        quantity("dL/dh0", case="random", actual=None, expected=None, error=None),
        quantity("dL/dws", Verdict.UNDECIDED, case=None, actual=None, expected=None, error=None),
        quantity("dL/dw0", Verdict.WRONG, case="random", actual=None, expected=None, error=None),
        quantity("dL/dw1", Verdict.MISSING, case=None, actual=None, expected=None, error=None),
    )
    finding = Finding(
        slip="sign-flipped",
        at="dL/dz2",
        explains=("dL/dz2",),
        text="Look at the sign of the inner derivative.",
    )
    part = question(
        "symbols", 2.5, 7.0, *rows, pending_points=1.0, findings=(finding,), **({"lines": LINES} | fields)
    )
    return grade(
        part, forward(), assignment="skip_network_by_hand", files=("report.md",), first_mistake="dL/dz2"
    )
