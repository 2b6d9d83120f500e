"""What the formulas of the skip network are worth at a point, by a small reader of its own for just their notation."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_TOKEN = re.compile(
    r"\\frac|\\cdot|\\delta|\\alpha|\\hat\{y\}|\\mathcal\{L\}|\\omega_(?:\{[012s]\}|[012s])"
    r"|[zhg]_(?:\{[012]\}|[012])|[xy](?:_1)?|ReLU|sign|u|L|\d+(?:\.\d+)?|[-+()|{}]"
)
_NODE_NAMES = {r"\hat{y}": "y_hat", r"\mathcal{L}": "L", r"\alpha": "lr", "x_1": "x", "y_1": "y"}
_FUNCTIONS: Mapping[str, Callable[[float], float]] = {
    "ReLU": lambda z: max(z, 0.0),
    "g_0": lambda z: max(z, 0.0),
    "g_1": lambda z: max(z, 0.0),
    "g_2": lambda z: z,
    "u": lambda z: float(z > 0),
    "sign": lambda z: float(z > 0) - float(z < 0),
}


class NoFormulaError(ValueError):
    """A text is no formula of this network."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """Values of everything at one choice of the inputs."""

    values: Mapping[str, float]
    """Inputs, weights, rate and nodes by name; gradients as `dL/dz0`, new weights as `w0_new`."""
    local: Mapping[tuple[str, str], float]
    """Each node derived by what it is computed from."""


def point(*, x: float, error: float, weights: tuple[float, float, float, float], lr: float) -> Point:
    """Work the network out by hand.

    Parameters
    ----------
    x, error : float
        The input, and how far the target lies above the output.
    weights : tuple of four floats
        w0, w1, w2, ws.
    lr : float
    """
    w0, w1, w2, ws = weights
    z0 = w0 * x
    h0 = max(z0, 0.0)
    z1 = w1 * h0
    h1 = max(z1, 0.0)
    z2 = ws * h0 + w2 * h1
    first, second = float(z0 > 0), float(z1 > 0)
    back = -1.0 if error > 0 else 1.0
    at_h0 = back * (w2 * second * w1 + ws)
    gradients = {
        "y_hat": back,
        "z2": back,
        "ws": back * h0,
        "w2": back * h1,
        "h1": back * w2,
        "z1": back * w2 * second,
        "w1": back * w2 * second * h0,
        "h0": at_h0,
        "z0": at_h0 * first,
        "w0": at_h0 * first * x,
    }
    leaves = {"x": x, "y": z2 + error, "lr": lr, "w0": w0, "w1": w1, "w2": w2, "ws": ws}
    nodes = {"z0": z0, "h0": h0, "z1": z1, "h1": h1, "z2": z2, "y_hat": z2, "L": abs(error)}
    updated = {f"{name}_new": leaves[name] - lr * gradients[name] for name in ("w0", "w1", "w2", "ws")}
    return Point(
        values={**leaves, **nodes, **updated, **{f"dL/d{name}": value for name, value in gradients.items()}},
        local={
            ("y_hat", "z2"): 1.0,
            ("z2", "ws"): h0,
            ("z2", "w2"): h1,
            ("z2", "h1"): w2,
            ("z2", "h0"): ws,
            ("h1", "z1"): second,
            ("z1", "w1"): h0,
            ("z1", "h0"): w1,
            ("h0", "z0"): first,
            ("z0", "w0"): x,
        },
    )


WORKED = point(x=1.0, error=-3.375, weights=(0.5, 0.5, 0.5, 0.5), lr=1.0)
POINTS = (
    point(x=1.3, error=-0.4, weights=(0.7, 1.1, -0.9, 0.45), lr=0.35),
    point(x=0.6, error=0.8, weights=(1.2, 0.85, 1.4, -0.55), lr=0.2),
    point(x=-1.7, error=0.3, weights=(-0.65, -0.75, 0.95, 1.25), lr=0.6),
    point(x=1.1, error=-0.7, weights=(-0.8, 0.6, 0.5, 1.5), lr=0.45),
)
"""Both units on, on either side of the target; the second one off; the first one off."""


def name_of(token: str) -> str:
    r"""Return the name that a token stands for: `w0` for `\omega_{0}`."""
    plain = token.replace("{", "").replace("}", "").replace("\\omega", "w").replace("_", "")
    return _NODE_NAMES.get(token, plain)


def evaluate(side: str, at: Point) -> float:
    """Return what a side is worth.

    Raises
    ------
    NoFormulaError
        It is no formula in the notation of the document.
    """
    return _Reader(side, at).whole()


class _Reader:
    """Goes over the tokens of a side once."""

    def __init__(self, side: str, at: Point) -> None:
        rest = _TOKEN.sub("", side).strip()
        if rest:
            raise NoFormulaError(side)
        self._tokens = _TOKEN.findall(side)
        self._at = at
        self._next = 0

    def whole(self) -> float:
        """Return the value of all of it."""
        value = self._sum()
        if self._next < len(self._tokens):
            raise NoFormulaError(self._tokens[self._next])
        return value

    def _peek(self) -> str:
        return self._tokens[self._next] if self._next < len(self._tokens) else ""

    def _take(self, *expected: str) -> str:
        token = self._peek()
        if not token or (expected and token not in expected):
            raise NoFormulaError(token)
        self._next += 1
        return token

    def _sum(self) -> float:
        value = 0.0
        while True:
            sign = -1.0 if self._peek() == "-" else 1.0
            if self._peek() in {"-", "+"}:
                self._take()
            value += sign * self._product()
            if self._peek() not in {"-", "+"}:
                return value

    def _product(self) -> float:
        value = self._factor()
        while self._peek() not in {"", "-", "+", ")", "|", "}"}:
            sign = 1.0
            if self._peek() == r"\cdot":
                self._take()
                if self._peek() == "-":
                    self._take()
                    sign = -1.0
            value *= sign * self._factor()
        return value

    def _factor(self) -> float:
        token = self._take()
        name = name_of(token)
        if token[0].isdigit():
            return float(token)
        if token in {"(", "|"}:
            value = self._sum()
            self._take(")" if token == "(" else "|")
            return abs(value) if token == "|" else value
        if token == r"\frac":
            return self._derivative()
        function = _FUNCTIONS.get(token.replace("{", "").replace("}", ""))
        if function is not None:
            self._take("(")
            value = function(self._sum())
            self._take(")")
            return value
        if name in self._at.values:
            return self._at.values[name]
        raise NoFormulaError(token)

    def _derivative(self) -> float:
        self._take("{")
        self._take(r"\delta")
        of = name_of(self._take())
        self._take("}")
        self._take("{")
        self._take(r"\delta")
        by = name_of(self._take())
        self._take("}")
        found = self._at.values.get(f"dL/d{by}") if of == "L" else self._at.local.get((of, by))
        if found is None:
            raise NoFormulaError(f"d{of}/d{by}")
        return found
