"""What is said of every line: its verdict, what it counts as, and its sides as they were written and as they were read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from grader.derivations.claims import Claim, JudgedSide
from grader.derivations.entries import Entry, Standing
from grader.derivations.equations import Equation
from grader.derivations.labels import Kind
from grader.derivations.mark import PartMarks
from grader.derivations.points import Points
from grader.formulas.display.mathml import mathml
from grader.formulas.documents.reading import PlacedNote, Side
from grader.formulas.tokens import NoteKind
from grader.model import LineResult, LineSide, LineVerdict, Place, Verdict

MOST_REPEATS = 3
"""Lines that have the same note each; what more of them have is told once."""
MOST_LINES = 400
"""Of a question that a report shows."""
STANDING = {
    Standing.METHOD: LineVerdict.METHOD,
    Standing.CIRCULAR: LineVerdict.CIRCULAR,
    Standing.UNREAD: LineVerdict.UNREAD,
    Standing.EMPTY: LineVerdict.OPEN,
    Standing.RIGHT: LineVerdict.RIGHT,
}
AS_GOOD = {Verdict.FOLLOWS: LineVerdict.FOLLOWS, Verdict.CORRECT: LineVerdict.RIGHT}
"""What a line is that is not the reference's, and whose quantity is no mistake."""
TEXTS = {
    LineVerdict.CIRCULAR: "It is computed from itself, so that it says nothing.",
    LineVerdict.METHOD: "The chain rule is right; a step of it is not worked out.",
}


def lines_of(
    parts: Sequence[PartMarks],
    claims: Sequence[Claim],
    equations: Mapping[int, Equation],
    points: Points,
) -> dict[str, tuple[LineResult, ...]]:
    """Say of each line what it is, under the question it counts for.

    Parameters
    ----------
    parts : sequence of PartMarks
    claims : sequence of Claim
        All lines of the documents, in their order.
    equations : mapping of int to Equation
        What is known of lines that are about no quantity, by the identity of the lines.
    points : Points

    Returns
    -------
    dict of str to tuple of LineResult
        By question, in the order of the lines. A line that counts for nothing stands once: under the question it belongs to,
        or one that asks for what it is about.
    """
    shown: dict[str, tuple[LineResult, ...]] = {}
    homes = _homes(parts, claims)
    answering = {id(entry.claim.line) for one in parts for entry in one.entries if entry.counts}
    for marked in parts:
        verdicts = {entry.quantity: entry.verdict for entry in marked.marks.statements}
        entry_of = {id(entry.claim.line): entry for entry in marked.entries}
        often = Counter(entry.quantity for entry in marked.entries)
        before: set[Hashable] = set()
        found: list[LineResult] = []
        for claim in claims:
            if len(found) == MOST_LINES:
                break
            entry = entry_of.get(id(claim.line))
            if entry is not None and entry.standing is Standing.EMPTY and id(claim.line) in answering:
                continue  # it answers another question
            if entry is not None:
                repeats = often[entry.quantity] > 1 and entry.said in before
                if often[entry.quantity] > 1:
                    before.add(entry.said)
                found.append(_with_entry(claim, entry, marked, verdicts, points, repeats=repeats))
            elif homes.get(id(claim.line)) == marked.part.question:
                found.append(_without_entry(claim, equations.get(id(claim.line)), points))
        shown[marked.part.question] = tuple(found)
    return shown


class Gathered(Struct, frozen=True, kw_only=True):
    """Lines, and the notes that hold for many of them."""

    lines: tuple[LineResult, ...]
    notes: tuple[str, ...]


def gathered(lines: Sequence[LineResult]) -> Gathered:
    """Say what holds for many lines once.

    Parameters
    ----------
    lines : sequence of LineResult
        Of a question.

    Returns
    -------
    Gathered
    """
    counts = Counter(note for line in lines for note in line.notes)
    often = {note: count for note, count in counts.items() if count > MOST_REPEATS}
    return Gathered(
        lines=tuple(
            replace(line, notes=tuple(note for note in line.notes if note not in often)) for line in lines
        ),
        notes=tuple(f"On {count} lines: {note}" for note, count in often.items()),
    )


def _homes(parts: Sequence[PartMarks], claims: Sequence[Claim]) -> dict[int, str]:
    """Say where each line is shown that counts for no question."""
    counting = {id(entry.claim.line) for marked in parts for entry in marked.entries}
    owned = {one.part.question: {id(own.line) for own in one.claims} for one in parts}
    homes: dict[int, str] = {}
    for claim in claims:
        if id(claim.line) in counting:
            continue
        owners = [one for one in parts if id(claim.line) in owned[one.part.question]]
        asking = [one for one in parts if claim.quantity in one.part.asked]
        home = next(iter([*owners, *asking, *parts]))
        homes[id(claim.line)] = home.part.question
    return homes


def _with_entry(
    claim: Claim,
    entry: Entry,
    marked: PartMarks,
    verdicts: Mapping[str, Verdict],
    points: Points,
    *,
    repeats: bool,
) -> LineResult:
    verdict = STANDING.get(entry.standing, LineVerdict.WRONG)
    if entry.standing is Standing.OFF:
        answers = marked.chosen.get(entry.quantity)
        is_chosen = answers is not None and answers.entry is entry
        if is_chosen and verdicts.get(entry.quantity) in AS_GOOD:
            verdict = AS_GOOD[verdicts[entry.quantity]]
    elif entry.is_mislabelled and verdict is LineVerdict.RIGHT:
        verdict = LineVerdict.MISLABELLED
    elif repeats and verdict is LineVerdict.RIGHT:
        verdict = LineVerdict.REPEATED
    span = marked.spans.get(entry.quantity) if verdict is LineVerdict.WRONG else None
    text = TEXTS.get(verdict, "")
    if verdict is LineVerdict.METHOD and entry.quantity not in points.nodes:
        text = "It is claimed, not shown: steps must stand between both ends."
    if verdict is LineVerdict.UNREAD and not claim.is_unread:
        text = "It stands on a gradient that may be in a line which cannot be read: a person looks at both."
    if verdict is LineVerdict.WRONG:
        about = {finding.at: finding.text for _, finding in marked.marks.findings}
        text = about.get(entry.quantity, "")
    elif verdict is LineVerdict.MISLABELLED:
        text = f"It is labelled {claim.quantity}, and is the right value of {entry.quantity}."
    return _line(claim, verdict, points, quantity=entry.quantity, text=text, span=span, off=_off(entry))


def _off(entry: Entry) -> frozenset[int]:
    """Return the numbers of the sides that are not what the line counts as."""
    return frozenset(side.at for side in (*entry.formulas_off, *entry.figures_off))


def _without_entry(claim: Claim, equation: Equation | None, points: Points) -> LineResult:
    if claim.is_withdrawn:
        return _line(claim, LineVerdict.WITHDRAWN, points, text=f"It is {claim.line.withdrawn.value}.")
    if claim.line.sides[0].tree is None and claim.label is None:
        return _line(claim, LineVerdict.UNREAD, points)
    is_own = claim.label is not None and claim.label.kind in (Kind.OWN, Kind.FUNCTION)
    if is_own and (equation is None or equation.holds is not False):
        return _line(claim, LineVerdict.DEFINITION, points, text="" if equation is None else equation.text)
    if claim.quantity is not None and claim.formulas and all(side.is_right for side in claim.formulas):
        return _line(claim, LineVerdict.REPEATED, points, quantity=claim.quantity)
    if equation is not None and equation.holds is not None:
        verdict = LineVerdict.RIGHT if equation.holds else LineVerdict.WRONG
        return _line(claim, verdict, points, text=equation.text)
    return _line(claim, LineVerdict.OPEN, points)


def _line(
    claim: Claim,
    verdict: LineVerdict,
    points: Points,
    *,
    quantity: str | None = None,
    text: str = "",
    span: tuple[int, int] | None = None,
    off: frozenset[int] | None = None,
) -> LineResult:
    line = claim.line
    position = line.position
    judged = {side.at: side for side in claim.sides}
    return LineResult(
        place=Place(
            file=position.document,
            cell=position.cell,
            line=position.line,
            heading=line.path[-1] if line.path else "",
        ),
        column=position.column,
        sides=tuple(
            _side(side, _is_right(judged.get(at), off), judged.get(at), points, span=span)
            for at, side in enumerate(line.sides)
        ),
        verdict=verdict,
        quantity=quantity,
        label=claim.quantity,
        text=text,
        notes=tuple(dict.fromkeys(_notes(line.sides, claim.sides))),
    )


def _is_right(judged: JudgedSide | None, off: frozenset[int] | None) -> bool | None:
    """Say whether a side is what the line counts as; None where that is not known."""
    if judged is None or judged.is_unread:
        return None
    return judged.is_right if off is None else judged.at not in off


def _side(
    side: Side,
    is_right: bool | None,
    judged: JudgedSide | None,
    points: Points,
    *,
    span: tuple[int, int] | None,
) -> LineSide:
    shown = (
        mathml(side.tree, mark=span if is_right is False else None, spellings=points.sheet.spellings)
        if side.tree is not None
        else ""
    )
    note = ""
    if side.problem is not None:
        note = side.problem.text
    elif judged is not None and judged.values is not None:
        note = judged.values.misfit or judged.values.problem or ""
    return LineSide(
        relation=side.relation,
        source=side.source,
        mathml=shown,
        is_right=is_right,
        note=note,
    )


def _notes(sides: Iterable[Side], judged: Sequence[JudgedSide]) -> Iterator[str]:
    for side in sides:
        yield from (_told(note) for note in side.notes if note.kind is not NoteKind.UNREAD)
    for one in judged:
        if one.values is not None:
            yield from one.values.notes


def _told(note: PlacedNote) -> str:
    return note.text
