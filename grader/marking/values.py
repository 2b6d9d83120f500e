"""Forward values and the loss: what follows from the student's earlier values, and the slips of the forward pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from grader.assignment import Role
from grader.marking.expectations import Expectations, Key
from grader.marking.explain import Candidate
from grader.marking.trials import Trial, put_in
from grader.model import Array
from reference.network import Graph
from reference.operations import Operation, scaled

ROLES = (Role.FORWARD, Role.LOSS)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Rewrite:
    """Another operation, or other inputs, at one node."""

    index: int
    operation: Operation
    inputs: tuple[int, ...]


def rewritten(graph: Graph, rewrites: Sequence[Rewrite]) -> Graph:
    """Return the variant of a network with some nodes rewritten."""
    for rewrite in rewrites:
        graph = graph.replaced(rewrite.index, rewrite.operation, rewrite.inputs)
    return graph


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ValueDomain:
    """The stage of forward values."""

    everything: Expectations
    keys: Sequence[Key]
    _slips: list[Candidate[Rewrite]] = field(default_factory=list)
    """Made once for all students, since they depend on the network alone."""

    def predict(self, trial: Trial, changes: Sequence[Rewrite]) -> Mapping[Key, Array]:
        """Return each value as it follows from the student's values before it."""
        assignment = self.everything.assignment
        graph = rewritten(assignment.graph, changes)
        predicted: dict[Key, Array] = {}
        for spec in assignment.by_role(*ROLES):
            if spec.role is Role.FORWARD:
                given = put_in(trial, self.everything, (Role.FORWARD,))
                run = graph.forward(trial.reference.case.leaves, given=given)
            else:
                reference = trial.reference.unit_forward
                given = {
                    name: assignment.graph.value(reference, name)
                    for name in spec.arguments
                    if name in assignment.graph.computed
                }
                run = graph.forward(trial.reference.case.unit_leaves, given=given)
            predicted.update({(spec.name, name): graph.value(run, name) for name in spec.quantities})
        return predicted

    def candidates(self, open_keys: AbstractSet[Key]) -> Iterator[Candidate[Rewrite]]:
        """Yield every forward slip at a place that an open value is computed through."""
        if not self._slips:
            self._slips.extend(forward_slips(self.everything.assignment.graph))
        wanted = {quantity for _, quantity in open_keys}
        graph = self.everything.assignment.graph
        for candidate in self._slips:
            if wanted & _downstream(graph, candidate.at):
                yield candidate

    def scaled_candidates(
        self, open_keys: AbstractSet[Key], factors: Sequence[float]
    ) -> Iterator[Candidate[Rewrite]]:
        """Yield each open value scaled by a factor found in the answers."""
        graph = self.everything.assignment.graph
        for _, name in open_keys:
            for factor in factors:
                yield _scaled(graph, graph.index[name], factor)


def forward_slips(graph: Graph) -> Iterator[Candidate[Rewrite]]:
    """Yield every slip that the forward pass of a network admits.

    Parameters
    ----------
    graph : Graph

    Yields
    ------
    Candidate of Rewrite
        Placed at the node itself where it has a name, else at the first named node computed from it.
    """
    for i, node in enumerate(graph.nodes):
        if node.operation is None:
            continue
        at = named_from(graph, i)
        for slip in node.operation.forward_slips:
            if slip.name != "wrong-loss" or at == graph.loss:
                change = Rewrite(index=i, operation=slip.operation, inputs=node.inputs)
                yield Candidate(slip=slip.name, at=at, text=slip.text, change=change)
        change = Rewrite(index=i, operation=scaled(node.operation, -1.0), inputs=node.inputs)
        yield Candidate(slip="sign-flipped", at=at, text="the sign is flipped", change=change)
        yield from _other_operands(graph, i, at)
        for factor in (2.0, 0.5):
            yield _scaled(graph, i, factor)


def _scaled(graph: Graph, index: int, factor: float) -> Candidate[Rewrite]:
    node, at = graph.nodes[index], named_from(graph, index)
    assert node.operation is not None
    return Candidate(
        slip="wrong-loss" if at == graph.loss else "scaled",
        at=at,
        text=f"the value is {factor:.4g} times what it should be",
        change=Rewrite(index=index, operation=scaled(node.operation, factor), inputs=node.inputs),
    )


def _other_operands(graph: Graph, index: int, at: str) -> Iterator[Candidate[Rewrite]]:
    """Yield the node with one input exchanged for another named value that is known by then."""
    node = graph.nodes[index]
    assert node.operation is not None
    for position, source in enumerate(node.inputs):
        right = graph.nodes[source]
        if right.name is None:
            continue
        for name, other in graph.index.items():
            if other >= index or other == source or name == graph.loss:
                continue
            inputs = (*node.inputs[:position], other, *node.inputs[position + 1 :])
            yield Candidate(
                slip="wrong-operand",
                at=at,
                text=f"{name} stands where {right.name} belongs",
                change=Rewrite(index=index, operation=node.operation, inputs=inputs),
            )


def named_from(graph: Graph, index: int) -> str:
    """Return the name of a node, or of the first named node that is computed from it through unnamed ones."""
    name = graph.nodes[index].name
    while name is None:
        index = graph.consumers[index][0].node
        name = graph.nodes[index].name
    return name


def _downstream(graph: Graph, name: str) -> frozenset[str]:
    reached = {graph.index[name]}
    for i, node in enumerate(graph.nodes):
        if reached.intersection(node.inputs):
            reached.add(i)
    return frozenset(
        node.name for i, node in enumerate(graph.nodes) if i in reached and node.name is not None
    )
