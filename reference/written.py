"""The rules of a network as text: what each node is, and what its gradient is, in the names of the network."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from reference.network import Edge, Forward, Graph


def value_rule(graph: Graph, name: str) -> str:
    """Write how a named node is computed.

    Parameters
    ----------
    graph : Graph
    name : str
        A computed node.

    Returns
    -------
    str

    Examples
    --------
    >>> from reference.network import trace
    >>> from reference.networks.skip_network import skip_network
    >>> value_rule(trace(skip_network), "z2")
    'z2 = ws * h0 + w2 * h1'
    """
    return f"{name} = {_operation(graph, graph.index[name])}"


def gradient_rule(graph: Graph, name: str, run: Forward) -> str:
    """Write the gradient of the loss by a named node, from the gradients next nearer to the loss.

    Parameters
    ----------
    graph : Graph
    name : str
        Any node but the loss.
    run : Forward
        Any forward pass: its shapes tell what was broadcast, and so is summed.

    Returns
    -------
    str

    Examples
    --------
    >>> from reference.network import trace
    >>> from reference.networks.skip_network import skip_network
    >>> graph = trace(skip_network)
    >>> run = graph.forward(dict.fromkeys(graph.leaves, 1.0))
    >>> gradient_rule(graph, "h0", run)
    'dL/dh0 = dL/dz1 * w1 + dL/dz2 * ws'
    """
    return f"d{graph.loss}/d{name} = {_sum_of_parts(graph, graph.index[name], run)}"


def _value(graph: Graph, index: int) -> str:
    node = graph.nodes[index]
    if node.name is not None:
        return node.name
    return f"{node.constant:g}" if node.constant is not None else _operation(graph, index)


def _operation(graph: Graph, index: int) -> str:
    node = graph.nodes[index]
    assert node.operation is not None
    inputs = [_value(graph, source) for source in node.inputs]
    if node.operation.written == "{0} + {1}":
        # What a network leaves out on purpose is zero, and not worth a term.
        return " + ".join(text for text in inputs if text != "0") or "0"
    return _filled(node.operation.written, {str(i): text for i, text in enumerate(inputs)})


def _gradient(graph: Graph, index: int, run: Forward) -> str:
    node = graph.nodes[index]
    if node.name == graph.loss:
        return "1"
    if graph.index[graph.loss] not in graph.after[index]:
        return "0"
    return f"d{graph.loss}/d{node.name}" if node.name is not None else _sum_of_parts(graph, index, run)


def _sum_of_parts(graph: Graph, index: int, run: Forward) -> str:
    parts = [_part(graph, edge, run) for edge in graph.consumers[index]]
    return " + ".join(part for part in parts if part != "0").replace("+ -", "- ") or "0"


def _part(graph: Graph, edge: Edge, run: Forward) -> str:
    node = graph.nodes[edge.node]
    assert node.operation is not None
    gradient = _gradient(graph, edge.node, run)
    if gradient == "0":
        return "0"
    values = {str(i): _value(graph, source) for i, source in enumerate(node.inputs)}
    values |= {"g": gradient, "out": _value(graph, edge.node)}
    text = _filled(node.operation.derivatives[edge.position], values)
    text = re.sub(r"\(\(([^()]*)\)\)", r"(\1)", text.removeprefix("1 * ").replace("-1 * ", "-"))
    if node.operation.name == "matmul":
        return text  # brings its own sum
    return _summed(text, np.shape(run.used[node.inputs[edge.position]]), np.shape(run.used[edge.node]))


def _summed(text: str, shape: tuple[int, ...], broadcast: tuple[int, ...]) -> str:
    """Write the sum over what an input was broadcast along; other operations bring their own sums."""
    if shape == broadcast or not broadcast or len(shape) >= len(broadcast):
        return text
    return f"sum({text}, axis=0)" if len(shape) == len(broadcast) - 1 else f"sum({text})"


def _filled(form: str, values: Mapping[str, str]) -> str:
    """Put texts into a written form, each in brackets where its place binds it more tightly than it is bound itself."""

    def text_of(place: re.Match[str]) -> str:
        text, before, after = values[place[1]], form[: place.start()], form[place.end() :]
        if before.endswith(("(", "[", "|")) and after.startswith((")", "]", "|", ",")):
            return text
        if after.startswith(("^", ".", "[")) or before.endswith("/ "):
            return _in_brackets(text, (" ",))
        return text if before + after == "" else _in_brackets(text, (" + ", " - "))

    return re.sub(r"\{(\w+)\}", text_of, form)


def _in_brackets(text: str, operators: Sequence[str]) -> str:
    """Put a text into brackets where one of some operators stands in it outside of all brackets."""
    depth = 0
    for i, character in enumerate(text):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(character, 0)
        if depth == 0 and text.startswith(tuple(operators), i):
            return f"({text})"
    return text
