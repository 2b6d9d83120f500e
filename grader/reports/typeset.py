"""Rules of findings, typeset: as MathML for HTML, as LaTeX for Markdown. Both are made of one tree; what is no rule has neither."""

from __future__ import annotations

import re
from functools import lru_cache

from markupsafe import Markup, escape

from grader.reports.formula_tree import (
    Call,
    Derivative,
    Enclosed,
    Entry,
    Name,
    Negative,
    Number,
    Pair,
    Said,
    Transposed,
    Tree,
    read,
)

_REMEMBERED = 1_024
"""A class has the same few mistakes again and again."""
_NAME = re.compile(r"([A-Za-z]+?)(\d*)((?:_[A-Za-z0-9]+)*)", re.ASCII)


_read = lru_cache(_REMEMBERED)(read)


@lru_cache(_REMEMBERED)
def mathml(text: str) -> Markup | None:
    """Write a rule as presentation MathML (MathML Core, W3C).

    Parameters
    ----------
    text : str
        Any text, hostile ones too.

    Returns
    -------
    Markup or None
        One `math` element, whose `alttext` is the text; None where the text is no rule.
    """
    tree = _read(text)
    if tree is None:
        return None
    return Markup(  # noqa: S704  (our own elements; every text in them is escaped)
        f'<math displaystyle="true" alttext="{escape(text)}">{_element(tree)}</math>'
    )


@lru_cache(_REMEMBERED)
def latex(text: str) -> str | None:
    """Write a rule as LaTeX, in the macros that MathJax and KaTeX have.

    Parameters
    ----------
    text : str

    Returns
    -------
    str or None
        Without dollars; None where the text is no rule.
    """
    tree = _read(text)
    return None if tree is None else _tex(tree)


def _split(name: str) -> tuple[str, str, bool, str]:
    """Split a name into letters, number, whether it wears a hat, and what stands above: `w0_new`, `y_hat`."""
    match = _NAME.fullmatch(name)
    if match is None:
        return name, "", False, ""
    above = [part for part in match[3].split("_") if part]
    return match[1], match[2], "hat" in above, " ".join(part for part in above if part != "hat")


# --------------------------------------------------------------------------------------------------------------
# MathML

_SIGNS = {
    "*": "<mo>&#183;</mo>",
    "@": '<mo>&#8290;</mo><mspace width="0.17em"/>',
    "": "<mo>&#8290;</mo>",
    "-": "<mo>&#8722;</mo>",
    "<=": "<mo>&#8804;</mo>",
    ">=": "<mo>&#8805;</mo>",
}
_MINUS = "<mo>&#8722;</mo>"
_SUM = "<mo>&#8721;</mo>"


def _element(tree: Tree) -> str:  # noqa: C901, PLR0911  (a line for each kind of part)
    match tree:
        case Name(text):
            return _name(text)
        case Number(text):
            return f"<mn>{escape(text)}</mn>"
        case Derivative(of, by):
            return (
                f"<mfrac>{_row('<mi>&#8706;</mi>', _name(of))}{_row('<mi>&#8706;</mi>', _name(by))}</mfrac>"
            )
        case Call():
            return _call(tree)
        case Pair("/", left, right):
            return f"<mfrac>{_row(_element(_bare(left)))}{_row(_element(_bare(right)))}</mfrac>"
        case Pair("^", left, right):
            return f"<msup>{_row(_element(left))}{_row(_element(right))}</msup>"
        case Pair(sign, left, right):
            return _element(left) + _SIGNS.get(sign, f"<mo>{escape(sign)}</mo>") + _element(right)
        case Negative(part):
            return _row(_MINUS, _element(part))
        case Transposed(part):
            return f"<msup>{_row(_element(part))}<mi>T</mi></msup>"
        case Entry(part, index):
            return f"<msub>{_row(_element(part))}{_row('<mo>[</mo>', _element(index), '<mo>]</mo>')}</msub>"
        case Enclosed(sign, part):
            return _enclosed(_element(part), sign)
        case Said(parts):
            return "".join(_words(part) if isinstance(part, str) else _row(_element(part)) for part in parts)


def _row(*parts: str) -> str:
    return f"<mrow>{''.join(parts)}</mrow>"


def _words(text: str) -> str:
    return f"<mtext>{'' if text == ',' else '&#160;'}{escape(text)}&#160;</mtext>"


def _name(text: str) -> str:
    letters, number, has_hat, above = _split(text)
    base = f"<mi>{escape(letters)}</mi>"
    if has_hat:
        base = f'<mover accent="true">{base}<mo stretchy="false">^</mo></mover>'
    below, over = f"<mn>{number}</mn>", f"<mtext>{escape(above)}</mtext>"
    if number and above:
        return f"<msubsup>{base}{below}{over}</msubsup>"
    if number:
        return f"<msub>{base}{below}</msub>"
    return f"<msup>{base}{over}</msup>" if above else base


def _call(call: Call) -> str:
    name = call.function.removesuffix("'")
    head = _SUM if name == "sum" else _name(name)
    if call.function.endswith("'"):
        head = f"<msup>{head}<mo>&#8242;</mo></msup>"
    if call.axis:
        head = f"<msub>{head}<mtext>axis {escape(call.axis)}</mtext></msub>"
    return head + "<mo>&#8289;</mo>" + _enclosed("<mo>,</mo>".join(map(_element, call.arguments)), "(")


def _enclosed(inner: str, sign: str) -> str:
    closing = ")" if sign == "(" else sign
    fence = 'stretchy="true" form'
    return _row(f'<mo {fence}="prefix">{sign}</mo>', inner, f'<mo {fence}="postfix">{closing}</mo>')


def _bare(tree: Tree) -> Tree:
    """Take off the brackets that a fraction makes needless."""
    return tree.part if isinstance(tree, Enclosed) and tree.sign == "(" else tree


# --------------------------------------------------------------------------------------------------------------
# LaTeX

_TEX_SIGNS = {
    "*": r" \cdot ",
    "@": r" \, ",
    "": r" \, ",
    "<=": r" \le ",
    ">=": r" \ge ",
    "<": r" \lt ",
    ">": r" \gt ",
}


def _tex(tree: Tree) -> str:  # noqa: C901, PLR0911  (a line for each kind of part)
    match tree:
        case Name(text):
            return _tex_name(text)
        case Number(text):
            return text
        case Derivative(of, by):
            return rf"\frac{{\partial {_tex_name(of)}}}{{\partial {_tex_name(by)}}}"
        case Call():
            return _tex_call(tree)
        case Pair("/", left, right):
            return rf"\frac{{{_tex(_bare(left))}}}{{{_tex(_bare(right))}}}"
        case Pair("^", left, right):
            return f"{{{_tex(left)}}}^{{{_tex(right)}}}"
        case Pair(sign, left, right):
            return _tex(left) + _TEX_SIGNS.get(sign, f" {sign} ") + _tex(right)
        case Negative(part):
            return f"-{_tex(part)}"
        case Transposed(part):
            return rf"{{{_tex(part)}}}^\top"
        case Entry(part, index):
            return rf"{{{_tex(part)}}}_{{[{_tex(index)}]}}"
        case Enclosed(sign, part):
            return _tex_enclosed(_tex(part), sign)
        case Said(parts):
            return "".join(_tex_words(part) if isinstance(part, str) else _tex(part) for part in parts)


def _tex_words(text: str) -> str:
    return r",\ " if text == "," else rf"\ \text{{{text}}}\ "


def _tex_name(text: str) -> str:
    letters, number, has_hat, above = _split(text)
    base = letters if len(letters) == 1 else rf"\mathrm{{{letters}}}".replace("_", r"\_")
    base = rf"\hat{{{base}}}" if has_hat else base
    below = f"_{{{number}}}" if number else ""
    return base + below + (rf"^{{\text{{{above}}}}}" if above else "")


def _tex_call(call: Call) -> str:
    name = call.function.removesuffix("'")
    head = r"\sum" if name == "sum" else _tex_name(name)
    head += "'" if call.function.endswith("'") else ""
    head += rf"_{{\text{{axis }}{call.axis}}}" if call.axis else ""
    return head + _tex_enclosed(", ".join(map(_tex, call.arguments)), "(")


def _tex_enclosed(inner: str, sign: str) -> str:
    before, after = ("(", ")") if sign == "(" else (r"\lvert ", r"\rvert ")
    return rf"\left{before}{inner}\right{after}"
