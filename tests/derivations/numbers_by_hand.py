"""Works small skip networks out as a student does with pen and paper: number by number, each one rounded."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from skip_sheet import d

Rounding = Callable[[float], str]
"""Writes a number with so many digits."""

_NAMES = {
    "z0": "z_0",
    "h0": "h_0",
    "z1": "z_1",
    "h1": "h_1",
    "z2": "z_2",
    "y_hat": r"\hat{y}",
    "ws": r"\omega_s",
    "w0": r"\omega_0",
    "w1": r"\omega_1",
    "w2": r"\omega_2",
}
LEAST_REST = 0.05
"""Share of the larger summand that a sum may cancel to; below, digits are lost and nobody sets such a task."""


@dataclass(frozen=True, kw_only=True)
class Network:
    """Numbers of a task: short ones, as a task prints them."""

    x: float
    y: float
    w0: float
    w1: float
    w2: float
    ws: float
    lr: float

    @property
    def toml(self) -> str:
        """The numbers as `assignment.toml` has them."""
        return "[cases.worked]\n" + "".join(f"{name} = {value}\n" for name, value in vars(self).items())


def network(generator: random.Random) -> Network:
    """Draw a network of which no sum cancels."""
    while True:

        def drawn(low: float, high: float) -> float:
            return round(generator.uniform(low, high), 2) * generator.choice([1, 1, 1, -1])

        found = Network(
            x=drawn(0.3, 2.0),
            y=round(generator.uniform(-3.0, 3.0), 1),
            w0=drawn(0.2, 1.5),
            w1=drawn(0.2, 1.5),
            w2=drawn(0.2, 1.5),
            ws=drawn(0.2, 1.5),
            lr=generator.choice([1.0, 0.5, 0.1, 0.05]),
        )
        if not _cancels(found):
            return found


def _cancels(net: Network) -> bool:
    exact = worked_out(net, float)
    h0, h1, back = exact["h0"], exact["h1"], exact["dL/dz2"]
    second = float(exact["z1"] > 0)
    sums = [
        (net.ws * h0, net.w2 * h1),
        (net.y, -exact["y_hat"]),
        (back * net.w2 * second * net.w1, back * net.ws),
        *((getattr(net, name), -net.lr * exact[f"dL/d{name}"]) for name in ("w0", "w1", "w2", "ws")),
    ]
    return any(
        abs(one + other) < LEAST_REST * max(abs(one), abs(other)) for one, other in sums if one and other
    )


def worked_out(net: Network, keep: Callable[[float], float]) -> dict[str, float]:
    """Work everything out; `keep` is what is kept of a number before the next one is computed from it."""
    z0 = keep(net.w0 * net.x)
    h0 = max(z0, 0.0)
    z1 = keep(net.w1 * h0)
    h1 = max(z1, 0.0)
    z2 = keep(net.ws * h0 + net.w2 * h1)
    back = -1.0 if net.y > z2 else 1.0
    first, second = float(z0 > 0), float(z1 > 0)
    at_h1 = keep(back * net.w2)
    at_z1 = keep(at_h1 * second)
    at_h0 = keep(at_z1 * net.w1 + back * net.ws)
    at_z0 = keep(at_h0 * first)
    gradients = {
        "y_hat": back,
        "z2": back,
        "ws": keep(back * h0),
        "w2": keep(back * h1),
        "h1": at_h1,
        "z1": at_z1,
        "w1": keep(at_z1 * h0),
        "h0": at_h0,
        "z0": at_z0,
        "w0": keep(at_z0 * net.x),
    }
    values = {"z0": z0, "h0": h0, "z1": z1, "h1": h1, "z2": z2, "y_hat": z2, "L": keep(abs(net.y - z2))}
    updates = {
        f"{name}_new": keep(getattr(net, name) - net.lr * gradients[name])
        for name in ("w0", "w1", "w2", "ws")
    }
    return {**values, **{f"dL/d{name}": value for name, value in gradients.items()}, **updates}


def rounded(digits: int, *, zeros: bool) -> Rounding:
    """Return what writes numbers with so many significant digits; zeros at the end may be left out."""

    def write(value: float) -> str:
        if value == 0.0:
            return "0"
        number = Decimal(repr(value))
        for _ in range(2):  # 0.9996 becomes 1.000, of which one digit is too many
            place = Decimal(1).scaleb(number.adjusted() - digits + 1)
            number = number.quantize(place, rounding=ROUND_HALF_UP)
        text = f"{number:f}"
        if not zeros and "." in text:
            text = text.rstrip("0").rstrip(".")
        return text

    return write


def in_chains(net: Network, write: Rounding) -> dict[str, str]:
    """Write every number rounded, and compute the next ones from what was written."""
    kept = worked_out(net, lambda value: float(write(value)))
    return {name: write(value) for name, value in kept.items()}


def each_alone(net: Network, write: Rounding) -> dict[str, str]:
    """Work out with all digits, and write every number rounded."""
    return {name: write(value) for name, value in worked_out(net, float).items()}


def bare(numbers: Mapping[str, str]) -> dict[str, str]:
    """Write a line for each number, with nothing but the number."""
    return {name: f"{label(name)} = {number}" for name, number in numbers.items()}


def with_steps(net: Network, numbers: Mapping[str, str]) -> dict[str, str]:
    """Write a line for each number, with the numbers that it is computed from."""

    def plus(number: float | str) -> str:
        return f"({number})" if str(number).startswith("-") else f"{number}"

    n = {name: plus(number) for name, number in numbers.items()}
    first, second = (("0", "1")[float(numbers[name]) > 0] for name in ("z0", "z1"))
    back = n["dL/dz2"]
    steps = {
        "z0": rf"{plus(net.w0)} \cdot {plus(net.x)}",
        "z1": rf"{plus(net.w1)} \cdot {n['h0']}",
        "z2": rf"{plus(net.ws)} \cdot {n['h0']} + {plus(net.w2)} \cdot {n['h1']}",
        "L": rf"|{plus(net.y)} - {n['y_hat']}|",
        "dL/dws": rf"{back} \cdot {n['h0']}",
        "dL/dw2": rf"{back} \cdot {n['h1']}",
        "dL/dh1": rf"{back} \cdot {plus(net.w2)}",
        "dL/dz1": rf"{n['dL/dh1']} \cdot {second}",
        "dL/dw1": rf"{n['dL/dz1']} \cdot {n['h0']}",
        "dL/dh0": rf"{n['dL/dz1']} \cdot {plus(net.w1)} + {back} \cdot {plus(net.ws)}",
        "dL/dz0": rf"{n['dL/dh0']} \cdot {first}",
        "dL/dw0": rf"{n['dL/dz0']} \cdot {plus(net.x)}",
        **{
            f"{name}_new": rf"{plus(getattr(net, name))} - {net.lr} \cdot {n[f'dL/d{name}']}"
            for name in ("w0", "w1", "w2", "ws")
        },
    }
    return {
        name: f"{label(name)} = {steps[name]} = {number}" if name in steps else f"{label(name)} = {number}"
        for name, number in numbers.items()
    }


def label(name: str) -> str:
    """Write the left side of a line."""
    if name == "L":
        return "L"
    if name.endswith("_new"):
        return f"{_NAMES[name.removesuffix('_new')]}'"
    return d(_NAMES[name.removeprefix("dL/d")]) if name.startswith("dL/d") else _NAMES[name]


def second_digit_wrong(number: str, generator: random.Random) -> str:
    """Write a number with another digit in the second place that counts."""
    places = [at for at, sign in enumerate(number) if sign.isdigit()]
    first = next(at for at in places if number[at] != "0")
    second = next(at for at in places if at > first)
    others = [digit for digit in "0123456789" if digit != number[second]]
    return number[:second] + generator.choice(others) + number[second + 1 :]
