"""The rules of a network as text: what each node is, and what its gradient is, in the names of the network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from reference.forms import in_brackets
from reference.network import Edge, Forward, Graph


class Written(NamedTuple):
    """What stands for the derivative where an operation reads an input."""

    form: str
    """With the places of `Operation.derivatives`; "0" where the term is left out."""
    is_summed: bool = True
    """Whether it is summed over what was broadcast, as the right rule is."""


_NONE: Mapping[Edge, Written] = MappingProxyType({})


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


def gradient_rule(graph: Graph, name: str, run: Forward, instead: Mapping[Edge, Written] = _NONE) -> str:
    """Write the gradient of the loss by a named node, from the gradients next nearer to the loss.

    Parameters
    ----------
    graph : Graph
    name : str
        Any node but the loss.
    run : Forward
        Any forward pass: its shapes tell what was broadcast, and so is summed.
    instead : mapping of Edge to Written, optional
        What stands for some derivatives, right or wrong.

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
    >>> gradient_rule(graph, "h0", run, {graph.consumers[graph.index["h0"]][0]: Written("{g}")})
    'dL/dh0 = dL/dz1 + dL/dz2 * ws'
    """
    return f"d{graph.loss}/d{name} = {_sum_of_parts(graph, graph.index[name], run, instead)}"


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


def _gradient(graph: Graph, index: int, run: Forward, instead: Mapping[Edge, Written]) -> str:
    node = graph.nodes[index]
    if node.name == graph.loss:
        return "1"
    if graph.index[graph.loss] not in graph.after[index]:
        return "0"
    return (
        f"d{graph.loss}/d{node.name}" if node.name is not None else _sum_of_parts(graph, index, run, instead)
    )


def _sum_of_parts(graph: Graph, index: int, run: Forward, instead: Mapping[Edge, Written]) -> str:
    parts = [_part(graph, edge, run, instead) for edge in graph.consumers[index]]
    return " + ".join(_unbracketed(part) for part in parts if part != "0").replace("+ -", "- ") or "0"


def _part(graph: Graph, edge: Edge, run: Forward, instead: Mapping[Edge, Written]) -> str:
    node = graph.nodes[edge.node]
    assert node.operation is not None
    gradient = _gradient(graph, edge.node, run, instead)
    written = instead.get(edge, Written(node.operation.derivatives[edge.position]))
    if written.form == "0" or (gradient == "0" and "{g}" in written.form):
        return "0"
    values = {str(i): _value(graph, source) for i, source in enumerate(node.inputs)}
    values |= {"g": gradient, "out": _value(graph, edge.node)}
    text = re.sub(r"\(\(([^()]*)\)\)", r"(\1)", _without_ones(_filled(written.form, values)))
    if node.operation.name == "matmul" or not written.is_summed:
        return text  # brings its own sum
    return _summed(text, np.shape(run.used[node.inputs[edge.position]]), np.shape(run.used[edge.node]))


def _unbracketed(text: str) -> str:
    """Take off brackets around the whole of a term: a sum needs none."""
    return text[1:-1] if re.fullmatch(r"\((?:[^()]|\([^()]*\))*\)", text) else text


def _without_ones(text: str) -> str:
    """Take factors of 1 out of a product: what dL/dL brings."""
    return re.sub(r" \* 1(?![\w.])(?! [(\w])", "", re.sub(r"(?<![\w.^])1 \* ", "", text))


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
            return in_brackets(text, (" ",))
        if text.startswith("-") and before.endswith((" @ ", " * ")):
            return f"({text})"
        if after.startswith(" @ ") or before.endswith(" @ "):
            return in_brackets(
                text, (" + ", " - ", " * ", " / ", " (")
            )  # the last: a (1 - a) is a product, too
        if re.search(r"[*\w)}] $", before) or after.startswith(" ("):
            return in_brackets(text, (" + ", " - ", " @ "))
        return text if before + after == "" else in_brackets(text, (" + ", " - "))

    return re.sub(r"\{(\w+)\}", text_of, form)
