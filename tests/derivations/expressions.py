"""Random formulas over two networks, as text and as values; both are made here, by nothing of what reads them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = Mapping[str, NDArray[np.float64]]
"""What names stand for at a point."""


@dataclass(frozen=True, kw_only=True)
class Formula:
    """A formula."""

    text: str
    """In TeX."""
    value: Callable[[Values], NDArray[np.float64]]
    is_sum: bool = False
    """Whether it must stand in brackets where it is a factor."""
    is_leaf: bool = True
    """Whether it stands as a factor or base as it is."""


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """A name of the network."""

    spellings: tuple[str, ...]
    name: str


SKIP_LEAVES = (
    Leaf(spellings=("x", "x_1", "{x}"), name="x"),
    Leaf(spellings=("y", "y_{1}"), name="y"),
    Leaf(spellings=(r"\omega_0", "w_0", r"\omega_{0}", r"\boldsymbol{\omega}_0"), name="w0"),
    Leaf(spellings=(r"\omega_1", "w_{1}"), name="w1"),
    Leaf(spellings=(r"\omega_2", "w_2"), name="w2"),
    Leaf(spellings=(r"\omega_s", "w_s", r"\omega_{s}"), name="ws"),
    Leaf(spellings=("z_0", "z_{0}"), name="z0"),
    Leaf(spellings=("h_0",), name="h0"),
    Leaf(spellings=("z_1",), name="z1"),
    Leaf(spellings=("h_1", "h_{1}"), name="h1"),
    Leaf(spellings=("z_2",), name="z2"),
    Leaf(spellings=(r"\hat{y}", r"\hat y"), name="y_hat"),
)
_FUNCTIONS: tuple[tuple[tuple[str, ...], Callable[[NDArray[np.float64]], NDArray[np.float64]]], ...] = (
    (("ReLU", r"\mathrm{ReLU}", "g_0"), lambda z: np.maximum(z, 0.0)),
    (("u", "H", r"\Theta"), lambda z: (z > 0).astype(float)),
    (("sign", r"\operatorname{sgn}"), np.sign),
)
_DOTS = (" ", r"\,", r" \cdot ", r" \times ", " * ")
_BRACKETS = (("(", ")"), (r"\left(", r"\right)"), ("[", "]"), (r"\bigl(", r"\bigr)"))


class Scalars:
    """Draws formulas of single numbers."""

    def __init__(self, generator: random.Random, leaves: Sequence[Leaf] = SKIP_LEAVES) -> None:
        self.pick = generator.choice
        self.random = generator.random
        self.leaves = leaves

    def draw(self, depth: int) -> Formula:
        """Draw a formula."""
        if depth == 0 or self.random() < 0.15:
            return self._leaf()
        makes = (
            self._sum,
            self._product,
            self._negative,
            self._fraction,
            self._call,
            self._bars,
            self._square,
        )
        return self.pick(makes)(depth - 1)

    def _leaf(self) -> Formula:
        if self.random() < 0.15:
            number = self.pick(["2", "0.5", "1.25", "3"])
            return Formula(text=number, value=lambda _: np.asarray(float(number)))
        leaf = self.pick(self.leaves)
        return Formula(text=self.pick(leaf.spellings), value=lambda values: values[leaf.name])

    def _factor(self, one: Formula) -> str:
        """Write a formula so that it can be a factor wherever it stands."""
        if one.is_leaf and not one.text[0].isdigit():
            return one.text
        opener, closer = self.pick(_BRACKETS)
        return f"{opener}{one.text}{closer}"

    def _sum(self, depth: int) -> Formula:
        parts = [self.draw(depth) for _ in range(self.pick([2, 3]))]
        signs = [self.pick([1.0, -1.0]) for _ in parts]
        text = ""
        for number, (part, sign) in enumerate(zip(parts, signs, strict=True)):
            inner = self._factor(part) if part.is_sum else part.text
            mark = "- " if sign < 0 else "+ " if number else ""
            text += f" {mark}{inner}"
        return Formula(
            text=text.strip(),
            value=lambda v: sum((s * p.value(v) for p, s in zip(parts, signs, strict=True)), np.asarray(0.0)),
            is_sum=True,
            is_leaf=False,
        )

    def _product(self, depth: int) -> Formula:
        one, other = self.draw(depth), self.draw(depth)
        text = self._factor(one) + self.pick(_DOTS) + self._factor(other)
        return Formula(text=text, value=lambda v: one.value(v) * other.value(v), is_leaf=False)

    def _negative(self, depth: int) -> Formula:
        one = self.draw(depth)
        text = f"-{self._factor(one) if one.is_sum else one.text}"
        return Formula(text=text, value=lambda v: -one.value(v), is_sum=True, is_leaf=False)

    def _fraction(self, depth: int) -> Formula:
        one, other = self.draw(depth), self._leaf()
        text = rf"{self.pick([chr(92) + 'frac', chr(92) + 'dfrac'])}{{{one.text}}}{{{other.text}}}"
        return Formula(text=text, value=lambda v: one.value(v) / other.value(v))

    def _call(self, depth: int) -> Formula:
        one = self.draw(depth)
        names, function = self.pick(_FUNCTIONS)
        return Formula(text=f"{self.pick(names)}({one.text})", value=lambda v: function(one.value(v)))

    def _bars(self, depth: int) -> Formula:
        one = self.draw(depth)
        return Formula(text=rf"\left|{one.text}\right|", value=lambda v: np.abs(one.value(v)))

    def _square(self, depth: int) -> Formula:
        one = self.draw(depth)
        opener, closer = self.pick(_BRACKETS)
        return Formula(
            text=f"{opener}{one.text}{closer}^{self.pick(['2', '{2}'])}", value=lambda v: one.value(v) ** 2
        )


_OF_SHAPE: Mapping[str, tuple[Leaf, ...]] = {
    "D": (Leaf(spellings=("x", r"\mathbf{x}"), name="x"),),
    "H": (
        Leaf(spellings=("h", r"\mathbf{h}"), name="h"),
        Leaf(spellings=("b^{(1)}", "b_1"), name="b1"),
        Leaf(spellings=("z^{(1)}", "z_1"), name="z1"),
    ),
    "K": (
        Leaf(spellings=(r"\hat{y}", "p"), name="y_hat"),
        Leaf(spellings=("y",), name="y"),
        Leaf(spellings=("b^{(2)}", "b_2", r"\mathbf{b}_2"), name="b2"),
        Leaf(spellings=("z^{(2)}", "z_2"), name="z2"),
    ),
}
_STEPS: tuple[tuple[str, str, tuple[str, ...], str, bool], ...] = (
    ("H", "D", ("W^{(1)}", "W_1"), "W1", False),
    ("K", "H", ("W^{(2)}", r"\mathbf{W}_2"), "W2", False),
    ("H", "K", (r"W^{(2)\top}", "(W^{(2)})^T", "W_2^{T}"), "W2", True),
    ("D", "H", (r"{W^{(1)}}^\top", "W_1^T"), "W1", True),
)
"""From a vector to one of another size: the sizes, how the matrix is written, which it is, and whether it is turned."""


class Vectors:
    """Draws formulas of columns over the softmax classifier."""

    def __init__(self, generator: random.Random) -> None:
        self.pick = generator.choice
        self.random = generator.random

    def draw(self, size: str, depth: int) -> Formula:
        """Draw a column with so many entries."""
        if depth == 0 or self.random() < 0.15:
            leaf = self.pick(_OF_SHAPE[size])
            return Formula(text=self.pick(leaf.spellings), value=lambda values: values[leaf.name])
        makes = (self._sum, self._entrywise, self._matrix, self._activation, self._scaled)
        return self.pick(makes)(size, depth - 1)

    def _factor(self, one: Formula) -> str:
        opener, closer = self.pick(_BRACKETS)
        return one.text if one.is_leaf else f"{opener}{one.text}{closer}"

    def _sum(self, size: str, depth: int) -> Formula:
        one, other, sign = self.draw(size, depth), self.draw(size, depth), self.pick([1.0, -1.0])
        right = self._factor(other) if other.is_sum else other.text
        return Formula(
            text=f"{one.text} {'+' if sign > 0 else '-'} {right}",
            value=lambda v: one.value(v) + sign * other.value(v),
            is_sum=True,
            is_leaf=False,
        )

    def _entrywise(self, size: str, depth: int) -> Formula:
        one, other = self.draw(size, depth), self.draw(size, depth)
        text = f"{self._factor(one)} {self.pick([chr(92) + 'odot', chr(92) + 'circ'])} {self._factor(other)}"
        return Formula(text=text, value=lambda v: one.value(v) * other.value(v), is_leaf=False)

    def _matrix(self, size: str, depth: int) -> Formula:
        _, source, spellings, name, is_turned = self.pick([step for step in _STEPS if step[0] == size])
        one = self.draw(source, depth)
        return Formula(
            text=f"{self.pick(spellings)} {self._factor(one)}",
            value=lambda v: (v[name].T if is_turned else v[name]) @ one.value(v),
            is_leaf=False,
        )

    def _activation(self, size: str, depth: int) -> Formula:
        one = self.draw(size, depth)
        if self.random() < 0.5:
            return Formula(text=rf"\sigma({one.text})", value=lambda v: 1.0 / (1.0 + np.exp(-one.value(v))))

        def softmax(values: Values) -> NDArray[np.float64]:
            powers = np.exp(one.value(values) - np.max(one.value(values)))
            return np.asarray(powers / powers.sum())

        return Formula(text=rf"\mathrm{{softmax}}({one.text})", value=softmax)

    def _scaled(self, size: str, depth: int) -> Formula:
        one, number = self.draw(size, depth), self.pick(["2", "0.5"])
        return Formula(
            text=f"{number} {self._factor(one)}", value=lambda v: float(number) * one.value(v), is_leaf=False
        )
