"""Updated parameters: the step of gradient descent, from the student's own gradients, and its slips."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from msgspec import Struct, field

from grader.assignment import RATE, Role, Unit, updated
from grader.marking.expectations import CaseExpectations, Expectations, Key
from grader.marking.explain import Candidate
from grader.marking.trials import Trial, put_in
from grader.marking.variants import GradientChange, all_slips, wrong_gradients
from grader.model import Array, Case
from reference.network import Graph


class UpdateChange(Struct, frozen=True, kw_only=True, eq=False):
    """A wrong way to compute some new weights."""

    weights: Callable[[Trial], Mapping[Key, Array]]
    """What they come to."""
    written: str = ""
    """The first of them as it is computed then, without the name before it."""
    along: Candidate[GradientChange] | None = None
    """The slip of the gradient that is stepped along; None where the mistake is one of the step itself."""


StepRule: TypeAlias = Callable[[Any, Any, float], Any]
"""`rule(w, g, rate)` -> the new weight."""


class StepSlip(NamedTuple):
    """A mistake in one update, w - rate g."""

    name: str
    text: str
    rule: StepRule
    """Gives the shape of w."""
    written: str
    """With `{w}`, `{g}` and `{rate}`."""


STEP_SLIPS = (
    StepSlip(
        "ascent",
        "the gradient is added where it is subtracted",
        lambda w, g, rate: w + rate * g,
        "{w} + {rate} * {g}",
    ),
    StepSlip(
        "step-missing", "the weight is returned unchanged", lambda w, g, rate: w + 0.0 * rate * g, "{w}"
    ),
    StepSlip(
        "rate-missing", "the learning rate is left out", lambda w, g, rate: w - g + 0.0 * rate, "{w} - {g}"
    ),
    StepSlip(
        "rate-twice",
        "the learning rate is applied twice",
        lambda w, g, rate: w - rate * rate * g,
        "{w} - {rate}^2 * {g}",
    ),
    StepSlip(
        "ascent",
        "the gradient is added, and without the learning rate",
        lambda w, g, rate: w + g + 0.0 * rate,
        "{w} + {g}",
    ),
    StepSlip(
        "wrong-factor",
        "it is divided by the learning rate, not multiplied",
        lambda w, g, rate: w - g / rate,
        "{w} - {g} / {rate}",
    ),
    StepSlip(
        "weight-missing",
        "the step is returned without the old weight",
        lambda w, g, rate: -rate * g + 0.0 * w,
        "-{rate} * {g}",
    ),
    StepSlip(
        "weight-missing",
        "the step is returned instead of the new weight",
        lambda w, g, rate: rate * g + 0.0 * w,
        "{rate} * {g}",
    ),
    StepSlip(
        "scaled",
        "the step is twice what it should be",
        lambda w, g, rate: w - 2.0 * rate * g,
        "{w} - 2 * {rate} * {g}",
    ),
    StepSlip(
        "scaled",
        "the step is half of what it should be",
        lambda w, g, rate: w - 0.5 * rate * g,
        "{w} - 0.5 * {rate} * {g}",
    ),
)
"""Slips of one update."""


class UpdateDomain(Struct, frozen=True, kw_only=True, eq=False):
    """The stage of updates: `update`, a unit on given gradients, and `step`, the composition."""

    everything: Expectations
    keys: Sequence[Key]
    _gradients: dict[tuple[Trial, Role], Mapping[str, Array]] = field(default_factory=dict)

    def predict(self, trial: Trial, accepted: tuple[UpdateChange, ...]) -> Mapping[Key, Array]:
        """Return each new weight as it follows from the student's own gradients."""
        predicted = self._stepped(trial, lambda w, g, rate: w - rate * g, self.keys)
        for change in accepted:
            predicted.update(change.weights(trial))
        return predicted

    def altered(
        self, trial: Trial, accepted: tuple[UpdateChange, ...], change: UpdateChange, keys: AbstractSet[Key]
    ) -> Mapping[Key, Array]:
        """Return the new weights that one more slip alters."""
        del accepted, keys  # each slip gives whole new weights, whatever came before
        return change.weights(trial)

    def candidates(self, open_keys: AbstractSet[Key]) -> Iterator[Candidate[UpdateChange]]:
        """Yield the slips of updates, of all open ones at once and of each alone."""
        together = [key for key in self.keys if key in open_keys]
        groups = [together, *([key] for key in together)] if len(together) > 1 else [together]
        for keys in groups:
            for slip in STEP_SLIPS:
                yield Candidate(
                    slip=slip.name, at=keys[0][1], text=slip.text, change=self._change(slip, keys)
                )
        for key in together:
            yield from self._exchanged(key)
        step_keys = tuple(key for key in together if self._role(key) is Role.STEP)
        if step_keys:
            yield from _wrong_steps(self.everything, step_keys)

    def further_candidates(self, open_keys: AbstractSet[Key]) -> Iterator[Candidate[UpdateChange]]:
        """Yield nothing."""
        del open_keys
        yield from ()

    def scaled_candidates(
        self, open_keys: AbstractSet[Key], factors: Sequence[float]
    ) -> Iterator[Candidate[UpdateChange]]:
        """Yield nothing: a new weight off by a constant factor is no usual mistake."""
        del open_keys, factors
        yield from ()

    def _role(self, key: Key) -> Role:
        return self.everything.unit.functions[key[0]].role

    def _stepped(self, trial: Trial, rule: StepRule, keys: Sequence[Key]) -> dict[Key, Array]:
        unit = self.everything.unit
        of = {updated(name): name for name in unit.parameters}
        case = trial.reference.case
        return {
            key: np.asarray(
                rule(
                    case.leaves[of[key[1]]],
                    self._gradient(trial, self._role(key))[of[key[1]]],
                    case.rate,
                )
            )
            for key in keys
        }

    def _gradient(self, trial: Trial, role: Role) -> Mapping[str, Array]:
        """Return the gradients that a function steps along: given ones, or the student's own where there are any."""
        if role is Role.UPDATE:
            return trial.reference.case.given_gradients
        if (trial, role) not in self._gradients:
            graph, parameters = self.everything.unit.graph, self.everything.unit.parameters
            right = {name: graph.gradient(trial.reference.backward, name) for name in parameters}
            own = put_in(trial, self.everything, (Role.BACKWARD,))
            self._gradients[trial, role] = right | {name: own[name] for name in parameters if name in own}
        return self._gradients[trial, role]

    def _change(self, slip: StepSlip, keys: Sequence[Key]) -> UpdateChange:
        unit = self.everything.unit
        name = unit.parameters[[updated(one) for one in unit.parameters].index(keys[0][1])]
        return UpdateChange(
            weights=lambda trial: self._stepped(trial, slip.rule, keys),
            written=_step(unit, name, form=slip.written),
        )

    def _exchanged(self, key: Key) -> Iterator[Candidate[UpdateChange]]:
        """Yield an update with another parameter's weight or gradient."""
        unit = self.everything.unit
        own = next(name for name in unit.parameters if updated(name) == key[1])
        for other in unit.parameters:
            if other == own:
                continue
            for weight, gradient in ((other, own), (own, other)):
                what = f"the weight {other}" if weight == other else f"the gradient of {other}"
                yield Candidate(
                    slip="wrong-operand",
                    at=key[1],
                    text=f"{what} is used for {own}",
                    change=self._mixed(key, weight, gradient),
                )

    def _mixed(self, key: Key, weight: str, gradient: str) -> UpdateChange:
        def weights(trial: Trial) -> Mapping[Key, Array]:
            case = trial.reference.case
            g = self._gradient(trial, self._role(key))[gradient]
            return {key: np.asarray(case.leaves[weight] - case.rate * g)}

        return UpdateChange(weights=weights, written=_step(self.everything.unit, weight, gradient))


def _step(unit: Unit, weight: str, gradient: str | None = None, form: str = "{w} - {rate} * {g}") -> str:
    """Write one update; along the weight's own gradient where no other is named."""
    return form.format(w=weight, rate=RATE, g=unit.gradient(gradient or weight))


# --------------------------------------------------------------------------------------------------------------
# Slips of the composition: what comes of them depends on the cases alone, so it is computed once for all students


Weights: TypeAlias = Mapping[str, Mapping[str, Array]]
"""New weights by case, under the names of the quantities."""


@lru_cache(maxsize=64)
def _wrong_steps(everything: Expectations, keys: tuple[Key, ...]) -> tuple[Candidate[UpdateChange], ...]:
    """Return the slips of `step` beside those of an update, as candidates to explain some of its answers."""
    early = [
        Candidate(
            slip="updated-weights-used",
            at=keys[0][1],
            text=text,
            change=UpdateChange(
                weights=_from_table(weights, keys), written=_early_step(everything.unit, keys[0][1], early)
            ),
        )
        for text, early, weights in _early_updates(everything)
    ]
    along = [
        Candidate(
            slip=slip.slip,
            at=keys[0][1],
            text=f"the gradient used in the step is off as if at {slip.at} {slip.text}",
            change=UpdateChange(weights=_from_table(weights, keys), along=slip),
            roundabout=True,
        )
        for slip, weights in _gradient_slips(everything)
    ]
    return (*early, *along)


def _early_step(unit: Unit, quantity: str, early: Sequence[str]) -> str:
    """Write the step of one weight, with those that its gradient is computed from where they are new already."""
    name = unit.parameters[[updated(one) for one in unit.parameters].index(quantity)]
    before = early[: early.index(name)] if name in early else early
    new = ", ".join(f"{one} = {updated(one)}" for one in before)
    return _step(unit, name) + (f", where {new} in {unit.gradient(name)}" if new else "")


def _from_table(weights: Weights, keys: Sequence[Key]) -> Callable[[Trial], Mapping[Key, Array]]:
    table = {case: {key: new[key[1]] for key in keys} for case, new in weights.items()}
    return lambda trial: table[trial.reference.case.name]


@lru_cache(maxsize=64)
def _early_updates(everything: Expectations) -> tuple[tuple[str, tuple[str, ...], Weights], ...]:
    """Return the steps whose gradients are taken after some weights were already updated, with those in their order."""
    unit = everything.unit
    names = unit.parameters
    on_the_way = "each weight is updated before the gradient behind it is computed"
    in_turn = "the gradients are computed anew after each updated weight"
    from_loss = tuple(name for name in unit.graph.gradient_order(names) if name in names)
    ways: list[tuple[str, tuple[str, ...], Callable[[Case], Mapping[str, Array]]]] = [
        (on_the_way, from_loss, lambda case: updated_on_the_way(unit, case, frozenset(names))),
        (in_turn, names, lambda case: updated_in_turn(unit, case, names)),
        (in_turn, names[::-1], lambda case: updated_in_turn(unit, case, names[::-1])),
    ]
    ways.extend(
        (f"{name} is updated before the gradient behind it is computed", (name,), _one_early(unit, name))
        for name in names
    )
    return tuple(
        (
            text,
            early,
            {r.case.name: {updated(p): new for p, new in way(r.case).items()} for r in everything.cases},
        )
        for text, early, way in ways
    )


def _one_early(unit: Unit, name: str) -> Callable[[Case], Mapping[str, Array]]:
    return lambda case: updated_on_the_way(unit, case, frozenset({name}))


@lru_cache(maxsize=64)
def _gradient_slips(everything: Expectations) -> tuple[tuple[Candidate[GradientChange], Weights], ...]:
    """Return the steps along a gradient that has a slip of its own."""
    unit = everything.unit
    table: list[tuple[Candidate[GradientChange], Weights]] = []
    for slip in all_slips(everything):
        by_case = wrong_gradients(everything, slip.change)
        if by_case is not None:
            with suppress(ValueError):  # shapes that do not allow a step along it: nobody can have made it
                stepped = {r.case.name: _step_along(unit, r, by_case[r.case.name]) for r in everything.cases}
                table.append((slip, stepped))
    return tuple(table)


def _step_along(unit: Unit, reference: CaseExpectations, wrong: Mapping[str, Array]) -> Mapping[str, Array]:
    """Take one step along the gradient, some of it wrong."""
    case, graph = reference.case, unit.graph
    return {
        updated(name): np.asarray(
            case.leaves[name]
            - case.rate * (wrong[name] if name in wrong else graph.gradient(reference.backward, name))
        )
        for name in unit.parameters
    }


def updated_on_the_way(unit: Unit, case: Case, early: AbstractSet[str]) -> dict[str, Array]:
    """Take one backward pass from the loss in which a weight is replaced as soon as its gradient is known.

    Parameters
    ----------
    unit : Unit
    case : Case
    early : set of str
        The parameters that are replaced at once; the others when the pass is over.

    Returns
    -------
    dict of str to ndarray
        The new value of every parameter. Gradients nearer the inputs are wrong: they pass through new weights.
    """
    graph = unit.graph
    run = graph.forward(case.leaves)
    values = list(run.used)
    gradients: list[Any] = [None] * len(graph.nodes)
    gradients[graph.index[graph.loss]] = np.ones_like(values[graph.index[graph.loss]])
    new: dict[str, Array] = {}
    for i in range(len(graph.nodes) - 1, -1, -1):
        node = graph.nodes[i]
        if node.operation is None or gradients[i] is None:
            continue
        # Parameters first: their gradient is read off before the layer's input gets its own.
        positions = sorted(
            range(len(node.inputs)), key=lambda p: graph.nodes[node.inputs[p]].name not in early
        )
        for position in positions:
            source = node.inputs[position]
            part = node.operation.rules[position](
                gradients[i], run.used[i], *(values[j] for j in node.inputs)
            )
            gradients[source] = part if gradients[source] is None else gradients[source] + part
            name = graph.nodes[source].name
            if name is not None and name in early and i == min(edge.node for edge in graph.consumers[source]):
                values[source] = np.asarray(case.leaves[name] - case.rate * gradients[source])
                new[name] = values[source]
    for name in unit.parameters:
        if name not in new:
            gradient = gradients[graph.index[name]]
            new[name] = np.asarray(case.leaves[name] - case.rate * (0.0 if gradient is None else gradient))
    return new


def updated_in_turn(unit: Unit, case: Case, order: Sequence[str]) -> dict[str, Array]:
    """Update the parameters one after the other, each along a gradient computed with those already updated.

    Parameters
    ----------
    unit : Unit
    case : Case
    order : sequence of str

    Returns
    -------
    dict of str to ndarray
        The new value of every parameter.
    """
    graph: Graph = unit.graph
    leaves = dict(case.leaves)
    for name in order:
        back = graph.backward(graph.forward(leaves))
        leaves[name] = np.asarray(leaves[name] - case.rate * graph.gradient(back, name))
    return {name: leaves[name] for name in unit.parameters}
