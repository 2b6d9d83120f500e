"""Hand-ins that are made to break or to stall what reads them, beside one right line."""

from __future__ import annotations

from collections.abc import Callable, Mapping

RIGHT = "$$z_0 = \\omega_0 x$$\n\n"
"""Stands before each of them, under the heading of the derivation."""
_DOUBLING = "".join(rf"\def\{one}{{\{two}\{two}}}" for one, two in zip("abcdefgh", "bcdefghi", strict=True))


def _around(opener: str, closer: str, times: int, inner: str = "x") -> str:
    return f"$$h_0 = {opener * times}{inner}{closer * times}$$\n"


def _many(line: str, times: int) -> str:
    return f"$${line}$$\n\n" * times


TEXTS: Mapping[str, Callable[[], str]] = {
    "brackets in one another": lambda: _around("(", ")", 5_000),
    "fractions in one another": lambda: _around(r"\frac{1}{", "}", 3_000),
    "roots of braces": lambda: _around("{", "}", 9_000),
    "scripts in one another": lambda: _around("x^{", "}", 3_000),
    "minus signs": lambda: _around("-", "", 15_000),
    "bars": lambda: _around("|", "|", 5_000),
    "a sum of 10^15 terms": lambda: _many(r"h_0 = \sum_{i=1}^{10^{15}} x", 50),
    "sums in sums": lambda: _many("h_0 = " + r"\sum_{i=1}^{9999}" * 40 + " x", 50),
    "a tower of powers": lambda: _many("h_0 = 9^{9^{9^{9}}}", 300) + _many("h_0 = (99999999)!", 300),
    "macros that double": lambda: _DOUBLING + r"\def\i{xxxxxxxxxxxxxxxx}" + "\n$$h_0 = \\a$$\n" * 1_000,
    "a macro of itself": lambda: r"\newcommand{\q}[1]{\q{#1#1}}" + "\n$$h_0 = \\q{x}$$\n" * 1_000,
    "definitions in a circle": lambda: "$$q = r + 1$$\n\n$$r = q + 1$$\n\n" + _many("h_0 = q", 500),
    "definitions that double": lambda: (
        "".join(f"$$q_{{{n + 1}}} = q_{{{n}}} + q_{{{n}}}$$\n\n" for n in range(200)) + "$$h_0 = q_{200}$$\n"
    ),
    "dollars": lambda: "$" * 250_000,
    "100 MB of dollars": lambda: "$" * 100_000_000,
    "dollars with spaces": lambda: "$ " * 120_000,
    "3,000 factors": lambda: _many("h_0 = " + "x " * 3_000, 30),
    "many sides of 500 factors": lambda: _many("h_0 " + ("= " + "z_0 x " * 250) * 7, 20),
    "10,000 lines": lambda: _many("h_0 = z_0", 10_000),
    "10,000 lines of plain text": lambda: "z1 = w1*h0 = 0.25\n" * 10_000,
    "2,000 wrong lines": lambda: "".join(
        f"$$\\frac{{\\partial L}}{{\\partial z_1}} = {n} \\omega_2 u(z_1) h_0 x + {n}$$\n\n"
        for n in range(2_000)
    ),
    "wrong lines in full": lambda: _many(
        "h_0 = " + " + ".join([r"\omega_0 x u(z_0) (h_1 + z_2 \omega_s)"] * 15), 150
    ),
    "a number of a million digits": lambda: f"$$h_0 = 0.{'7' * 200_000}$$\n",
    "a huge exponent": lambda: _many("h_0 = 1e999999999 = 10^{999999999}", 200),
    "numbers beyond floats": lambda: _many(f"h_0 = {'9' * 400}", 200),
    "50 free indices": lambda: _many(
        "h_0 = " + " ".join(f"x_{{{a}{b}}}" for a in "abijklm" for b in "npqrst"), 100
    ),
    "indices everywhere": lambda: _many(r"z_{ijk} = \sum_a \sum_b \sum_c x_{a} y_{b} x_{c} z_{0,ijk}", 300),
    "cases in cases": lambda: _around(r"\begin{cases} x, & \text{if } x > 0 \\ ", r"\end{cases}", 800),
    "tables": lambda: "| z0 | 0.5 |\n" * 20_000,
    "headings": lambda: "# 1)\n## Pen and paper\n" * 10_000,
    "strikes": lambda: "~~$x=1$" * 30_000,
    "environments without end": lambda: r"\begin{align}" * 15_000,
    "quotes": lambda: "> " * 60_000 + "$$h_0 = x$$",
    "rows": lambda: r"$$\begin{align} h_0 &= x " + r"\\ &= x " * 30_000 + r"\end{align}$$",
    "letters": lambda: f"$$h_0 = {'abcdefghijklm' * 15_000}$$",
    "primes": lambda: f"$$h_0 = x{chr(39) * 200_000}$$",
    "null bytes": lambda: "\0" * 200_000,
    "combining marks": lambda: f"$$h_0 = x{chr(0x302) * 100_000}$$",
    "derivatives of derivatives": lambda: _around(r"\frac{\partial}{\partial x} (", ")", 400),
    "digits behind a formula": lambda: f"$z_0 = w_0 x$ and $z={'1' * 200_000}x$, $w_1=2$ and $z_1 = 1$\n",
    "derivatives in words": lambda: "the gradient of L wrt z2 is 1\n" * 8_000 + "x" * 60_000,
    "arrows": lambda: f"$$h_0 {chr(92)}Rightarrow {'z_0 => ' * 20_000} x$$",
    "numbers that are shared": lambda: "$z_0 = h_0 = 0.5$\n\n" * 4_000 + f"${'z_0 = h_0 = ' * 5_000}0.5$",
    "names for gradients": lambda: "".join(
        rf"$d_{{{n}}} = \frac{{\partial L}}{{\partial z_1}} = d_{{{n + 1}}}$" + "\n\n" for n in range(1_500)
    ),
    "names of one's own": lambda: "".join(f"$$a_{{{n}}} = a_{{{n - 1}}} + x$$\n\n" for n in range(1, 2_000)),
}
