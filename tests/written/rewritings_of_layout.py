r"""Other ways to set the same lines: displays, environments, rows, macros, and what stands around formulas."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from rewritings_of_notation import DERIVATIVE
from written_pieces import Chain, Rewriting, in_formulas, in_order, joined, laid_out, replacing, stacked

_ROW_END = r" \\"
_RELATION_MARK = "&="


def _each(frame: str) -> Rewriting:
    """Return the rewriting that sets every line on its own; `@` in the frame is the line."""
    return lambda text: laid_out(
        text, lambda chains: "\n".join(frame.replace("@", joined(one)) for one in chains)
    )


def _all_in(environment: str, before: str = "", after: str = "") -> Rewriting:
    """Return the rewriting that sets every run of lines in one environment, with a row for each step."""

    def layout(chains: tuple[Chain, ...]) -> str:
        rows = f"{_ROW_END}\n".join(stacked(one) for one in chains)
        return f"{before}\\begin{{{environment}}}\n{rows}\n\\end{{{environment}}}{after}"

    return lambda text: laid_out(text, layout)


def _rows(change: Callable[[str], str]) -> Rewriting:
    """Return the rewriting that changes each row of the environments."""
    return lambda text: in_formulas(
        text,
        lambda formula: (
            formula
            if r"\begin{split}" not in formula
            else r"\begin{split}"
            + r" \\ ".join(change(row.strip()) for row in _body(formula).split(r"\\"))
            + r"\end{split}"
        ),
    )


def _body(formula: str) -> str:
    return formula.replace(r"\begin{split}", "").replace(r"\end{split}", "")


def _bare(text: str) -> str:
    """Set each step of a chain as a display of its own, as the one long sum of the document is."""
    return laid_out(
        text,
        lambda chains: "\n\n".join(
            "\n\n".join([f"$${one[0]} = {one[1]}$$", *(f"$$= {side}$$" for side in one[2:])])
            for one in chains
        ),
    )


def _table(text: str) -> str:
    return laid_out(
        text,
        lambda chains: (
            "| line |\n|---|\n"
            + "\n".join(f"| ${joined(one).replace('|', chr(92) + 'vert ')}$ |" for one in chains)
        ),
    )


def _text_between(text: str) -> str:
    return laid_out(
        text,
        lambda chains: "\n\n".join(
            f"Next we get\n\n$$\n{joined(one)}\n$$\n\nas in the lecture." for one in chains
        ),
    )


LAYOUTS: Mapping[str, Rewriting] = {
    "a display for each line": _each("$$@$$\n"),
    "a display for each line in square brackets": _each("\\[ @ \\]\n"),
    "an equation for each line": _each("\\begin{equation}\n@\n\\end{equation}\n"),
    "a formula in the text for each line": _each("It holds that $@$ here.\n"),
    "a formula in round brackets for each line": _each("\\(@\\)\n"),
    "an item of a list for each line": _each("- $@$"),
    "a numbered item for each line": _each("1. $@$"),
    "a math fence for each line": _each("```math\n@\n```\n"),
    "a display for each step": _bare,
    "a table of lines": _table,
    "text between lines": _text_between,
    "all lines in one align": _all_in("align*"),
    "all lines in one numbered align": _all_in("align"),
    "all lines in one aligned": _all_in("aligned", "$$", "$$"),
    "all lines in one split of an equation": _all_in("split", "\\begin{equation}", "\\end{equation}"),
    "all lines in one gather": in_order(
        _all_in("gather*"), lambda text: text.replace(f"{_RELATION_MARK} ", "= ")
    ),
    "all lines in one eqnarray": in_order(
        _all_in("eqnarray*"), lambda text: text.replace(f"{_RELATION_MARK} ", "& = & ")
    ),
    "all lines in one flalign": _all_in("flalign*"),
    "no alignment": replacing(("&=", "=")),
    "alignment behind the relation": replacing(("&=", "=&")),
    "line breaks in the source": replacing((r" \\\\ ", " \\\\\\\\\n"), (r"(?<!&)= ", "=\n  ")),
    "space between rows": replacing((r"\\\\ (?=\\frac|&|\\omega)", r"\\\\[4pt] ")),
    "commas behind rows": _rows(lambda row: f"{row},"),
    "full stops behind rows": _rows(lambda row: f"{row}."),
    "labels on rows": _rows(lambda row: f"{row} \\label{{eq:a}}"),
    "tags on rows": _rows(lambda row: f"{row} \\tag{{7}}"),
    "rows without numbers": _rows(lambda row: f"{row} \\nonumber"),
    "notes behind rows": _rows(lambda row: f"{row} \\quad \\text{{(chain rule)}}"),
    "arrows before rows": _rows(lambda row: row if row.startswith("&") else f"\\Rightarrow\\quad {row}"),
    "comments in the source": replacing((r" \\\\ ", " \\\\\\\\ % next\n")),
    "colour on a factor": replacing((r"u\(z_1\)", r"{\\color{red} u(z_1)}")),
    "coloured text on a factor": replacing((r"u\(z_1\)", r"\\textcolor{red}{u(z_1)}")),
    "braces under factors": replacing((r"u\(z_1\)", r"\\underbrace{u(z_1)}_{\\text{mask}}")),
    "boxes around numbers": replacing((r"(?<!x )= (-?\d[\d.]*)(?=\s*(?:\\\\|$|\\end))", r"= \\boxed{\1}")),
    "display style": in_order(lambda text: in_formulas(text, lambda formula: rf"\displaystyle {formula}")),
    "spaces everywhere": replacing((r" (?=[-+=&\\])", "   ")),
    "Windows line ends": lambda text: text.replace("\n", "\r\n"),
    "non-breaking spaces between words": lambda text: text.replace(
        " of ", "\N{NO-BREAK SPACE}of\N{NO-BREAK SPACE}"
    ),
}

# --------------------------------------------------------------------------------------------------------------
# Macros

_DEFINED = replacing((DERIVATIVE, r"\\dd{\g<of>}{\g<by>}"))


def _with_macros(definition: str) -> Rewriting:
    return lambda text: f"{definition}\n\n{_DEFINED(text)}"


MACROS: Mapping[str, Rewriting] = {
    "a macro for derivatives": _with_macros(r"$\newcommand{\dd}[2]{\frac{\partial #1}{\partial #2}}$"),
    "a macro of plain TeX for derivatives": _with_macros(r"$$\def\dd#1#2{\frac{\partial #1}{\partial #2}}$$"),
    "an operator for the sign": lambda text: (
        "$\\DeclareMathOperator{\\sg}{sign}$\n\n" + replacing(("sign", r"\\sg"))(text)
    ),
    "macros for names": lambda text: (
        "$\\newcommand{\\yh}{\\hat{y}}\\newcommand{\\w}[1]{\\omega_{#1}}$\n\n"
        + replacing((r"\\hat\{y\}", r"\\yh "), (r"\\omega_([012s])", r"\\w{\1}"))(text)
    ),
}

# --------------------------------------------------------------------------------------------------------------
# Further lines, and other kinds of files


def _struck_out(text: str) -> str:
    """Add two wrong lines that are taken back."""
    wrong = "~~$z_1 = \\omega_0 h_0$~~\n\n~~$\\frac{\\delta L}{\\delta \\omega_2} = h_0$~~\n\n"
    return text.replace("Backward propagation\n", f"{wrong}Backward propagation\n", 1)


def _said_again(text: str) -> str:
    """Repeat two right lines."""
    again = "Recall that $z_1 = \\omega_1 h_0$ and $h_0 = ReLU(z_0)$.\n\n"
    return text.replace("Backward propagation\n", f"{again}Backward propagation\n", 1)


def _headed(text: str, mark: Callable[[int, str], str]) -> str:
    """Mark the headings: those of the two halves, and the numbers under them."""

    def one(line: str) -> str:
        if line in {"Pen and paper", "Questions on experiments"}:
            return mark(1, line)
        return mark(2, line) if re.fullmatch(r"\d\)", line) else line

    return "\n".join(one(line) for line in text.split("\n"))


def _tex(text: str) -> str:
    """Make a TeX document with a preamble."""
    body = _headed(text, lambda level, line: rf"\{'sub' * (level - 1)}section*{{{line}}}")
    return (
        "\\documentclass{article}\n\\usepackage{amsmath}\n\\title{Hand-in}\n\\begin{document}\n\\maketitle\n"
        f"{body}\n\\end{{document}}\n"
    )


def _tex_with_macros(text: str) -> str:
    """Make a TeX document whose preamble defines a macro that it uses throughout."""
    return _tex(_DEFINED(text)).replace(
        "\\title", "\\newcommand{\\dd}[2]{\\frac{\\partial #1}{\\partial #2}} % short\n\\title"
    )


def _notebook(text: str, *, cut: str) -> str:
    """Make a notebook with a Markdown cell for each piece of the text, and a cell of code between them."""
    headed = _headed(text, lambda level, line: f"{'#' * level} {line}")
    cells: list[dict[str, object]] = [
        {"cell_type": "markdown", "metadata": {}, "source": piece.strip().splitlines(keepends=True)}
        for piece in re.split(cut, headed)
        if piece.strip()
    ]
    code: dict[str, object] = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    cells.append({**code, "source": ["x = 1\n"]})
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


FILES: Mapping[str, Rewriting] = {
    "wrong lines that are struck out": _struck_out,
    "right lines said again": _said_again,
    "a TeX document": _tex,
    "a TeX document with macros": _tex_with_macros,
    "a notebook with a cell for each part": lambda text: _notebook(text, cut=r"\n(?=#)"),
    "a notebook with a cell for each paragraph": lambda text: _notebook(text, cut=r"\n\n(?!\$\$=)"),
}
SUFFIXES: Mapping[str, str] = {
    "a TeX document": ".tex",
    "a TeX document with macros": ".tex",
    "a notebook with a cell for each part": ".ipynb",
    "a notebook with a cell for each paragraph": ".ipynb",
}
