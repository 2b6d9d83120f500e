"""Checks each gradient that a student gives against central differences of the student's own forward pass.

What is marked is not touched: these are further calls of the same functions, in processes of their own behind the same walls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from grader.assignment import FunctionSpec, Kind, Role, Unit
from grader.gradient_check.claims import Evidence, GradientCheck, GradientClaim
from grader.gradient_check.differences import (
    FINE,
    MOST_NOISE,
    NOISY,
    SECOND,
    Quotient,
    Undecided,
    quotient,
)
from grader.gradient_check.evaluate import Evaluation, OwnPass, Place, evaluated, place_key
from grader.gradient_check.points import Direction, Point, directions
from grader.marking.compare import Tolerance, equal
from grader.marking.conventions import SLIP
from grader.marking.expectations import CaseExpectations, Expectations
from grader.model import Call, CallResult, Grade, Job, QuantityResult, RunOutcome, Status, Submission, Verdict
from grader.session import Session, job_of

MOST_CASES = 2
"""Of a unit of arrays, besides the one that shows a verdict."""
MOST_CASES_OF_NUMBERS = 3
"""Of a unit of single numbers, where a case says less."""
MOST_PLACES = 400
"""Points of a unit at which its forward pass is evaluated."""
MOST_CPU_S = 3.0
"""For the whole check: whose forward pass takes seconds is told that differences would take too long."""
MOST_ROUNDS = 3
"""Of calls: steps that cross a kink, or are too fine for single precision, are taken again with others."""
ROUNDED = 4.0
"""How many uncertainties of a difference quotient a gradient may be off."""
_ALIKE = 3
"""Digits of an error to which two cases say as much."""
INEXACT = "differences of its forward pass are not exact enough"
OFF = (Verdict.WRONG, Verdict.INVALID, Verdict.FOLLOWS)


class _Asked(Struct, frozen=True, kw_only=True, eq=False):
    """One directional derivative that is looked for."""

    own: OwnPass
    reference: CaseExpectations
    spec: FunctionSpec
    node: str
    direction: Direction

    def unit_step(self) -> float:
        """Return what a step of share 1 is, in the units of the leaf."""
        value = self.reference.case.leaves[self.node]
        entry = value if self.direction.index is None else value[self.direction.index]
        return max(1.0, float(np.max(np.abs(entry))))


def check_gradients(
    session: Session, submission: Submission, grade: Grade, run: Callable[[Job], RunOutcome]
) -> tuple[GradientCheck, ...]:
    """Check the gradients of a submission that was graded.

    Parameters
    ----------
    session : Session
        The cases it was graded on.
    submission : Submission
    grade : Grade
        What marking says; nothing that is said here speaks against it.
    run : callable
        Runs a job in the sandbox.

    Returns
    -------
    tuple of GradientCheck
        One for each unit that asks for gradients by leaves and was given some.
    """
    if grade.status is not Status.GRADED or not submission.sources:
        return ()
    verdicts = _Verdicts(session, grade)
    wholes = [whole for table in session.tables if (whole := _own_pass(table, session.tables)) is not None]
    asked = [one for own, table in wholes for one in _asked(own, table, verdicts)]
    if not asked:
        return ()
    job = job_of(session, submission)
    limits = replace(job.limits, submission_cpu_s=min(MOST_CPU_S, job.limits.submission_cpu_s))

    def make(calls: Sequence[Call]) -> Mapping[str, CallResult]:
        outcome = run(replace(job, calls=tuple(calls), limits=limits))
        return {result.key: result for result in outcome.calls}

    found, given = _quotients(asked, make)
    claims = (
        _checked(own, [one for one in asked if one.own is own], found, given, verdicts) for own, _ in wholes
    )
    return tuple(claim for claim in claims if claim is not None)


# --------------------------------------------------------------------------------------------------------------
# What is asked


class _Verdicts(Struct, frozen=True):
    """What marking says, by function and quantity."""

    session: Session
    grade: Grade

    def question(self, function: str) -> str:
        """Return the id of the question that asks for a function."""
        return next(one.id for one in self.session.assignment.questions if function in one.functions)

    def of(self, unit: Unit, spec: FunctionSpec, quantity: str) -> QuantityResult | None:
        """Return what came out for a quantity of a function; None where it is not listed."""
        wanted = self.question(spec.name), unit.label(quantity)
        for question in self.grade.questions:
            for entry in question.quantities:
                if (question.id, entry.name) == wanted:
                    return entry
        return None

    def convention(self, functions: Iterable[str]) -> str | None:
        """Return how the answers differ from what is right by a convention alone."""
        questions = {self.question(function) for function in functions}
        for question in self.grade.questions:
            for finding in question.findings if question.id in questions else ():
                if finding.slip == SLIP:
                    return finding.text
        return None


def _own_pass(table: Expectations, tables: Sequence[Expectations]) -> tuple[OwnPass, Expectations] | None:
    """Return what of a unit the student computes; None where no gradient is asked.

    A layer may be asked for its values in one unit, and for what it sends back in another.
    """
    backward = table.unit.by_role(Role.BACKWARD)
    if not backward:
        return None
    functions = list(table.unit.by_role(Role.FORWARD, Role.LOSS))
    given = {key for spec in functions for key in spec.keys}
    for other in tables if not functions else ():
        for spec in other.unit.by_role(Role.FORWARD) if not other.unit.parts else ():
            if not given & {*spec.keys} and _is_of(spec, other.unit, table):
                functions.append(spec)
                given |= {*spec.keys}
    return OwnPass(unit=table.unit, functions=tuple(functions), backward=backward), table


def _is_of(spec: FunctionSpec, unit: Unit, table: Expectations) -> bool:
    """Whether a function of another unit computes values of this one, from this one's leaves."""
    graph, own = unit.graph, table.unit.graph
    if not {*graph.leaves} <= {*own.leaves} or not {*spec.keys} <= {*own.computed}:
        return False
    exactly = Tolerance(rtol=1e-12, atol=0.0)
    first = table.cases[0]
    other = graph.forward({name: first.case.leaves[name] for name in graph.leaves})
    return all(equal(graph.value(other, key), own.value(first.forward, key), exactly) for key in spec.keys)


def _asked(own: OwnPass, table: Expectations, verdicts: _Verdicts) -> Iterator[_Asked]:
    """Yield the derivatives to look at: of every gradient by a leaf that was given, on some cases."""
    unit = own.unit
    for spec in own.backward:
        for node, quantity in zip(spec.keys, spec.quantities, strict=True):
            entry = verdicts.of(unit, spec, quantity)
            if node not in unit.graph.leaves or entry is None or _is_index(unit, node):
                continue
            if entry.verdict in (Verdict.MISSING, Verdict.INVALID):
                continue
            for reference in _cases(table, entry):
                wanted = (
                    entry.error.index
                    if entry.error is not None and entry.case == reference.case.name
                    else None
                )
                for direction in directions(node, reference.case.leaves[node], wanted):
                    yield _Asked(own=own, reference=reference, spec=spec, node=node, direction=direction)


def _is_index(unit: Unit, node: str) -> bool:
    rule = unit.cases.leaves.get(node)
    return rule is not None and rule.kind is Kind.LABELS


def _cases(table: Expectations, entry: QuantityResult) -> list[CaseExpectations]:
    """Return the cases to look at: the one that shows the verdict, and some others away from the edge."""
    usual = [one for one in table.cases if not one.case.edge]
    arrays = any(np.ndim(value) for value in table.cases[0].case.leaves.values())
    usual = usual[: MOST_CASES if arrays else MOST_CASES_OF_NUMBERS]
    shown = [one for one in table.cases if one.case.name == entry.case and one not in usual]
    return [*shown, *usual]


# --------------------------------------------------------------------------------------------------------------
# What comes out

_Found = Mapping[_Asked, "Quotient | Undecided"]


def _quotients(
    asked: Sequence[_Asked], make: Callable[[Sequence[Call]], Mapping[str, CallResult]]
) -> tuple[dict[_Asked, Quotient | Undecided], dict[str, Evaluation]]:
    """Take all quotients, those again that need another step; also return what was evaluated."""
    known: dict[str, Evaluation] = {}
    found: dict[_Asked, Quotient | Undecided] = {}
    open_now = dict.fromkeys(asked, FINE)
    for _ in range(MOST_ROUNDS):
        places = {place_key(place): place for one, base in open_now.items() for place in _places(one, base)}
        new = [place for key, place in places.items() if key not in known]
        known |= evaluated(_bounded(new), make)
        again: dict[_Asked, float] = {}
        for one, base in open_now.items():
            result = _quotient(one, base, known)
            found[one] = result
            if isinstance(result, Undecided) and result.next_step is not None:
                again[one] = result.next_step
        open_now = again
        if not open_now:
            break
    return found, known


def _bounded(places: Sequence[Place]) -> list[Place]:
    counts: dict[str, int] = {}
    kept = []
    for place in places:
        counts[place.own.unit.name] = counts.get(place.own.unit.name, 0) + 1
        if counts[place.own.unit.name] <= MOST_PLACES:
            kept.append(place)
    return kept


def _points(one: _Asked, base: float) -> tuple[Point, ...]:
    """Return the case itself, then behind and ahead of it for each step, the larger first."""
    name, step = one.reference.case.name, base * one.unit_step()
    moved = (
        Point(case=name, direction=one.direction, step=side * size)
        for size in (step, SECOND * step)
        for side in (-1.0, 1.0)
    )
    return (Point(case=name), *moved)


def _places(one: _Asked, base: float) -> Iterator[Place]:
    for point in _points(one, base):
        leaves = dict(one.reference.case.leaves)
        if point.direction is not None:
            leaves[one.node] = leaves[one.node] + point.step * point.direction.vector(leaves[one.node])
        yield Place(
            own=one.own,
            key=point.key,
            reference=one.reference,
            leaves=leaves,
            with_gradients=point.direction is None,
        )


def _quotient(one: _Asked, base: float, known: Mapping[str, Evaluation]) -> Quotient | Undecided:
    points = _points(one, base)
    keys = [f"{one.own.unit.name}/{point.key}" for point in points]
    if any(key not in known for key in keys):
        return Undecided(reason="it has too many entries for all of them to be looked at", next_step=None)
    here, *sides = (known[key] for key in keys)
    step = base * one.unit_step()
    pairs = ((step, sides[0], sides[1]), (SECOND * step, sides[2], sides[3]))
    return quotient(one.own.unit.graph, here, pairs, base, _scale(one, here))


def _scale(one: _Asked, here: Evaluation) -> float:
    gradient = here.gradients.get(one.node)
    return 0.0 if gradient is None else float(np.max(np.abs(gradient), initial=0.0))


# --------------------------------------------------------------------------------------------------------------
# What is said


def _checked(
    own: OwnPass, asked: Sequence[_Asked], found: _Found, known: Mapping[str, Evaluation], verdicts: _Verdicts
) -> GradientCheck | None:
    if not asked:
        return None
    forward = _forward_is_the_tasks(own, verdicts)
    nodes = dict.fromkeys((one.spec, one.node) for one in asked)
    claims = [
        _claim([one for one in asked if (one.spec, one.node) == key], found, known, verdicts, forward)
        for key in nodes
    ]
    functions = [spec.name for spec in (*own.functions, *own.backward)]
    convention = verdicts.convention(functions)
    if convention is None:
        claims += _not_comparable(own, verdicts)
    inner = (
        own.unit.label(quantity)
        for spec in own.backward
        for node, quantity in zip(spec.keys, spec.quantities, strict=True)
        if node not in own.unit.graph.leaves
    )
    return GradientCheck(
        question=verdicts.question(own.backward[0].name),
        unit=own.unit.name,
        gradients=tuple(claims),
        forward_is_the_tasks=forward,
        forward_is_given=not own.functions,
        convention=convention,
        inner=tuple(inner),
    )


def _not_comparable(own: OwnPass, verdicts: _Verdicts) -> Iterator[GradientClaim]:
    """Yield the gradients by leaves that are no numbers of the right shape: those fit no forward pass."""
    for spec in own.backward:
        for node, quantity in zip(spec.keys, spec.quantities, strict=True):
            entry = verdicts.of(own.unit, spec, quantity)
            if node in own.unit.graph.leaves and entry is not None and entry.verdict is Verdict.INVALID:
                yield GradientClaim(
                    function=spec.name, quantity=own.unit.label(quantity), fits=False, reason=entry.reason
                )


def _forward_is_the_tasks(own: OwnPass, verdicts: _Verdicts) -> bool | None:
    units = verdicts.session.assignment.unit_of
    entries = [
        verdicts.of(units[spec.name], spec, quantity)
        for spec in own.functions
        for quantity in spec.quantities
    ]
    said = [None if entry is None else entry.verdict for entry in entries]
    if any(verdict in OFF for verdict in said):
        return False
    return True if all(verdict is Verdict.CORRECT for verdict in said) else None


def _claim(
    asked: Sequence[_Asked],
    found: _Found,
    known: Mapping[str, Evaluation],
    verdicts: _Verdicts,
    forward: bool | None,
) -> GradientClaim:
    """Say whether one gradient fits, over all cases and entries that were looked at."""
    first = asked[0]
    unit, spec = first.own.unit, first.spec
    quantity = spec.quantities[spec.keys.index(first.node)]
    entry = verdicts.of(unit, spec, quantity)
    assert entry is not None
    evidence: list[tuple[float, Evidence]] = []
    reasons: dict[str, None] = {}
    decided: list[_Asked] = []
    for one in asked:
        said = _held_against(one, asked, found, known)
        if isinstance(said, str):
            reasons[said] = None
            continue
        decided.append(one)
        if said is not None:
            evidence.append(said)
    fits = (not evidence) if decided else None
    looked = [(one.reference.case.name, one.direction.index) for one in decided]
    sizes = {one.reference.case.name: one.reference.case.leaves[one.node] for one in decided}
    claim = GradientClaim(
        function=spec.name,
        quantity=unit.label(quantity),
        fits=fits,
        reason=next(iter(reasons), None) if fits is None else None,
        entries=len({(place, index) for place, index in looked if index is not None}),
        size=sum(np.size(value) for value in sizes.values()),
        cases=tuple(dict.fromkeys(one.reference.case.name for one in decided)),
        evidence=max(evidence, key=lambda pair: pair[0])[1] if evidence else None,
    )
    mistaken = verdicts.grade.first_mistake is not None
    return _in_line_with(claim, entry.verdict, unit, forward=forward, mistaken=mistaken)


def _held_against(
    one: _Asked, asked: Sequence[_Asked], found: _Found, known: Mapping[str, Evaluation]
) -> tuple[float, Evidence] | str | None:
    """Return how far a gradient is off and where, why nothing is said, or None where it fits."""
    result = found[one]
    if isinstance(result, Undecided):
        return result.reason
    name = one.reference.case.name
    gradient = known[f"{one.own.unit.name}/{name}"].gradients.get(one.node)
    if gradient is None:
        return "on this case it is no array of numbers in the shape of what it is derived by"
    vector = one.direction.vector(one.reference.case.leaves[one.node])
    given = float(np.sum(np.asarray(gradient, np.float64) * vector))
    beside = [
        abs(other.value)
        for key in asked
        if key.reference is one.reference and isinstance(other := found[key], Quotient)
    ]
    scale = max(*beside, abs(given))
    if result.uncertainty > MOST_NOISE * scale and scale > 0.0:
        return NOISY
    off = abs(given - result.value)
    if off <= one.own.unit.policy.rtol * scale + ROUNDED * result.uncertainty:
        return None
    evidence = Evidence(
        case=name,
        leaf=one.node,
        index=one.direction.index,
        given=given,
        numerical=result.value,
        step=result.step,
    )
    # An entry says more than a direction through all of them; of cases that say as much, the first is the worked one.
    return round(off / scale, _ALIKE) + (one.direction.index is not None), evidence


def _in_line_with(
    claim: GradientClaim, verdict: Verdict, unit: Unit, *, forward: bool | None, mistaken: bool
) -> GradientClaim:
    """Say nothing that marking knows better: it also looks at other cases, and at a network of right parts."""
    if claim.fits is False and verdict is Verdict.CORRECT and (forward or unit.parts):
        reason = "a part that it is built of is not right yet" if unit.parts and mistaken else INEXACT
        return replace(claim, fits=None, reason=reason, evidence=None)
    if claim.fits is not False and verdict in (Verdict.WRONG, Verdict.FOLLOWS) and forward:
        # The forward pass is right, so what is wrong beside the task is wrong beside it as well.
        reason = "it is wrong on a case, or in an entry, that no difference was taken at"
        return replace(claim, fits=False, reason=reason)
    return claim
