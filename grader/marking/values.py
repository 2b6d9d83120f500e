"""Forward values and the loss: what follows from the student's earlier values, and the slips of the forward pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property, lru_cache

from msgspec import Struct, field

from grader.assignment import FunctionSpec, Role
from grader.marking.expectations import Expectations, Key
from grader.marking.explain import Candidate
from grader.marking.trials import Trial, put_in
from grader.model import Array
from reference.network import Forward, Graph
from reference.operations import Operation, scaled

ROLES = (Role.FORWARD, Role.LOSS)


class Rewrite(Struct, frozen=True, kw_only=True, eq=False):
    """Another operation, or other inputs, at one node."""

    index: int
    operation: Operation
    inputs: tuple[int, ...]


def rewritten(graph: Graph, rewrites: Sequence[Rewrite]) -> Graph:
    """Return the variant of a network with some nodes rewritten."""
    for rewrite in rewrites:
        graph = graph.replaced(rewrite.index, rewrite.operation, rewrite.inputs)
    return graph


class _Pass(Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """A forward pass that a function's answers follow from."""

    spec: FunctionSpec
    graph: Graph
    given: Mapping[str, Array]
    run: Forward

    @cached_property
    def reached(self) -> tuple[frozenset[str], ...]:
        """For each node the named nodes whose values it changes."""
        return reached_from(self.graph, frozenset(self.given))


class ValueDomain(Struct, frozen=True, kw_only=True, eq=False):
    """The stage of forward values."""

    everything: Expectations
    keys: Sequence[Key]
    _made: dict[tuple[Trial, tuple[Rewrite, ...]], tuple[_Pass, ...]] = field(default_factory=dict)

    def predict(self, trial: Trial, accepted: tuple[Rewrite, ...]) -> Mapping[Key, Array]:
        """Return each value as it follows from the student's values before it."""
        return {
            (made.spec.name, name): made.graph.value(made.run, name)
            for made in self._passes(trial, accepted)
            for name in made.spec.quantities
        }

    def altered(
        self, trial: Trial, accepted: tuple[Rewrite, ...], change: Rewrite, keys: AbstractSet[Key]
    ) -> Mapping[Key, Array]:
        """Return which of some values one more rewrite alters, and to what."""
        altered: dict[Key, Array] = {}
        for made in self._passes(trial, accepted):
            reached = made.reached[change.index]
            wanted = [key for key in keys if key[0] == made.spec.name and key[1] in reached]
            if wanted:
                new = made.graph.forward_with(
                    made.run, change.index, change.operation, change.inputs, given=made.given
                )
                altered.update({key: new[key[1]] for key in wanted})
        return altered

    def _passes(self, trial: Trial, accepted: tuple[Rewrite, ...]) -> tuple[_Pass, ...]:
        if (trial, accepted) not in self._made:
            unit, case = self.everything.unit, trial.reference.case
            graph = rewritten(unit.graph, accepted)
            passes = []
            for spec in unit.by_role(*ROLES):
                if spec.role is Role.FORWARD:
                    leaves, given = case.leaves, put_in(trial, self.everything, (Role.FORWARD,))
                else:
                    leaves, given = case.spare_leaves, self._called_with(spec, trial)
                run = graph.forward(leaves, given=given)
                passes.append(_Pass(spec=spec, graph=graph, given=given, run=run))
            self._made[trial, accepted] = tuple(passes)
        return self._made[trial, accepted]

    def _called_with(self, spec: FunctionSpec, trial: Trial) -> dict[str, Array]:
        """Return the values from the middle of the network that a function was called with."""
        graph = self.everything.unit.graph
        run = trial.reference.spare_forward
        return {name: graph.value(run, name) for name in spec.arguments if name in graph.computed}

    def candidates(self, open_keys: AbstractSet[Key]) -> Iterator[Candidate[Rewrite]]:
        """Yield every forward slip at a place that an open value is computed through."""
        wanted = {quantity for _, quantity in open_keys}
        graph = self.everything.unit.graph
        within = {name for name in graph.computed if wanted & downstream(graph, name)}
        return (candidate for candidate in forward_slips(graph) if candidate.at in within)

    def further_candidates(self, open_keys: AbstractSet[Key]) -> Iterator[Candidate[Rewrite]]:
        """Yield nothing."""
        del open_keys
        yield from ()

    def scaled_candidates(
        self, open_keys: AbstractSet[Key], factors: Sequence[float]
    ) -> Iterator[Candidate[Rewrite]]:
        """Yield each open value scaled by a factor found in the answers."""
        graph = self.everything.unit.graph
        for _, name in open_keys:
            for factor in factors:
                yield _scaled(graph, graph.index[name], factor)


@lru_cache(maxsize=64)
def forward_slips(graph: Graph) -> tuple[Candidate[Rewrite], ...]:
    """Return every slip that the forward pass of a network admits.

    Parameters
    ----------
    graph : Graph

    Returns
    -------
    tuple of Candidate of Rewrite
        Made once for a network, special ones first at each node. Placed at the node itself where it has a name, else at the first named node computed from it.
    """
    return tuple(
        candidate
        for i, node in enumerate(graph.nodes)
        if node.operation is not None
        for candidate in _node_slips(graph, i, node.operation)
    )


def _node_slips(graph: Graph, index: int, operation: Operation) -> Iterator[Candidate[Rewrite]]:
    at, inputs = named_from(graph, index), graph.nodes[index].inputs
    for slip in operation.forward_slips:
        if slip.name != "wrong-loss" or at in losses(graph):
            change = Rewrite(index=index, operation=slip.operation, inputs=inputs)
            yield Candidate(slip=slip.name, at=at, text=slip.text, change=change)
    change = Rewrite(index=index, operation=scaled(operation, -1.0), inputs=inputs)
    yield Candidate(slip="sign-flipped", at=at, text="the sign is flipped", change=change)
    yield from _other_operands(graph, index, at)
    for factor in (2.0, 0.5):
        yield _scaled(graph, index, factor)


@lru_cache(maxsize=64)
def losses(graph: Graph) -> frozenset[str]:
    """Return the loss, and the node with the loss of each sample where there is one: what the loss is computed from alone."""
    sources = {graph.nodes[source].name for source in graph.named_sources(graph.index[graph.loss])}
    single = sources if len(sources) == 1 else set()
    return frozenset(name for name in (graph.loss, *single) if name is not None)


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
                text=f"{name} stands where another value belongs",
                change=Rewrite(index=index, operation=node.operation, inputs=inputs),
            )


def named_from(graph: Graph, index: int) -> str:
    """Return the name of a node, or of the first named node that is computed from it through unnamed ones."""
    name = graph.nodes[index].name
    while name is None:
        index = graph.consumers[index][0].node
        name = graph.nodes[index].name
    return name


@lru_cache(maxsize=1024)
def downstream(graph: Graph, name: str) -> frozenset[str]:
    """Return a named node and all that are computed from it."""
    reached = {graph.index[name]}
    for i, node in enumerate(graph.nodes):
        if reached.intersection(node.inputs):
            reached.add(i)
    return frozenset(
        node.name for i, node in enumerate(graph.nodes) if i in reached and node.name is not None
    )


@lru_cache(maxsize=64)
def reached_from(graph: Graph, given: frozenset[str]) -> tuple[frozenset[str], ...]:
    """Return for each node the names of all whose value it changes, up to those where another is put in."""
    return tuple(_reached(graph, i, given) for i in range(len(graph.nodes)))


def _reached(graph: Graph, index: int, given: AbstractSet[str]) -> frozenset[str]:
    reached, passing = {index}, set[int]()
    for i in graph.after[index]:
        if not passing.isdisjoint(graph.nodes[i].inputs):
            reached.add(i)
        if i in reached and graph.nodes[i].name not in given:
            passing.add(i)
    return frozenset(name for i in reached if (name := graph.nodes[i].name) is not None)
