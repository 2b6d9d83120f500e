"""Slips planted into the reference: what a student with exactly one known mistake would answer, and what marking makes of it.

Every edge, node and update of a network is given each slip it admits, one at a time; all other work is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from grader.assignment import (
    RATE,
    Assignment,
    CaseRules,
    FunctionSpec,
    Policy,
    QuestionSpec,
    Role,
    Unit,
    updated,
)
from grader.assignment_file import load
from grader.cases import cases_of
from grader.marking.expectations import CaseExpectations, Expectations, Key, expectations
from grader.marking.explain import Candidate
from grader.marking.gradients import EdgeChange, backward_under, places
from grader.marking.mark import mark
from grader.marking.result import Marks, assemble
from grader.marking.trials import Trial
from grader.marking.updates import UpdateDomain
from grader.marking.values import forward_slips, rewritten
from grader.model import Answer, AnswerKind, Array, Case, Limits
from reference.network import Backward, Graph, trace
from reference.networks.mlp import three_layer_mlp, two_layer_mlp
from reference.networks.softmax_cross_entropy import softmax_with_cross_entropy

NETWORKS = ("skip_network", "two_layer_mlp", "three_layer_mlp", "softmax_with_cross_entropy")

DERIVATIVES = ("derivative, all gradients given", "derivative, only parameters given")
"""The two kinds of planted slips of the backward pass."""

IMPOSSIBLE = (ValueError, IndexError)
"""What NumPy raises where the shapes do not allow a mistake: nobody can have made it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plant:
    """The answers of a student with one slip."""

    kind: str
    slip: str
    at: str
    text: str
    trials: tuple[Trial, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What marking makes of a planted slip."""

    kind: str
    slip: str
    at: str
    text: str
    changes: bool
    """Whether an answer differs from the reference by more than rounding, and not only where a kink leaves it open."""
    accepted: bool
    """Whether it got full points."""
    named: bool
    """Whether a finding names it, or a slip that gives the same numbers: nobody can tell those apart."""
    placed: bool
    """Whether the first mistake is where it, or a slip that gives the same numbers, was planted."""
    found: tuple[str, ...]
    """The findings, as `slip at quantity`."""


# --------------------------------------------------------------------------------------------------------------
# Networks with cases


def expected(network: str, seed: int) -> Expectations:
    """Return the expectations of a shipped network on cases drawn from a seed.

    Parameters
    ----------
    network : str
        One of `NETWORKS`.
    seed : int

    Returns
    -------
    Expectations
        The skip network's are those of its assignment; arrays have N = 1 and N > 1 and sides of pairwise different sizes.
    """
    generator = np.random.default_rng(seed)
    if network == "skip_network":
        shipped = load(network).units[0]
        return expectations(shipped, cases_of(shipped, generator))
    if network == "softmax_with_cross_entropy":
        graph = trace(softmax_with_cross_entropy)
        made = _unit(graph, inputs=(), targets=("t",), parameters=("s",))
        sizes: list[dict[str, tuple[int, ...]]] = [{"s": (n, 4), "t": (n, 4)} for n in (1, 6, 3, 5)]
    else:
        function, sides = (
            (two_layer_mlp, (5, 4, 3)) if network == "two_layer_mlp" else (three_layer_mlp, (5, 4, 6, 3))
        )
        parameters = tuple(f"{letter}{k}" for k in range(1, len(sides)) for letter in ("W", "b"))
        graph = trace(function)
        made = _unit(graph, inputs=("X",), targets=("T",), parameters=parameters)
        sizes = [mlp_shapes(sides, n) for n in (7, 1, 8, 2)]
    cases = [_array_case(made, shapes, generator, number) for number, shapes in enumerate(sizes, start=1)]
    return expectations(made, cases)


def mlp_shapes(sides: Sequence[int], samples: int) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the leaves of an MLP with layers between sides of these sizes."""
    shapes: dict[str, tuple[int, ...]] = {"X": (samples, sides[0]), "T": (samples, sides[-1])}
    for k, (before, after) in enumerate(pairwise(sides), start=1):
        shapes |= {f"W{k}": (before, after), f"b{k}": (after,)}
    return shapes


def _unit(
    graph: Graph, *, inputs: tuple[str, ...], targets: tuple[str, ...], parameters: tuple[str, ...]
) -> Unit:
    """Make a unit that asks for everything, as the shipped one does."""
    values = tuple(name for name in graph.computed if name != graph.loss)
    inner = tuple(name for name in graph.gradient_order(parameters) if name in values)
    new = tuple(updated(name) for name in parameters)
    last = ("logits" if "logits" in values else "p",)  # what the loss is called with
    leaves = (*inputs, *parameters)
    specs = [
        _function("forward", Role.FORWARD, leaves, values, values),
        _function("loss", Role.LOSS, (*last, *targets), (graph.loss,), (graph.loss,)),
        _function(
            "backward",
            Role.BACKWARD,
            (*inputs, *targets, *parameters),
            (*parameters, *inner),
            parameters,
            prefix=f"d{graph.loss}/d",
        ),
        _function("update", Role.UPDATE, ("weights", "gradients", RATE), new, new),
        _function(
            "step",
            Role.STEP,
            (*inputs, *targets, *parameters, RATE),
            new,
            new,
            optional=True,
        ),
    ]
    return Unit(
        name="",
        where="planted",
        graph=graph,
        inputs=inputs,
        targets=targets,
        parameters=parameters,
        functions={spec.name: spec for spec in specs},
        cases=CaseRules(drawn=4, leaves={}, near={}, worked={}),
        policy=Policy(),
    )


QUESTIONS = (
    QuestionSpec(id="forward", title="forward", functions=("forward", "loss"), points=3.0),
    QuestionSpec(id="gradients", title="gradients", functions=("backward",), points=4.0),
    QuestionSpec(id="update", title="update", functions=("update", "step"), points=3.0),
)


@lru_cache(maxsize=32)
def assignment_of(unit: Unit) -> Assignment:
    """Make an assignment of one unit, with the questions of the shipped one."""
    return Assignment(
        name="planted",
        title="A network as an assignment",
        folder=Path(),
        units=(unit,),
        questions=QUESTIONS,
        limits=Limits(),
        policy=unit.policy,
        digest="",
    )


def array_unit(layers: int, graph: Graph) -> Unit:
    """Make a unit on an MLP of some layers that asks for everything."""
    parameters = tuple(f"{letter}{k}" for k in range(1, layers + 1) for letter in ("W", "b"))
    return _unit(graph, inputs=("X",), targets=("T",), parameters=parameters)


def _function(
    name: str,
    role: Role,
    arguments: tuple[str, ...],
    keys: tuple[str, ...],
    required: tuple[str, ...],
    *,
    prefix: str = "",
    optional: bool = False,
) -> FunctionSpec:
    return FunctionSpec(
        name=name,
        role=role,
        arguments=arguments,
        keys=keys,
        quantities=tuple(prefix + key for key in keys),
        required=frozenset(prefix + key for key in required),
        optional=optional,
        single=role is Role.LOSS,
    )


def _array_case(
    made: Unit, shapes: Mapping[str, tuple[int, ...]], generator: np.random.Generator, number: int
) -> Case:
    return Case(
        name=f"drawn-{number}",
        leaves=_alive(made, shapes, generator),
        rate=float(generator.uniform(0.1, 0.9)),
        spare_leaves=_alive(made, shapes, generator),
        given_gradients={name: generator.normal(size=shapes[name]) for name in made.parameters},
    )


def _alive(
    made: Unit, shapes: Mapping[str, tuple[int, ...]], generator: np.random.Generator
) -> dict[str, Array]:
    """Draw leaves on which no gradient is zero as a whole: one sample may find every ReLU of a layer closed."""
    while True:
        leaves = {name: _leaf(name, shape, generator) for name, shape in shapes.items()}
        back = made.graph.backward(made.graph.forward(leaves))
        if all(np.any(made.graph.gradient(back, name)) for name in made.parameters):
            return leaves


def _leaf(name: str, shape: tuple[int, ...], generator: np.random.Generator) -> Array:
    """Draw weights at the scale of He initialisation, one-hot targets, and standard normal inputs."""
    if name in ("T", "t"):
        return np.asarray(np.eye(shape[-1])[generator.integers(0, shape[-1], size=shape[0])])
    if name.startswith("W"):
        return np.asarray(generator.normal(size=shape) * np.sqrt(2.0 / shape[0]))
    return np.asarray(generator.normal(size=shape) * (0.3 if name.startswith("b") else 1.0))


# --------------------------------------------------------------------------------------------------------------
# Answers


def given(value: Array | float) -> Answer:
    """Return a number as an answer."""
    return Answer(kind=AnswerKind.GIVEN, value=np.asarray(value))


def right_answers(reference: CaseExpectations) -> dict[Key, Answer]:
    """Return the reference's own values as answers."""
    return {key: given(expectation.value) for key, expectation in reference.by_key.items()}


def marked(everything: Expectations, trials: Sequence[Trial]) -> Marks:
    """Mark trials; a function without any answer counts as not answered."""
    answered = {function for trial in trials for function, _ in trial.answers}
    return assemble(assignment_of(everything.unit), [mark(everything, trials, answered=answered, changed={})])


def plants(everything: Expectations) -> Iterator[Plant]:
    """Yield every slip that a network admits, planted alone.

    Parameters
    ----------
    everything : Expectations

    Yields
    ------
    Plant
    """
    yield from derivative_plants(everything)
    yield from _forward_plants(everything)
    yield from _update_plants(everything)


def derivative_plants(everything: Expectations) -> Iterator[Plant]:
    """Yield the slips of derivatives: with every gradient given, and with those of the parameters only."""
    made = everything.unit
    for place in places(made.graph, made.parameters, (*made.inputs, *made.targets)):
        for slip in place.slips:
            change = slip.change
            assert isinstance(change, EdgeChange)
            for kind, nodes in zip(DERIVATIVES, (_asked_nodes(made), made.parameters), strict=True):
                answers = partial(_wrong_edge, made, change=change, nodes=nodes)
                yield from _planted(kind, slip, everything, answers)


def _wrong_edge(
    made: Unit, reference: CaseExpectations, change: EdgeChange, nodes: Sequence[str]
) -> dict[Key, Answer]:
    back = backward_under(made.graph, reference.forward, [change])
    return _with_gradients(made, right_answers(reference), reference.case, made.graph, back, nodes)


def _forward_plants(everything: Expectations) -> Iterator[Plant]:
    """Yield the slips of forward values: alone, with the derivative that belongs to them, and inside `backward` alone."""
    made = everything.unit
    for slip in forward_slips(made.graph):
        variant = rewritten(made.graph, [slip.change])
        for kind, in_forward, in_backward in (
            ("forward value alone", True, False),
            ("forward value with its derivative", True, True),
            ("forward value inside `backward` alone", False, True),
        ):
            answers = partial(_variant, made, variant=variant, in_forward=in_forward, in_backward=in_backward)
            yield from _planted(kind, slip, everything, answers)


def _variant(
    made: Unit, reference: CaseExpectations, variant: Graph, *, in_forward: bool, in_backward: bool
) -> dict[Key, Answer]:
    answers = right_answers(reference)
    run = variant.forward(reference.case.leaves)
    if in_forward:
        for spec in made.by_role(Role.FORWARD):
            answers |= {(spec.name, name): given(variant.value(run, name)) for name in spec.quantities}
        for spec in made.by_role(Role.LOSS):
            called_with = {
                name: made.graph.value(reference.spare_forward, name)
                for name in spec.arguments
                if name in made.graph.computed
            }
            unit = variant.forward(reference.case.spare_leaves, given=called_with)
            answers |= {(spec.name, name): given(variant.value(unit, name)) for name in spec.quantities}
    if in_backward:
        back = variant.backward(run)
        answers = _with_gradients(made, answers, reference.case, variant, back, _asked_nodes(made))
    return answers


def _update_plants(everything: Expectations) -> Iterator[Plant]:
    """Yield the slips of updates, in `update` and in `step`, early updates and slips of the gradient in `step` alone."""
    for role in (Role.UPDATE, Role.STEP):
        spec = everything.unit.by_role(role)[0]
        keys = [(spec.name, quantity) for quantity in spec.quantities]
        domain = UpdateDomain(everything=everything, keys=keys)
        for slip in domain.candidates(set(keys)):
            kind = "early update" if slip.slip == "updated-weights-used" else f"update, in `{spec.name}`"
            yield from _planted(kind, slip, everything, partial(_stepped, slip=slip))


def _stepped(
    reference: CaseExpectations, slip: Candidate[Callable[[Trial], Mapping[Key, Array]]]
) -> dict[Key, Answer]:
    answers = right_answers(reference)
    stepped = slip.change(Trial(reference=reference, answers=answers))
    return answers | {key: given(value) for key, value in stepped.items()}


def _asked_nodes(made: Unit) -> tuple[str, ...]:
    return made.by_role(Role.BACKWARD)[0].keys


def _with_gradients(
    made: Unit,
    answers: dict[Key, Answer],
    case: Case,
    graph: Graph,
    back: Backward,
    nodes: Sequence[str],
) -> dict[Key, Answer]:
    """Put gradients in, and the step along them; leave out what is not among the nodes."""
    backward, step = made.by_role(Role.BACKWARD)[0], made.by_role(Role.STEP)[0]
    kept = {key: answer for key, answer in answers.items() if key[0] not in (backward.name, step.name)}
    gradients = {node: given(graph.gradient(back, node)) for node in nodes}
    kept |= {(backward.name, made.gradient(node)): answer for node, answer in gradients.items()}
    new = {name: case.leaves[name] - case.rate * graph.gradient(back, name) for name in made.parameters}
    return kept | {(step.name, updated(name)): given(value) for name, value in new.items()}


def _planted(
    kind: str,
    slip: Candidate[Any],
    everything: Expectations,
    answers: Callable[[CaseExpectations], Mapping[Key, Answer]],
) -> Iterator[Plant]:
    try:
        trials = tuple(Trial(reference=r, answers=answers(r)) for r in everything.cases)
    except IMPOSSIBLE:
        return
    yield Plant(kind=kind, slip=slip.slip, at=slip.at, text=slip.text, trials=trials)


# --------------------------------------------------------------------------------------------------------------
# What marking makes of them


def outcomes(
    everything: Expectations, planted: Sequence[Plant], among: Sequence[Plant] | None = None
) -> list[Outcome]:
    """Mark planted slips and say of each whether it was refused, named and found at its place.

    Parameters
    ----------
    everything : Expectations
    planted : sequence of Plant
    among : sequence of Plant, optional
        Where those with the same numbers are looked for; by default the planted ones.

    Returns
    -------
    list of Outcome
    """
    among = planted if among is None else among
    same = dict(zip(map(id, among), _indistinguishable(everything, among), strict=True))
    return [_outcome(everything, plant, same[id(plant)]) for plant in planted]


def _outcome(everything: Expectations, plant: Plant, same: Sequence[Plant]) -> Outcome:
    marks = marked(everything, plant.trials)
    findings = [finding for question in marks.questions for finding in question.findings]
    points = sum(question.points for question in marks.questions)
    names = {other.slip for other in same}
    return Outcome(
        kind=plant.kind,
        slip=plant.slip,
        at=plant.at,
        text=plant.text,
        changes=bool(changed_keys(plant.trials)),
        accepted=points > assignment_of(everything.unit).max_points - 1e-9,
        named=any(not names.isdisjoint((finding.slip, *finding.also)) for finding in findings),
        placed=marks.first_mistake in {_place(everything, other) for other in same},
        found=tuple(f"{finding.slip} at {finding.at}" for finding in findings),
    )


def _place(everything: Expectations, plant: Plant) -> str:
    """Return where the first mistake of a planted slip is.

    A derivative's own place may be a gradient that nobody gave. Else it is the first number that is off: a forward slip
    inside `backward` alone leaves the forward values right, an early update its own weight.
    """
    if plant.kind in DERIVATIVES:
        return plant.at
    changed = {quantity for _, quantity in changed_keys(plant.trials)}
    return next((name for name in everything.unit.order if name in changed), "")


def _indistinguishable(everything: Expectations, planted: Sequence[Plant]) -> list[list[Plant]]:
    """Return for each planted slip all that give the same answers on every case, itself among them."""
    flat = [_flat(everything, plant) for plant in planted]
    lengths: dict[tuple[tuple[Key, ...], int], list[int]] = {}
    for i, (keys, numbers) in enumerate(flat):
        lengths.setdefault((keys, numbers.size), []).append(i)
    groups: list[list[Plant]] = [[] for _ in planted]
    for members in lengths.values():
        table = np.stack([flat[i][1] for i in members])
        for i in members:
            near = np.isclose(table, flat[i][1], rtol=1e-4, atol=1e-12, equal_nan=True).all(axis=1)
            groups[i] = [planted[j] for j, same in zip(members, near, strict=True) if same]
    return groups


def _flat(everything: Expectations, plant: Plant) -> tuple[tuple[Key, ...], Array]:
    """Return which answers are given, and all their numbers in one row; those that a kink leaves open as zeros."""
    keys = tuple(key for key in everything.cases[0].by_key if key in plant.trials[0].answers)
    numbers = [
        np.ravel(answer.value if not trial.reference.by_key[key].free else 0.0)
        for trial in plant.trials
        for key in keys
        if (answer := trial.answers[key]).value is not None
    ]
    return keys, np.concatenate(numbers)


def changed_keys(trials: Sequence[Trial]) -> set[Key]:
    """Return which answers differ from the reference by more than rounding.

    Parameters
    ----------
    trials : sequence of Trial

    Returns
    -------
    set of Key
        By a plain rule of its own, not by the grader's comparison. Where a kink leaves the value open, any is as right.
    """
    return {
        key
        for trial in trials
        for key, answer in trial.answers.items()
        if answer.value is not None
        and not trial.reference.by_key[key].free
        and _differs(answer.value, trial.reference.by_key[key].value)
    }


def _differs(actual: Array, wanted: Array) -> bool:
    if actual.shape != wanted.shape:
        return True
    # Written so that NaN and infinity differ.
    return not float(np.linalg.norm(actual - wanted)) <= 2e-4 * float(np.linalg.norm(wanted)) + 1e-12


# --------------------------------------------------------------------------------------------------------------
# The table


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One network's line of the table; all but `planted` count only slips that change a number."""

    network: str
    planted: int
    changing: int
    refused: int
    """Not accepted: fewer than full points."""
    named: int
    placed: int

    @property
    def holds(self) -> bool:
        """Whether nothing wrong was accepted and at least 95 % were named."""
        return self.refused == self.changing and self.named >= 0.95 * self.changing

    @property
    def cells(self) -> tuple[str, ...]:
        """The line as the table shows it."""
        return (
            f"`{self.network}`",
            str(self.planted),
            str(self.changing),
            *(
                f"{n} ({100 * n / max(self.changing, 1):.1f} %)"
                for n in (self.refused, self.named, self.placed)
            ),
        )


HEADINGS = ("network", "planted", "change a number", "not accepted", "named", "first mistake at the place")


def table_row(network: str, found: Sequence[Outcome]) -> Row:
    """Count outcomes.

    Parameters
    ----------
    network : str
    found : sequence of Outcome

    Returns
    -------
    Row
    """
    changing = [entry for entry in found if entry.changes]
    return Row(
        network=network,
        planted=len(found),
        changing=len(changing),
        refused=sum(not entry.accepted for entry in changing),
        named=sum(entry.named for entry in changing),
        placed=sum(entry.placed for entry in changing),
    )
