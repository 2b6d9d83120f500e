"""The names of two small tasks, a skip network and a softmax, and short ways to read with them."""

from __future__ import annotations

from grader.formulas import Caps, Meaning, Name, Reading, read_documents, symbol_table
from grader.formulas.documents.lex import lex
from grader.formulas.limits import Budget
from grader.formulas.parsing.cursor import Options
from grader.formulas.parsing.parse import ParsedSide, parse_side
from grader.formulas.tree import Node
from grader.model import Document

_BEFORE = frozenset({"x", "w0", "z0", "h0", "w1", "z1", "h1", "ws", "w2", "z2", "y_hat", "y"})

TABLE = symbol_table(
    [
        Name(name="x", spellings=("x", "x_1")),
        Name(name="y", spellings=("y", "y_1")),
        *(
            Name(name=f"w{one}", spellings=(rf"\omega_{one}", f"w_{one}"), is_parameter=True)
            for one in "012s"
        ),
        *(Name(name=f"z{one}", spellings=(f"z_{one}",), inputs=_BEFORE) for one in "012"),
        *(Name(name=f"h{one}", spellings=(f"h_{one}",), inputs=_BEFORE) for one in "01"),
        Name(name="y_hat", spellings=(r"\hat{y}",), inputs=_BEFORE),
        Name(name="L", spellings=("L", r"\mathcal{L}"), inputs=_BEFORE),
        Name(name="lr", spellings=(r"\alpha", r"\eta")),
        Name(name="W", spellings=("W", "W^{(1)}"), axes=2, is_parameter=True),
        Name(name="s", spellings=("s",), axes=1),
        Name(name="t", spellings=("t",), axes=1),
        Name(name="p", spellings=("p",), axes=1, inputs=frozenset({"s"})),
        Name(name="z2", spellings=(r"\delta^{(2)}",), meaning=Meaning.GRADIENT),
        Name(name="relu", spellings=("ReLU", "g_0", "g_1"), meaning=Meaning.FUNCTION),
        Name(name="identity", spellings=("g_2",), meaning=Meaning.FUNCTION),
        Name(name="sign", spellings=("sign",), meaning=Meaning.FUNCTION),
        Name(name="step", spellings=("u", "ReLU'"), meaning=Meaning.FUNCTION),
    ]
)


def parsed(tex: str, options: Options | None = None) -> ParsedSide:
    """Return what comes of one side."""
    budget = Budget(Caps())
    return parse_side(lex(tex, 0, len(tex), budget).tokens, TABLE, budget, options)


def tree(tex: str) -> Node:
    """Return the tree of a side that can be read."""
    found = parsed(tex)
    assert found.tree is not None, found.problem
    return found.tree


def read(text: str, *, name: str = "report.md", headings: tuple[str, ...] = ()) -> Reading:
    """Return what is read of a document."""
    return read_documents([Document(name=name, text=text)], TABLE, headings=headings)


def sources(text: str, *, name: str = "report.md") -> list[list[str]]:
    """Return the sides of each line as they are written, with their relations."""
    return [
        [f"{side.relation} {side.source}".strip() for side in line.sides]
        for line in read(text, name=name).lines
    ]
