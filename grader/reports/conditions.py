"""How a grade was made, in words: the last section of every report."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from grader.levels import MEANING, Level
from grader.model import Environment, Grade, Limits
from grader.reports.outline import Outline
from grader.reports.text import clean_line, number_text

_LIMIT = 200
_CLASSES = 16
"""How many classes are remembered."""


class Feedback(StrEnum):
    """How much a student is told; the values of `--feedback`."""

    FULL = "full"
    HINTS = "hints"
    VERDICTS = "verdicts"
    POINTS = "points"


class MarkingFacts(Struct, frozen=True, kw_only=True):
    """What the assignment says about itself and about marking; the defaults are those of the marking policy."""

    title: str = ""
    """Of the assignment; empty where it is not at hand."""
    outlines: tuple[Outline, ...] = ()
    """The networks that are asked about, for drawings."""
    follow_share: float = 1.0
    """Share of its weight that a right step from an earlier mistake earns, 0 to 1."""
    rtol: float = 1e-4
    """Relative tolerance of a whole array, or of each entry."""
    atol: float | None = None
    """Absolute tolerance that the author set; None where it comes from the values, and so is not told."""
    elementwise: bool = False
    """Whether each entry is compared by itself."""
    edge_cost: float = 0.2
    """Share that a quantity loses when it is wrong on extreme inputs only."""
    convention_share: float = 0.8
    """Share that a question earns that is right throughout in another convention."""
    label_cost: float = 0.25
    """Share that a quantity loses whose line has the right value under another label."""
    method_share: float = 0.5
    """Share that a quantity earns of which only the chain rule is written."""
    code: bool = True
    """Whether anything is run."""
    formulas: bool = False
    """Whether anything is answered in formulas."""
    compositions: bool = False
    """Whether something is built of several parts, and run again with known-good ones."""
    experiments: bool = False
    """Whether training runs are compared."""
    drawn_cases: int | None = None
    """How many hidden cases there were at most for one part; None where it is not told."""
    edge_cases: int = 0
    """How many cases of extreme inputs there are in all."""
    units: int = 1
    """How many networks have cases of their own."""
    worked_case: bool = True
    """Whether the numbers of a case are printed in the task."""
    read_by_person: tuple[str, ...] = ()
    """Titles of the questions that a person reads."""
    conventions: tuple[str, ...] = ()
    """What is declared of means, shapes and kinks, as parts of a sentence."""
    practice: bool = False
    """Whether the drawn cases were practice cases, which are no secret and which no mark comes from."""


class Condition(Struct, frozen=True, kw_only=True):
    """One line on how a grade was made."""

    term: str
    text: str


_TOLD = {
    Feedback.FULL: "Everything is shown: the right rule of each mistake, and the expected values of all cases.",
    Feedback.HINTS: "Where a mistake happened and of what kind it is. Expected values are shown for the worked case "
    "only, which is printed in the task.",
    Feedback.VERDICTS: "A verdict for each quantity, without values and explanations.",
    Feedback.POINTS: "The points of each question.",
}


_PARTS = (
    "What is built of several parts is run again with known-good ones where yours are wrong: a mistake in a part is not "
    "counted once more in the whole."
)
_RUNS = "Curves are compared step by step at first, and later, where rounding has been amplified, by what they do."


def conditions(grade: Grade, level: Feedback, facts: MarkingFacts) -> tuple[Condition, ...]:
    """Say how a grade was made.

    The absolute tolerance is left out: it grows with the size of the expected values and would tell it.

    Parameters
    ----------
    grade : Grade
        The grade; its texts come out clean, but not escaped.
    level : Feedback
        How much is shown.
    facts : MarkingFacts
        What the assignment says about marking.

    Returns
    -------
    tuple of Condition
        In the order they are read.
    """
    before, after = _of_class(grade.environment, level, facts)
    used = Condition(term="Used", text=_used(grade))
    submission = Condition(term="Submission", text=f"SHA-256 {_line(grade.sha256)}")
    return (*before, used, *after, submission)


@lru_cache(_CLASSES)
def _of_class(
    environment: Environment, level: Feedback, facts: MarkingFacts
) -> tuple[tuple[Condition, ...], tuple[Condition, ...]]:
    """Say what is the same for a class: the lines before those of one submission, and the lines after."""
    before = [
        ("Points", _shares(facts)),
        *([("Written lines", _written(facts))] if facts.formulas else []),
        *([("Several parts", _PARTS)] if facts.compositions else []),
        ("Tolerance", _tolerance(facts)),
        *([("Training runs", _RUNS)] if facts.experiments else []),
        ("Cases", _cases(facts)),
        ("A person reads", _person(facts)),
        *([("Conventions", _conventions(facts))] if facts.conventions else []),
        ("Shown here", _TOLD[level]),
        ("Isolation", _isolation(environment.isolation)),
        *([("Limits", _limits(environment.limits))] if facts.code else []),
    ]
    after = [
        ("Versions", f"backprop-grader {_line(environment.grader)}, NumPy {_line(environment.numpy)}"),
        *(
            []
            if facts.practice
            else [("Seed of the hidden cases", f"SHA-256 {_line(environment.seed_sha256)}")]
        ),
    ]
    return _lines(before), _lines(after)


def _lines(texts: Iterable[tuple[str, str]]) -> tuple[Condition, ...]:
    return tuple(Condition(term=term, text=text) for term, text in texts)


def _line(text: str) -> str:
    return clean_line(text, _LIMIT) or "not told"


def _tolerance(facts: MarkingFacts) -> str:
    what, size = (
        ("An entry", "its size")
        if facts.elementwise
        else ("An array", "its size (the root of the sum of squares)")
    )
    besides = (
        "by rounding where that size is near zero"
        if facts.atol is None
        else f"by {number_text(facts.atol)} besides"
    )
    figures = " A number in writing may be rounded to the digits that are given." if facts.formulas else ""
    return (
        f"{what} agrees where it differs from the expected one by at most {number_text(facts.rtol)} of {size}, "
        f"and {besides}. Shapes must agree.{figures}"
    )


def _written(facts: MarkingFacts) -> str:
    """Say what is counted of a line that is right in another way, or not read."""
    return (
        "A formula is right where its values are, in whatever form. A right line under another label loses "
        f"{_percent(facts.label_cost)} of its share; the chain rule alone, without the derivatives worked out, earns "
        f"{_percent(facts.method_share)}. What cannot be read waits for a person."
    )


def _percent(share: float) -> str:
    return f"{number_text(round(100 * share, 6))} %"


def _conventions(facts: MarkingFacts) -> str:
    text = "; ".join(facts.conventions)
    return f"{text[:1].upper()}{text[1:]}."


NOTHING_RUN = "none"
"""What stands for a level where an assignment asks for no code."""


def _isolation(level: str) -> str:
    if level == NOTHING_RUN:
        return "None was needed: no code was run."
    meaning = f": {MEANING[Level(level)]}" if level in set(Level) else ""
    return f"Level {_line(level)}{meaning}. No expected value entered the process that ran the code."


def _limits(limits: Limits | None) -> str:
    if limits is None:
        return "Not told."
    return (
        f"{number_text(limits.call_cpu_s)} s of processor time for one call and {number_text(limits.submission_cpu_s)} "
        f"s for all, {limits.memory_mib} MiB of memory beyond Python with NumPy, {limits.output_kib} KiB of printed text."
    )


def _used(grade: Grade) -> str:
    if not grade.seconds and not grade.peak_memory_mib:
        return "Nothing was measured."
    return (
        f"{grade.seconds:.2f} s of processor time, and {grade.peak_memory_mib:.0f} MiB of memory at the peak."
    )


def _shares(facts: MarkingFacts) -> str:
    share = "all" if facts.follow_share == 1.0 else _percent(facts.follow_share)
    edges = (
        f" What is wrong on extreme inputs only loses {_percent(facts.edge_cost)} of its share."
        if facts.edge_cases
        else ""
    )
    return (
        "Each step is marked against your own earlier values. A mistake costs the quantity where it happened; "
        f"right steps after it (\N{LEFT DOUBLE QUOTATION MARK}follows\N{RIGHT DOUBLE QUOTATION MARK}) earn {share} "
        f"of their share. Quantities that are not required can show a mistake, but carry no points of their own.{edges} "
        f"A question that is right throughout in another convention earns {_percent(facts.convention_share)}."
    )


def _cases(facts: MarkingFacts) -> str:
    kind = "practice" if facts.practice else "hidden"
    most = "up to " if facts.units > 1 else ""
    drawn = (
        f"{kind} cases with random numbers"
        if facts.drawn_cases is None
        else f"{most}{facts.drawn_cases} {kind} cases"
    )
    edges = f" {facts.edge_cases} more have extreme inputs." if facts.edge_cases else ""
    each = " for each part" if facts.units > 1 else ""
    printed = "The worked case, whose numbers are printed in the task, and " if facts.worked_case else ""
    shared = "; marking uses others" if facts.practice else ", the same for everybody in the class"
    cases = f"{printed}{drawn}{each}{shared}.{edges}"
    return f"{cases[:1].upper()}{cases[1:]} The worst verdict over the cases counts; the table names the case that shows it."


def _person(facts: MarkingFacts) -> str:
    if not facts.read_by_person:
        return "Whatever could not be decided here; such points are said to wait and are not lost."
    return ", ".join(clean_line(title, _LIMIT) for title in facts.read_by_person) + "."
