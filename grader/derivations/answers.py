"""From the lines of a question to its answers: the values of its formulas, and its numbers, case by case."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
from msgspec import Struct

from grader.assignment import Unit
from grader.derivations.claims import JudgedSide
from grader.derivations.entries import Entry
from grader.derivations.points import Points
from grader.derivations.values import Scope, Values, values_of
from grader.formulas.world import World
from grader.marking.expectations import CaseExpectations, Expectations, Key
from grader.marking.trials import Trial
from grader.model import WORKED, Answer, AnswerKind, Array

OPEN = Answer(kind=AnswerKind.OPEN)
NO_NUMBER = Answer(kind=AnswerKind.MISSING, reason="no number is given")


class Chosen(Struct, frozen=True, kw_only=True):
    """The line that answers for a quantity, with the sides that are marked."""

    entry: Entry
    formula: int = 0
    """Which of the formulas that are off is marked."""
    figure: int = 0
    """Which of the numbers."""

    @property
    def formula_off(self) -> JudgedSide | None:
        """The formula that is marked where one is off."""
        off = self.entry.formulas_off
        return off[self.formula] if self.formula < len(off) else None

    @property
    def figure_side(self) -> JudgedSide | None:
        """The number that is marked: one that is off, else the last one."""
        off = self.entry.figures_off
        if self.figure < len(off):
            return off[self.figure]
        return self.entry.claim.figures[-1] if self.entry.claim.figures else None


class _Own:
    """What names stand for at a case from a student's own lines; most answers need none of it, so it is made when asked for.

    Parameters
    ----------
    points : Points
    reference : CaseExpectations
        Of the case.
    """

    def __init__(self, points: Points, reference: CaseExpectations) -> None:
        self._points = points
        self._reference = reference
        self._values: dict[str, Array] = {}
        self._gradients: dict[str, Array] = {}
        self._world: World | None = points.worlds[reference.case.name]

    def take_in(self, quantity: str, value: Array) -> None:
        """Put a value of the student's in the reference's place, where all behind it can follow from it."""
        node = self._points.nodes[quantity]
        shape = np.shape(self._points.worlds[self._reference.case.name].value(node))
        if value.shape != shape or not np.all(np.isfinite(value)):
            return
        if quantity == node:
            self._values[node] = value
        elif quantity == self._points.sheet.unit.gradient(node):
            self._gradients[node] = value
        self._world = None

    @property
    def world(self) -> World:
        """The values and gradients that follow from what was taken in."""
        if self._world is None:
            graph = self._points.sheet.unit.graph
            run = graph.forward(self._reference.case.leaves, given=self._values)
            self._world = self._points.world(self._reference, run, self._gradients)
        return self._world


class Answers(Struct, frozen=True, kw_only=True, dict=True):
    """The answers of a question, each worked out once for every case."""

    points: Points
    everything: Expectations
    """Of the question."""
    chosen: Mapping[str, Chosen]
    """By quantity; equal quantities answer for each other."""
    by_number: frozenset[str] = frozenset()
    """Quantities of which the number alone is asked, whatever the formula beside it says."""

    @cached_property
    def trials(self) -> tuple[Trial, ...]:
        """The answers, case by case."""
        return tuple(
            Trial(reference=reference, answers=self._answers(reference))
            for reference in self.everything.cases
        )

    def world(self, reference: CaseExpectations) -> World:
        """Return what names stand for at a case from the student's own lines."""
        return self._worked_out[reference.case.name][0].world

    @cached_property
    def _worked_out(self) -> dict[str, tuple[_Own, dict[str, Answer]]]:
        """By case what names stand for, and the answers."""
        return {reference.case.name: self._answered(reference) for reference in self.everything.cases}

    def _answers(self, reference: CaseExpectations) -> dict[Key, Answer]:
        own = self._worked_out[reference.case.name][1]
        return {
            (spec.name, quantity): own[quantity]
            for spec in self.everything.unit.functions.values()
            for quantity in spec.quantities
            if quantity in own
        }

    def _answered(self, reference: CaseExpectations) -> tuple[_Own, dict[str, Answer]]:
        """Work the answers out in marking order: each from what the student has before it."""
        own = _Own(self.points, reference)
        answers: dict[str, Answer] = {}
        for quantity in _in_order(self.everything.unit):
            chosen = self.chosen.get(quantity)
            if chosen is None:
                continue
            answers[quantity] = answer = self._answer(quantity, chosen, reference, own)
            if answer.value is not None and not _is_right(chosen):
                own.take_in(quantity, answer.value)
        return own, answers

    def _answer(self, quantity: str, chosen: Chosen, reference: CaseExpectations, own: _Own) -> Answer:
        if reference.case.name == WORKED:
            return _number(chosen)
        if quantity in self.by_number:
            return OPEN
        target = self._target(quantity, reference)
        if chosen.formula_off is not None:
            return _formula(chosen.formula_off, chosen.entry.claim.scope, target, own.world)
        said = any(side.is_right for side in chosen.entry.claim.formulas) or chosen.entry.is_mislabelled
        return Answer(kind=AnswerKind.GIVEN, value=target) if said else OPEN

    def _target(self, quantity: str, reference: CaseExpectations) -> Array:
        names = [world_name for world_name in self.points.worlds if world_name != WORKED]
        return self.points.targets[quantity][names.index(reference.case.name)]


def _number(chosen: Chosen) -> Answer:
    """Return what a line gives on the worked case."""
    side = chosen.figure_side
    if side is None or side.figure is None:
        return NO_NUMBER
    if chosen.entry.formulas_off and not chosen.entry.figures_off:
        return OPEN  # it is right, and says nothing on what went wrong in the formula
    return Answer(kind=AnswerKind.GIVEN, value=side.figure.value, rounding=side.figure.rounding)


def _formula(side: JudgedSide, scope: Scope, target: Array, world: World) -> Answer:
    """Return what a formula that is not what is asked comes to, with what the student has before it."""
    assert side.tree is not None
    found = values_of(side.tree, [world], [target], scope)
    if not found.known or found.arrays[0] is None:
        return Answer(kind=AnswerKind.INVALID, reason=_reason(found))
    return Answer(kind=AnswerKind.GIVEN, value=found.arrays[0])


def _reason(found: Values) -> str:
    """Say why a formula has no value, as a part of a sentence."""
    return (found.misfit or found.problem or "it has no value").rstrip(".")


def _is_right(chosen: Chosen) -> bool:
    """Whether a line is the reference's own, so that nothing changes for those behind it."""
    return not chosen.entry.formulas_off and not chosen.entry.figures_off


def _in_order(unit: Unit) -> tuple[str, ...]:
    asked = {quantity for spec in unit.functions.values() for quantity in spec.quantities}
    return tuple(quantity for quantity in unit.order if quantity in asked)
