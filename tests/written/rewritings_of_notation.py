"""Other ways to write the same formulas: derivatives, functions, names, products, numbers and updates."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from written_pieces import Rewriting, in_formulas, in_order, replacing

_INNER = r"(?:[^{}]|\{[^{}]*\})*?"
DERIVATIVE = rf"\\frac\{{\\delta ?(?P<of>{_INNER})\}}\{{\\delta (?P<by>{_INNER})\}}"
_OF_NODES = DERIVATIVE.replace("(?P<of>", "(?P<of>(?!.{0,3}f)")
"""Not those of an unknown function."""
GRADIENT = rf"\\frac\{{\\delta (?P<of>L|\\mathcal\{{L\}})\}}\{{\\delta (?P<by>{_INNER})\}}"
_FACTOR = r"(?:\\omega_[012s]|h_[01]|u\(z_[01]\)|x_1|\((?:[^()=&]|\([^()=&]*\))*\))"
_PRODUCT = re.compile(rf"-(?P<space> ?)sign\((?P<arg>[^()]*)\)(?P<rest>(?:\s*{_FACTOR})+)")
_BETWEEN_NAMES = r"(\\omega_(?:\{[012s]\}|[012s])|h_[01]|u\(z_[01]\)|\\hat\{y\}\))\s*(?=\\omega_|u\(|h_|x|\()"
_BETWEEN_FRACTIONS = r"(?<=[})])(?=\\frac)"
_OLD_WEIGHT = r"(?:\{([012])\}|([012]))"
_STEP = r"u\(z_(\d)\)"
_RELU = r"ReLU\(z_\{?(\d)\}?\)"
_SIGN_OF_ERROR = r"sign\((y(?:_1)?) ?- ?\\hat\{y\}\)"


def _marked(mark: str) -> Rewriting:
    return replacing((DERIVATIVE, rf"\\frac{{{mark} \g<of>}}{{{mark} \g<by>}}"))


DERIVATIVES: Mapping[str, Rewriting] = {
    "derivatives with a round d": _marked(r"\\partial"),
    "derivatives with an upright d": _marked(r"\\mathrm{d}"),
    "derivatives with a plain d": replacing((DERIVATIVE, r"\\frac{d\g<of>}{d\g<by>}")),
    "derivatives with a Unicode sign": replacing((DERIVATIVE, r"\\frac{∂\g<of>}{∂\g<by>}")),
    "derivatives in brackets and a slash": replacing((_OF_NODES, r"(d\g<of>/d\g<by>)")),
    "derivatives with a slash and round d": in_order(
        replacing((_BETWEEN_FRACTIONS, r" \\cdot "), (r"\\alpha ", r"\\alpha \\cdot ")),
        replacing((_OF_NODES, r"\\partial \g<of> / \\partial \g<by>")),
    ),
    "derivatives in display style": replacing((DERIVATIVE, r"\\dfrac{\\partial \g<of>}{\\partial \g<by>}")),
    "derivatives in text style": replacing((DERIVATIVE, r"\\tfrac{\\partial \g<of>}{\\partial \g<by>}")),
    "derivatives with thin spaces": replacing(
        (DERIVATIVE, r"\\frac{\\partial\\, \g<of>}{\\partial\\, \g<by>}")
    ),
    "derivatives over several rows of source": replacing(
        (DERIVATIVE, "\\\\frac\n  {\\\\partial \\g<of>}\n  {\\\\partial \\g<by>}")
    ),
    "derivatives as operators": replacing(
        (DERIVATIVE, r"\\left(\\frac{\\partial}{\\partial \g<by>} \g<of>\\right)")
    ),
    "derivatives with the variable below": in_order(
        replacing((_BETWEEN_FRACTIONS, r" \\cdot ")),
        replacing((_OF_NODES, r"\\partial_{\g<by>} \g<of>")),
    ),
    "gradients as nabla": in_order(
        replacing((_BETWEEN_FRACTIONS, r" \\cdot ")), replacing((GRADIENT, r"\\nabla_{\g<by>} \g<of>"))
    ),
    "gradients as nabla in brackets": replacing((GRADIENT, r"(\\nabla_{\g<by>} \g<of>)")),
    "gradients as a subscript": replacing((GRADIENT, r"L_{\g<by>}")),
    "the loss with its arguments": replacing((GRADIENT, r"\\frac{\\delta L(\\hat{y}, y)}{\\delta \g<by>}")),
    "the loss in script throughout": replacing((r"\{\\delta L\}", r"{\\delta \\mathcal{L}}")),
    "the loss in italics throughout": replacing((r"\\mathcal\{L\}", "L")),
}

_POSITIVE: Mapping[str, str] = {
    "the step as a blackboard one in square brackets": r"\\mathbb{1}[z_\1 > 0]",
    "the step as a blackboard one in braces": r"\\mathbb{1}\\{z_\1 > 0\\}",
    "the step as a blackboard one with a script": r"\\mathbb{1}_{z_\1 > 0}",
    "the step as a bold one with braces below": r"\\mathbf{1}_{\\{z_\1 > 0\\}}",
    "the step as a one with a script": r"1_{z_\1>0}",
    "the step as a blackboard I": r"\\mathbb{I}(z_\1 > 0)",
    "the step as a plain I": r"I(z_\1 > 0)",
    "the step in Iverson brackets": r"[z_\1 > 0]",
    "the step as a comparison in brackets": r"(z_\1 > 0)",
    "the step as ReLU with a prime": r"ReLU'(z_\1)",
    "the step as upright ReLU with a prime": r"\\mathrm{ReLU}^{\\prime}(z_\1)",
    "the step as the activation with a prime": r"g_\1'(z_\1)",
    "the step as cases": r"\\begin{cases} 1 & z_\1 > 0 \\\\ 0 & \\text{otherwise} \\end{cases}",
    "the step as cases in an array": (
        r"\\left\\{\\begin{array}{ll} 1 & \\text{if } z_\1 > 0 \\\\ 0 & \\text{else} \\end{array}\\right."
    ),
    "the step by a sign": r"\\frac{1 + sign(z_\1)}{2}",
    "the step in stretched brackets": r"u\\left(z_\1\\right)",
}
_RECTIFIED: Mapping[str, str] = {
    "ReLU upright": r"\\mathrm{ReLU}(z_\1)",
    "ReLU as an operator": r"\\operatorname{ReLU}(z_\1)",
    "ReLU as text": r"\\text{ReLU}(z_\1)",
    "ReLU as a maximum": r"\\max(0, z_\1)",
    "ReLU as a maximum in braces": r"\\max\\{0, z_\1\\}",
    "ReLU as a maximum the other way round": r"\\max\\left(z_\1, 0\\right)",
    "ReLU as the positive part": r"(z_\1)_+",
    "ReLU by the step": r"z_\1 u(z_\1)",
    "ReLU by the absolute value": r"\\frac{z_\1 + |z_\1|}{2}",
    "ReLU as cases": r"\\begin{cases} z_\1 & \\text{if } z_\1 > 0 \\\\ 0 & \\text{if } z_\1 \\leq 0 \\end{cases}",
}
_SIGNED: Mapping[str, str] = {
    "the sign as a fraction": r"\\frac{\1 - \\hat{y}}{|\1 - \\hat{y}|}",
    "the sign by two steps": r"(u(\1 - \\hat{y}) - u(\\hat{y} - \1))",
    "the sign in stretched brackets": r"sign\\left[\1 - \\hat{y}\\right]",
}

FUNCTIONS: Mapping[str, Rewriting] = {
    **{name: replacing((_STEP, new)) for name, new in _POSITIVE.items()},
    "the step as H": replacing((r"\bu\(", "H(")),
    **{name: replacing((_RELU, new)) for name, new in _RECTIFIED.items()},
    "activations without names of their own": replacing((r"g_\{?[01]\}?\(z_\{?[01]\}?\) = ", "")),
    "activations by their own names": replacing((rf" = {_RELU}", "")),
    **{name: replacing((_SIGN_OF_ERROR, new)) for name, new in _SIGNED.items()},
    "the sign upright": replacing(("sign", r"\\mathrm{sign}")),
    "the sign as an operator": replacing(("sign", r"\\operatorname{sign}")),
    "the sign as text": replacing(("sign", r"\\text{sign}")),
    "the sign as sgn": replacing(("sign", r"\\operatorname{sgn}")),
    "the sign the other way round": replacing(
        (rf"- {_SIGN_OF_ERROR}", r"+ sign(\\hat{y} - \1)"), (rf"-{_SIGN_OF_ERROR}", r"sign(\\hat{y}-\1)")
    ),
    "the minus one as a factor": replacing((rf"-{_SIGN_OF_ERROR}", r"(-1) \\cdot sign(\1 - \\hat{y})")),
    "the absolute value stretched": replacing((r"\|([^|]+)\|", r"\\left|\1\\right|")),
    "the absolute value by commands": replacing((r"\|([^|]+)\|", r"\\lvert \1 \\rvert")),
    "the absolute value the other way round": replacing((r"\|(y(?:_1)?) - \\hat\{y\}\|", r"|\\hat{y} - \1|")),
    "the absolute value as a root": replacing((r"\|(y(?:_1)?) - \\hat\{y\}\|", r"\\sqrt{(\1 - \\hat{y})^2}")),
}

NAMES: Mapping[str, Rewriting] = {
    "weights as w": replacing((r"\\omega", "w")),
    "weights as w with digits behind": replacing(
        (rf"\\omega_{_OLD_WEIGHT}", r"w\1\2 "), (r"\\omega_(?:\{s\}|s)", "w_s")
    ),
    "weights with braces below": replacing((r"\\omega_([012s])", r"\\omega_{\1}")),
    "weights in bold": replacing((r"\\omega", r"\\boldsymbol{\\omega}")),
    "weights as Unicode": replacing((r"\\omega", "ω")),
    "scripts as Unicode": replacing(
        *(
            (rf"([zh])_(?:\{{{digit}\}}|{digit})", rf"\1{sign}")
            for digit, sign in zip("012", "₀₁₂", strict=True)
        )
    ),
    "the output as one character": replacing((r"\\hat\{y\}", "ŷ")),
    "the output with a wide hat": replacing((r"\\hat\{y\}", r"\\widehat{y}")),
    "the output without braces": replacing((r"\\hat\{y\}", r"\\hat y")),
    "nodes in bold": replacing((r"\b([zh])_", r"\\mathbf{\1}_")),
    "nodes with braces below": replacing((r"\b([zh])_(\d)", r"\1_{\2}")),
    "input and target without a number": replacing((r"\b([xy])_1", r"\1")),
    "input and target with a number throughout": replacing(
        (r"(\\omega_\{0\})x", r"\1 x_1"),
        (r"(?<![{\w])y(?=[ -]+\\hat)", "y_1"),
        (r"\\hat\{y\}, y\)", r"\\hat{y}, y_1)"),
    ),
}


def _reversed_product(match: re.Match[str]) -> str:
    factors = re.findall(_FACTOR, match["rest"])
    return f"-{match['space']}{' '.join(reversed(factors))} sign({match['arg']})"


def _sign_last(match: re.Match[str]) -> str:
    return f"-{match['space']}{match['rest'].strip()} \\cdot sign({match['arg']})"


def _own_name(text: str) -> str:
    """Give the sign that stands in every gradient a name of its own."""
    named = replacing((rf"- {_SIGN_OF_ERROR}", r"+ \\rho "), (rf"(?<== )-{_SIGN_OF_ERROR}", r"\\rho "))(text)
    defined = "Backward propagation\n\nWe write $\\rho = -sign(y - \\hat{y})$ for short.\n"
    return named.replace("Backward propagation\n", defined, 1)


PRODUCTS: Mapping[str, Rewriting] = {
    "products with dots": replacing((_BETWEEN_NAMES, r"\1 \\cdot "), (_BETWEEN_FRACTIONS, r" \\cdot ")),
    "products with crosses": replacing(
        (_BETWEEN_NAMES, r"\1 \\times "), (_BETWEEN_FRACTIONS, r" \\times "), (r"\\cdot", r"\\times")
    ),
    "products with stars": replacing(
        (_BETWEEN_NAMES, r"\1 * "), (_BETWEEN_FRACTIONS, " * "), (r"\\cdot", "*")
    ),
    "products with Unicode dots": replacing((_BETWEEN_NAMES, r"\1 · "), (r"\\cdot", "·")),
    "products with thin spaces": replacing((_BETWEEN_NAMES, r"\1\\,"), (_BETWEEN_FRACTIONS, r"\\;")),
    "factors in the opposite order": lambda text: in_formulas(
        text, lambda formula: _PRODUCT.sub(_reversed_product, formula)
    ),
    "the sign as the last factor": lambda text: in_formulas(
        text, lambda formula: _PRODUCT.sub(_sign_last, formula)
    ),
    "factors of the forward pass exchanged": replacing(
        (r"(\\omega_(?:\{[012s]\}|[012s])) ?(x_1|x|h_(?:\{[01]\}|[01]))", r"\2 \1")
    ),
    "summands exchanged": replacing(
        (r"\\omega_2 u\(z_1\)\\omega_1 \+ \\omega_s", r"\\omega_s + \\omega_2 u(z_1)\\omega_1"),
        (r"(\\omega_\{?s\}? ?h_\{?0\}?) \+ (\\omega_\{?2\}? ?h_\{?1\}?)", r"\2 + \1"),
    ),
    "brackets stretched": replacing(
        (r"\((\\omega_2 u\(z_1\)\\omega_1 \+ \\omega_s)\)", r"\\left(\1\\right)")
    ),
    "brackets square": replacing((r"\((\\omega_2 u\(z_1\)\\omega_1 \+ \\omega_s)\)", r"[\1]")),
    "brackets big": replacing((r"\((\\omega_2 u\(z_1\)\\omega_1 \+ \\omega_s)\)", r"\\big(\1\\big)")),
    "brackets around every sign": replacing((rf"(= )(-{_SIGN_OF_ERROR})", r"\1(\2)")),
    "brackets around chain-rule factors": replacing(
        (DERIVATIVE, r"\\left(\\frac{\\delta \g<of>}{\\delta \g<by>}\\right)")
    ),
    "a name of one's own for the sign": _own_name,
}

_AS_FRACTIONS = {
    "0.5": (1, 2),
    "0.25": (1, 4),
    "0.375": (3, 8),
    "0.75": (3, 4),
    "3.375": (27, 8),
    "0.125": (1, 8),
}


def _numbers(change: Callable[[str], str]) -> Rewriting:
    pattern = re.compile(r"\d+\.\d+")
    return lambda text: in_formulas(
        text, lambda formula: pattern.sub(lambda match: change(match[0]), formula)
    )


def _braced(number: str) -> str:
    return r"\frac{{{}}}{{{}}}".format(*_AS_FRACTIONS[number])


def _tight(number: str) -> str:
    top, bottom = _AS_FRACTIONS[number]
    return rf"\frac{top}{bottom}" if top < 10 else rf"\frac{{{top}}}{bottom}"


def _tens(number: str) -> str:
    digits = number.lstrip("0.").replace(".", "")
    exponent = 0 if number.startswith("3") else -1
    return rf"{digits[0]}{'.' if digits[1:] else ''}{digits[1:]} \cdot 10^{{{exponent}}}"


NUMBERS: Mapping[str, Rewriting] = {
    "numbers without a leading zero": _numbers(lambda number: number.removeprefix("0")),
    "numbers with four places": _numbers(lambda number: f"{float(number):.4f}"),
    "numbers with three digits": _numbers(lambda number: f"{float(number):.3g}"),
    "numbers with a decimal comma in braces": _numbers(lambda number: number.replace(".", "{,}")),
    "numbers with a decimal comma": _numbers(
        # 3,375 alone may be thousands.
        lambda number: number.replace(".", "{,}" if number == "3.375" else ",")
    ),
    "numbers as fractions": _numbers(_braced),
    "numbers as fractions without braces": _numbers(_tight),
    "numbers with a slash": _numbers(lambda number: "({}/{})".format(*_AS_FRACTIONS[number])),
    "numbers with powers of ten": _numbers(_tens),
    "numbers that are about equal": replacing(
        (r"(?<!x )= (-?[\d.]+)(?=\s*(?:\\\\|$|\\end))", r"\\approx \1")
    ),
}

_NEW = r"\\omega_\{([012s])_\{new\}\}"


def _after(new: str) -> Rewriting:
    return replacing((_NEW, new))


UPDATES: Mapping[str, Rewriting] = {
    "new weights with new above": _after(r"\\omega_\1^{new}"),
    "new weights with an upright new": _after(r"\\omega_\1^{\\mathrm{new}}"),
    "new weights with a new behind a comma": _after(r"\\omega_{\1, \\text{new}}"),
    "new weights with a prime": _after(r"\\omega_\1'"),
    "new weights with a plus": _after(r"\\omega_\1^{+}"),
    "new weights with the number of the step": in_order(
        _after(r"\\omega_\1^{(t+1)}"),
        replacing((r"(&= \\omega_[012s])( - \\alpha)", r"\1^{(t)}\2")),
    ),
    "new weights with an arrow": replacing((rf"{_NEW} &= ", r"\\omega_\1 &\\leftarrow ")),
    "new weights with a colon": replacing((rf"{_NEW} &= ", r"\\omega_\1 &:= ")),
    "new weights in German": _after(r"\\omega_\1^{neu}"),
    "the rate as eta": replacing((r"\\alpha", r"\\eta")),
    "the step before the weight": replacing((rf"(\\omega_[012s]) - (\\alpha {GRADIENT})", r"-\2 + \1")),
    "the step in brackets": replacing((rf"- (\\alpha {GRADIENT})", r"- \\left(\1\\right)")),
    "the gradient before the rate": replacing((rf"\\alpha ({GRADIENT})", r"\1 \\cdot \\alpha")),
    "the step without a factor of one": replacing((r"0\.5 - 1 \\cdot ", "0.5 - ")),
}

NOTATIONS: Mapping[str, Rewriting] = {
    **DERIVATIVES,
    **FUNCTIONS,
    **NAMES,
    **PRODUCTS,
    **NUMBERS,
    **UPDATES,
}
