"""The opening of a report: the points, and the first mistake in one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from grader.model import Finding, Grade, QuantityResult, QuestionResult, Status, Verdict
from grader.reports.people import decided_by_people
from grader.reports.phrases import STATUS_SENTENCES, slip_phrase
from grader.reports.text import clean_line, earned_text, points_text

NAME_LIMIT = 80
_MOST_NAMES = 4
_WHY = 300
_CONVENTION = "other-convention"

_WHOLE = {
    Status.UNREADABLE: "The submission could not be read, so nothing in it was graded.",
    Status.FAULT: "Our grader failed on this submission. That is our fault, not yours: you lose no points by it, "
    "and it will be graded again.",
    Status.AWAITING: "A person has to look at this submission before it is graded.",
    Status.MISSING: "No submission was found.",
}
"""What to say where the status of the whole submission tells everything."""


class Opening(Struct, frozen=True, kw_only=True):
    """The first lines of a report."""

    points: str
    """`7 of 10 points.`"""
    sentences: tuple[str, ...]
    """`First mistake: ...`, then what else is to be said; none at feedback level `points` where nothing waits."""

    @property
    def explanation(self) -> str:
        """Everything but the points."""
        return " ".join(self.sentences)

    @property
    def sentence(self) -> str:
        """Both as one text."""
        return f"{self.points} {self.explanation}".rstrip()


def opening(grade: Grade, *, verdicts: bool, kinds: bool) -> Opening:
    """Say the points and the first mistake.

    Parameters
    ----------
    grade : Grade
        The grade; its texts are hostile and come out clean, but not escaped.
    verdicts : bool
        Whether verdicts may be told.
    kinds : bool
        Whether the kind of a mistake may be told.

    Returns
    -------
    Opening
        One honest sentence or a few.
    """
    if grade.status in _WHOLE:
        sentences = [_WHOLE[grade.status]]
    elif grade.automatic is not None and grade.automatic.status in _WHOLE:
        sentences = []  # nothing but what a person decided
    elif verdicts:
        sentences = _graded(grade, kinds=kinds)
    else:
        sentences = _stopped(grade, only=(Status.AWAITING, Status.FAULT))
    return Opening(points=_points(grade), sentences=(*sentences, *_late(grade), *decided_by_people(grade)))


def _late(grade: Grade) -> list[str]:
    """Say what lateness takes off; of points that are not there nothing is taken."""
    if grade.late is None or grade.total is not None:
        return []
    taken = min(grade.late.points, grade.points_before_late) if grade.final else grade.late.points
    word = "point" if taken == 1.0 else "points"
    return [f"Lateness takes off {points_text(taken)} {word}: {clean_line(grade.late.why, _WHY)}."]


def _points(grade: Grade) -> str:
    """Say the points; what waits is said, and never counted as lost."""
    if not grade.final and all(question.points == 0.0 for question in grade.questions):
        return f"Not graded yet: {points_text(grade.pending_points)} of {points_text(grade.max_points)} points wait."
    if not grade.questions:
        return "Not graded yet." if grade.status in (Status.FAULT, Status.AWAITING) else "0 points."
    text = f"{earned_text(grade.points, grade.max_points)} of {points_text(grade.max_points)} points"
    if grade.final:
        return f"{text}."
    return f"{text} so far; {points_text(grade.pending_points)} more wait."


def _graded(grade: Grade, *, kinds: bool) -> list[str]:
    """Say what happened in a submission that was read and run."""
    parts = []
    if grade.first_mistake is not None:
        parts.append(_first_mistake(grade, grade.first_mistake, kinds=kinds))
    else:
        parts += _exchanged(grade, kinds=kinds)
    parts += _stopped(grade)
    if parts:
        return parts
    missing = _names(grade, Verdict.MISSING)
    undecided = _names(grade, Verdict.UNDECIDED)
    if missing:
        parts.append(f"No mistake in what was given; not given: {_listed(missing)}.")
    if undecided:
        parts.append(f"Nothing can be said about {_listed(undecided)}.")
    earned = grade.points if grade.late is None else grade.points_before_late
    if not parts and earned_text(earned, grade.max_points) == points_text(grade.max_points):
        return ["Everything is correct."]
    if parts or not any(True for _ in _quantities(grade)):
        return parts
    return ["No mistake was found in the quantities below."]


def _exchanged(grade: Grade, *, kinds: bool) -> list[str]:
    """Name what is wrong where nothing of it is a first mistake: right values under each other's names."""
    wrong = [*_names(grade, Verdict.WRONG), *_names(grade, Verdict.INVALID)]
    if not wrong:
        return []
    findings = (one for question in grade.questions for one in question.findings)
    exchanged = {name for one in findings if one.slip == "mislabelled" for name in one.explains}
    kind = " \N{EM DASH} each has the value of another" if kinds and exchanged.issuperset(wrong) else ""
    return [f"Wrong: {_listed(wrong)}{kind}."]


def _stopped(grade: Grade, *, only: tuple[Status, ...] | None = None) -> list[str]:
    """Say which questions were not graded, and why; one sentence for each status."""
    titles: dict[Status, list[str]] = {}
    in_part: list[str] = []
    for question in grade.questions:
        if grade.total is not None and question.pending_points > 0.0:
            continue  # it waits no longer
        if question.status is Status.GRADED or (only is not None and question.status not in only):
            continue
        title = clean_line(question.title, NAME_LIMIT)
        lacking = _lacking(question)
        if lacking:
            in_part.append(f"{_quoted(title)} lacks {_listed(lacking)}.")
        else:
            titles.setdefault(question.status, []).append(title)
    return [*(_stop_sentence(status, among) for status, among in titles.items()), *in_part]


def _lacking(question: QuestionResult) -> list[str]:
    """Name what is missing of a question of which something was given; nothing where it is missing as a whole."""
    required = [one for one in question.quantities if one.required]
    lacking = [one.name for one in required if one.verdict is Verdict.MISSING]
    is_in_part = question.status is Status.MISSING and len(lacking) < len(required)
    return lacking if is_in_part else []


def _quoted(title: str) -> str:
    return f"\N{LEFT DOUBLE QUOTATION MARK}{title}\N{RIGHT DOUBLE QUOTATION MARK}"


def _stop_sentence(status: Status, titles: list[str]) -> str:
    if len(titles) == 1:
        return f"{_quoted(titles[0])} {STATUS_SENTENCES[status]}."
    return f"{STATUS_SENTENCES[status].capitalize()}: {_listed(titles)}."


def _first_mistake(grade: Grade, name: str, *, kinds: bool) -> str:
    """Say the first mistake, its kind, and what follows from it."""
    finding = next((one for question in grade.questions for one in question.findings if one.at == name), None)
    sentence = f"First mistake: {clean_line(name, NAME_LIMIT)}"
    if kinds:
        sentence += f" \N{EM DASH} {_kind(grade, name, finding)}"
    consequences = _consequences(grade, name, finding)
    return f"{sentence}; {consequences}." if consequences else f"{sentence}."


def _kind(grade: Grade, name: str, finding: Finding | None) -> str:
    unexplained = finding is None or finding.slip == "unexplained"
    if unexplained and name in _names(grade, Verdict.INVALID):
        return "what was given cannot be compared"
    return clean_line(slip_phrase("unexplained" if finding is None else finding.slip), NAME_LIMIT)


def _consequences(grade: Grade, name: str, finding: Finding | None) -> str:
    """Count what follows; blames it on the first mistake only where there is no other."""
    explained = {other for same in _same_as(grade, finding) for other in same.explains}
    own = {name, *explained}
    others = [
        one
        for verdict in (Verdict.WRONG, Verdict.INVALID)
        for one in _names(grade, verdict)
        if one not in own
    ]
    following = [one for one in _names(grade, Verdict.FOLLOWS) if one != name]
    following += sorted(explained - {name, *following})
    if others:
        return f"also wrong: {_listed(others)}"
    if not following:
        return ""
    noun = _noun(following)
    if len(following) == 1:
        return f"the {noun.removesuffix('s')} {clean_line(following[0], NAME_LIMIT)} follows from it"
    return f"the {len(following)} {noun} after it follow from it"


def _same_as(grade: Grade, finding: Finding | None) -> Iterator[Finding]:
    """Yield a finding, and those of other questions that are the same: a convention is chosen once."""
    if finding is None:
        return
    yield finding
    if finding.slip == _CONVENTION:
        findings = (one for question in grade.questions for one in question.findings)
        yield from (one for one in findings if one.slip == _CONVENTION)


def _noun(names: Iterable[str]) -> str:
    names = tuple(names)
    if all("/" in name for name in names):
        return "gradients"
    if all(name.endswith("_new") for name in names):
        return "updates"
    return "values"


def _quantities(grade: Grade) -> Iterable[QuantityResult]:
    return (quantity for question in grade.questions for quantity in question.quantities)


def _names(grade: Grade, verdict: Verdict) -> list[str]:
    """Names of the quantities with a verdict, each once, in the order of the grade."""
    return list(dict.fromkeys(one.name for one in _quantities(grade) if one.verdict is verdict))


def _listed(names: list[str]) -> str:
    """Join names for a sentence; more than a few are counted."""
    shown = [clean_line(name, NAME_LIMIT) for name in names[:_MOST_NAMES]]
    if len(names) > _MOST_NAMES:
        shown.append(f"{len(names) - _MOST_NAMES} more")
    if len(shown) == 1:
        return shown[0]
    return f"{', '.join(shown[:-1])} and {shown[-1]}"
