"""The sheet on the skip network, filled in right, line by line: tests change a line and say what must come of it."""

from __future__ import annotations

from collections.abc import Mapping

_Y, _W0, _W1, _W2, _WS = r"\hat{y}", r"\omega_0", r"\omega_1", r"\omega_2", r"\omega_s"
_S = r"-sign(y - \hat{y})"


def d(name: str) -> str:
    """Write the derivative of the loss by a value."""
    return rf"\frac{{\partial L}}{{\partial {name}}}"


VALUES: Mapping[str, str] = {
    "z0": r"z_0 = \omega_0 x",
    "h0": r"h_0 = ReLU(z_0)",
    "z1": r"z_1 = \omega_1 h_0",
    "h1": r"h_1 = ReLU(z_1)",
    "z2": r"z_2 = \omega_s h_0 + \omega_2 h_1",
    "y_hat": r"\hat{y} = z_2",
    "L": r"L = |y - \hat{y}|",
}
EXPLICIT: Mapping[str, str] = {
    **VALUES,
    "dL/dy_hat": rf"{d(_Y)} = {_S}",
    "dL/dz2": rf"{d('z_2')} = {_S}",
    "dL/dws": rf"{d(_WS)} = {_S} h_0",
    "dL/dw2": rf"{d(_W2)} = {_S} h_1",
    "dL/dh1": rf"{d('h_1')} = {_S} \omega_2",
    "dL/dz1": rf"{d('z_1')} = {_S} \omega_2 u(z_1)",
    "dL/dw1": rf"{d(_W1)} = {_S} \omega_2 u(z_1) h_0",
    "dL/dh0": rf"{d('h_0')} = {_S} (\omega_2 u(z_1) \omega_1 + \omega_s)",
    "dL/dz0": rf"{d('z_0')} = {_S} (\omega_2 u(z_1) \omega_1 + \omega_s) u(z_0)",
    "dL/dw0": rf"{d(_W0)} = {_S} (\omega_2 u(z_1) \omega_1 + \omega_s) u(z_0) x",
}
"""Every line in full: none needs another one."""
RECURSIVE: Mapping[str, str] = {
    **VALUES,
    "dL/dy_hat": rf"{d(_Y)} = {_S}",
    "dL/dz2": rf"{d('z_2')} = {d(_Y)}",
    "dL/dws": rf"{d(_WS)} = {d('z_2')} h_0",
    "dL/dw2": rf"{d(_W2)} = {d('z_2')} h_1",
    "dL/dh1": rf"{d('h_1')} = {d('z_2')} \omega_2",
    "dL/dz1": rf"{d('z_1')} = {d('h_1')} u(z_1)",
    "dL/dw1": rf"{d(_W1)} = {d('z_1')} h_0",
    "dL/dh0": rf"{d('h_0')} = {d('z_1')} \omega_1 + {d('z_2')} \omega_s",
    "dL/dz0": rf"{d('z_0')} = {d('h_0')} u(z_0)",
    "dL/dw0": rf"{d(_W0)} = {d('z_0')} x",
}
"""Each gradient from the one before."""
NUMBERS: Mapping[str, str] = {
    "z0": "z_0 = 0.5",
    "h0": "h_0 = 0.5",
    "z1": "z_1 = 0.25",
    "h1": "h_1 = 0.25",
    "z2": "z_2 = 0.375",
    "y_hat": r"\hat{y} = 0.375",
    "L": "L = 3.375",
    "dL/dy_hat": rf"{d(_Y)} = 1",
    "dL/dz2": rf"{d('z_2')} = 1",
    "dL/dws": rf"{d(_WS)} = 0.5",
    "dL/dw2": rf"{d(_W2)} = 0.25",
    "dL/dh1": rf"{d('h_1')} = 0.5",
    "dL/dz1": rf"{d('z_1')} = 0.5",
    "dL/dw1": rf"{d(_W1)} = 0.25",
    "dL/dh0": rf"{d('h_0')} = 0.75",
    "dL/dz0": rf"{d('z_0')} = 0.75",
    "dL/dw0": rf"{d(_W0)} = 0.75",
    "w0_new": r"\omega_0' = -0.25",
    "w1_new": r"\omega_1' = 0.25",
    "w2_new": r"\omega_2' = 0.25",
    "ws_new": r"\omega_s' = 0",
}
"""With x = 1, y = -3, all weights 0.5 and the rate 1."""
EACH = 2.0 / 17.0
"""Points of a line of the derivation."""
EACH_NUMBER = 2.0 / 21.0


def displays(lines: Mapping[str, str]) -> str:
    """Set every line as a display."""
    return "\n\n".join(f"$${line}$$" for line in lines.values())


def sheet(derivation: Mapping[str, str] = EXPLICIT, numbers: Mapping[str, str] = NUMBERS) -> str:
    """Write a hand-in with both parts under the headings of the task."""
    return (
        f"# Pen and paper\n\n## 1)\n\n{displays(derivation)}\n\n"
        f"## 2)\n\nIt has a way of its own.\n\n## 3)\n\n{displays(numbers)}\n"
    )


def but(lines: Mapping[str, str], **changed: str) -> dict[str, str]:
    """Return lines with some others; in the names of gradients `dL/d` is `d`."""
    return {**lines, **{_quantity(name): line for name, line in changed.items()}}


def without(lines: Mapping[str, str], *names: str) -> dict[str, str]:
    """Return lines without some."""
    assert set(names) <= lines.keys()
    return {name: line for name, line in lines.items() if name not in names}


def _quantity(name: str) -> str:
    return f"dL/{name}" if name.startswith("d") else name
