"""The drawing of a network: what stands above what, nothing on top of another, and what is said of each node."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations, pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from grader.assignment_file import load, shipped
from grader.model import Verdict
from grader.outlines import outline_of, outlines
from grader.reports.drawing import network_svg
from grader.reports.layout import layout
from grader.reports.networks import Mark, NetworkView
from grader.reports.outline import Outline
from reference.network import trace
from reference.networks.deep_stack import deep_stack
from reference.networks.skip_network import skip_network
from reference.operations import total

SVG = "{http://www.w3.org/2000/svg}"
GRAPH = trace(skip_network)
SKIP = outline_of(
    GRAPH,
    asked=["w0_new", *(f"{d}{name}" for d in ("", "dL/d") for name in (*GRAPH.leaves, *GRAPH.computed))],
)
SHIPPED = {f"{name} {one.unit}": one for name in shipped() for one in outlines(load(name))}


def _svg(
    outline: Outline, verdicts: Mapping[str, Verdict], *, first_mistake: str | None = None, title: str = "n"
) -> str:
    marks = tuple(Mark(quantity, verdict, "") for quantity, verdict in verdicts.items())
    view = NetworkView(outline=outline, marks=marks, first_mistake=first_mistake, shows_values=False)
    return network_svg(view, title)


def _boxes(svg: str) -> list[tuple[float, float, float, float]]:
    """Left, top, right and foot of every box."""
    found = []
    for rect in ET.fromstring(svg).iter(f"{SVG}rect"):
        x, y, width, height = (float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
        found.append((x, y, x + width, y + height))
    return found


def _titles(svg: str) -> dict[str, str]:
    """What is said of each node, by its name."""
    titles = [
        node.text or ""
        for group in ET.fromstring(svg).iter(f"{SVG}g")
        for node in group.findall(f"{SVG}title")
    ]
    return {re.split("[:;,]", title)[0]: title for title in titles}


def _all_verdicts(outline: Outline) -> dict[str, Verdict]:
    names = outline.nodes
    return {
        quantity: Verdict.UNDECIDED for name in names for quantity in (name, f"dL/d{name}", f"{name}_new")
    }


def test_layers_are_by_the_longest_path_and_a_leaf_stands_above_what_reads_it() -> None:
    """Worked out by hand from the formulas of the skip network."""
    layers = [set(layer) - layout(SKIP).passing for layer in layout(SKIP).layers]
    assert layers == [
        {"x", "w0"},
        {"z0"},
        {"h0", "w1"},
        {"z1"},
        {"h1", "w2", "ws"},
        {"z2"},
        {"y_hat", "y"},
        {"L"},
    ]


def test_the_skip_path_passes_beside_the_layers_in_between() -> None:
    """From h0 in layer 2 to z2 in layer 5."""
    long = [edge for edge in layout(SKIP).edges if len(edge) > 2]
    assert [(edge[0], edge[-1], len(edge)) for edge in long] == [("h0", "z2", 4)]


def test_every_edge_leads_to_the_next_layer_below() -> None:
    for outline in SHIPPED.values():
        plan = layout(outline)
        level = {name: index for index, layer in enumerate(plan.layers) for name in layer}
        for edge in plan.edges:
            assert [level[name] for name in edge] == list(range(level[edge[0]], level[edge[-1]] + 1))


def test_no_edges_of_the_skip_network_cross() -> None:
    plan = layout(SKIP)
    place = {name: index for layer in plan.layers for index, name in enumerate(layer)}
    level = {name: index for index, layer in enumerate(plan.layers) for name in layer}
    steps = [pair for edge in plan.edges for pair in pairwise(edge)]
    for (a, b), (c, d) in combinations(steps, 2):
        if level[a] == level[c]:
            assert (place[a] - place[c]) * (place[b] - place[d]) >= 0


@pytest.mark.parametrize("outline", [pytest.param(outline, id=name) for name, outline in SHIPPED.items()])
def test_no_box_of_a_shipped_network_lies_on_another_or_outside(outline: Outline) -> None:
    svg = _svg(outline, _all_verdicts(outline))
    root = ET.fromstring(svg)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    boxes = _boxes(svg)
    assert len(boxes) == len(outline.nodes)
    for left, top, right, foot in boxes:
        assert left >= 0
        assert top >= 0
        assert right <= width
        assert foot <= height
    for one, other in combinations(boxes, 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart


def test_the_skip_network_with_all_verdicts_is_read_at_the_width_of_a_phone() -> None:
    """At 390 pixels, letters of 11 pixels are at least 9 high."""
    asked = {f"dL/d{name}": Verdict.CORRECT for name in SKIP.nodes}
    width = float(ET.fromstring(_svg(SKIP, asked)).attrib["width"])
    assert width * 9 / 11 <= 390


def test_a_node_says_its_quantities_with_their_verdicts_as_words() -> None:
    verdicts = {
        "z0": Verdict.CORRECT,
        "dL/dz0": Verdict.WRONG,
        "w0_new": Verdict.FOLLOWS,
        "elsewhere": Verdict.WRONG,
    }
    titles = _titles(_svg(SKIP, verdicts, first_mistake="dL/dz0"))
    assert titles["z0"] == "z0: correct; dL/dz0: wrong, first mistake"
    assert titles["w0"] == "w0; w0_new: follows"
    assert titles["x"] == "x"
    assert "elsewhere" not in str(titles)


def _classes(svg: str) -> Iterator[str]:
    return (group.attrib.get("class", "") for group in ET.fromstring(svg).iter(f"{SVG}g"))


def test_the_first_mistake_is_marked_once_and_in_words() -> None:
    svg = _svg(SKIP, {"dL/dz1": Verdict.WRONG, "dL/dz0": Verdict.FOLLOWS}, first_mistake="dL/dz1", title="n")
    assert sum("bpg-node" in name and "bpg-first" in name for name in _classes(svg)) == 1
    assert svg.count(">first mistake</text>") == 1


def test_without_a_mistake_nothing_is_marked() -> None:
    svg = _svg(SKIP, {"z0": Verdict.CORRECT})
    assert not any("bpg-first" in name for name in _classes(svg))


def test_a_node_has_the_colour_of_the_worst_that_is_said_of_it() -> None:
    svg = _svg(SKIP, {"z1": Verdict.CORRECT, "dL/dz1": Verdict.WRONG})
    assert sum("bpg-said bpg-wrong" in name for name in _classes(svg)) == 1
    assert not any("bpg-said bpg-correct" in name for name in _classes(svg))


def test_the_node_of_the_first_mistake_has_the_colour_of_the_mistake() -> None:
    """A value that was not asked for is missing there, too, which would be worse than wrong."""
    verdicts = {"z1": Verdict.MISSING, "dL/dz1": Verdict.WRONG}
    svg = _svg(SKIP, verdicts, first_mistake="dL/dz1")
    assert sum("bpg-said bpg-wrong bpg-first" in name for name in _classes(svg)) == 1


def test_each_verdict_has_a_shape_of_its_own() -> None:
    icons = set()
    for verdict in Verdict:
        root = ET.fromstring(_svg(SKIP, {"z0": verdict}))
        icons |= {
            ET.tostring(group[0]) for group in root.iter(f"{SVG}g") if group.attrib.get("class") == "bpg-icon"
        }
    assert len(icons) == len(Verdict)


def test_the_title_is_escaped() -> None:
    svg = _svg(SKIP, {}, title='<script>"&')
    assert ET.fromstring(svg).attrib["aria-label"] == '<script>"&'
    assert "<script" not in svg


def test_a_network_of_one_step_and_one_of_thirty_layers_are_drawn() -> None:
    def one(n: Any) -> None:
        n.L = total(n.x)

    assert len(_boxes(_svg(outline_of(trace(one)), {}))) == 2
    deep = outline_of(trace(deep_stack(30, residual=True)))
    assert len(_boxes(_svg(deep, {}))) == len(deep.nodes)
