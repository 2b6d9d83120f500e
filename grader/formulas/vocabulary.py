"""The commands and characters of TeX and Unicode, by what they mean to a reader of formulas."""

from __future__ import annotations

import re
from collections.abc import Mapping


def _words(text: str) -> frozenset[str]:
    """Return the words of a list."""
    return frozenset(text.split())


SPACING = _words(
    """
    , ; : ! > / - ~ @ thinspace medspace thickspace negthinspace space enspace displaystyle
    textstyle scriptstyle scriptscriptstyle limits nolimits nonumber notag hfill hline hfil
    blacktriangle blacksquare square Box qed qedhere middle mathstrut strut noindent centering small
    normalsize large allowbreak nobreak relax par left right big Big bigg Bigg bigl bigr Bigl Bigr
    biggl biggr Biggl Biggr bigm Bigm bf rm it cal tt sf boldmath bfseries itshape toprule midrule
    bottomrule checkmark
    """
) | {" ", "\n", "\t"}
"""They say how a formula looks and nothing about what it means."""

SIDED: Mapping[str, bool] = {
    **dict.fromkeys(("left", "bigl", "Bigl", "biggl", "Biggl", "lvert", "lVert"), True),
    **dict.fromkeys(("right", "bigr", "Bigr", "biggr", "Biggr", "rvert", "rVert"), False),
}
"""Commands that say whether a bar opens or closes."""

SEPARATING = frozenset({"quad", "qquad"})
"""Wide spaces: they stand between two statements of one line."""

LOOKS_WITH_ARGUMENT = _words(
    """
    label tag color vspace hspace phantom vphantom hphantom ref eqref cite intertext shortintertext
    footnote vskip hskip kern mspace mskip bookmark hypertarget textcolor mathcolor
    """
)
"""Dropped together with their argument."""

COLOURS = frozenset({"color", "textcolor", "mathcolor"})
"""The braces of what they colour are not seen, and group nothing."""

TEXT = _words(
    """
    text textrm mbox textnormal textbf textit texttt emph textsf hbox textsc textup
    """
)
UPRIGHT = frozenset(
    ["mathrm", "operatorname", "mathit", "mathsf", "mathtt", "mathup", "operatornamewithlimits", "symrm"]
)
FONTS = _words(
    """
    mathbf boldsymbol bm vec mathcal mathscr mathfrak underline pmb mathbfit boxed ensuremath
    overrightarrow symbf mathop mathnormal mathbin mathord mathrel mathopen mathclose mathinner bold
    underbar fbox
    """
)
"""A name in another font is the same name."""
SET_ABOVE = frozenset({"overset", "underset", "stackrel"})
"""Over or under a relation: why it holds."""
STRIKES = frozenset({"cancel", "bcancel", "xcancel", "sout", "st", "xout"})
BOARD = frozenset({"mathbb", "mathds", "mathbbm", "Bbb"})

SAME: Mapping[str, str] = {
    "dfrac": "frac",
    "tfrac": "frac",
    "cfrac": "frac",
    "nicefrac": "frac",
    "sfrac": "frac",
    "ln": "log",
    "varepsilon": "epsilon",
    "varphi": "phi",
    "vartheta": "theta",
    "widehat": "hat",
    "widetilde": "tilde",
    "overline": "bar",
    "gets": "leftarrow",
    "le": "leq",
    "ge": "geq",
    "ne": "neq",
    "lt": "<",
    "gt": ">",
    "leqslant": "leq",
    "geqslant": "geq",
    "hadamard": "odot",
    "intercal": "top",
    "transpose": "top",
    "dots": "ldots",
    "cdots": "ldots",
    "dotsc": "ldots",
    "dotsb": "ldots",
    "vdots": "ldots",
    "coloneqq": ":=",
    "triangleq": "equiv",
    "to": "rightarrow",
    "doteq": "equiv",
    "eqqcolon": "equiv",
    "eqcolon": "equiv",
    "equalscolon": "equiv",
    "eqdef": "equiv",
    "simeq": "approx",
    "cong": "approx",
    "triangledown": "nabla",
    "newline": "\\",
    "cr": "\\",
    "arrow": "vec",
    "coloneq": ":=",
    "colonequals": ":=",
}
"""Spellings of one command."""

AS_SIGNS: Mapping[str, str] = {
    "lvert": "|",
    "rvert": "|",
    "vert": "|",
    "mid": "|",
    "lVert": r"\|",
    "rVert": r"\|",
    "Vert": r"\|",
    "|": r"\|",
    "lbrace": r"\{",
    "{": r"\{",
    "rbrace": r"\}",
    "}": r"\}",
    "lbrack": "[",
    "rbrack": "]",
    "llbracket": "[",
    "rrbracket": "]",
    "ast": "*",
    "star": "*",
    "prime": "'",
    "<": "<",
    ">": ">",
    "&": "&",
    ":=": ":=",
    "_": "_",
    "#": "#",
    "\\": r"\\",
    "colon": ":",
    "langle": r"\langle",
    "rangle": r"\rangle",
    "lparen": "(",
    "rparen": ")",
    "quad": r"\quad",
    "qquad": r"\quad",
}

_LETTERS = """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho _ sigma
    tau upsilon phi chi psi omega
    """
_GREEK = tuple(_LETTERS.split())
"""In the order of Unicode, with a gap."""
GREEK = (
    _words("ell varrho varsigma varpi hbar")
    | _words("Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega")
    | set(_GREEK)
) - {"_"}
_LOWER = {chr(ord("\N{GREEK SMALL LETTER ALPHA}") + number): name for number, name in enumerate(_GREEK)}
_UPPER = {
    chr(ord("\N{GREEK CAPITAL LETTER ALPHA}") + number): name.capitalize()
    for number, name in enumerate(_GREEK)
    if name.capitalize() in GREEK
}

UNICODE_COMMANDS: Mapping[str, str] = {
    **_LOWER,
    **_UPPER,
    "\N{GREEK SMALL LETTER FINAL SIGMA}": "sigma",
    "\N{GREEK PHI SYMBOL}": "phi",
    "\N{OHM SIGN}": "Omega",
    "\N{GREEK LUNATE EPSILON SYMBOL}": "epsilon",
    "\N{MICRO SIGN}": "mu",
    "\N{SCRIPT SMALL L}": "ell",
    "\N{N-ARY SUMMATION}": "sum",
    "\N{N-ARY PRODUCT}": "prod",
    "\N{PARTIAL DIFFERENTIAL}": "partial",
    "\N{MIDDLE DOT}": "cdot",
    "\N{DOT OPERATOR}": "cdot",
    "\N{BULLET OPERATOR}": "cdot",
    "\N{BULLET}": "cdot",
    "\N{MULTIPLICATION SIGN}": "times",
    "\N{CIRCLED DOT OPERATOR}": "odot",
    "\N{RING OPERATOR}": "circ",
    "\N{CIRCLED TIMES}": "otimes",
    "\N{DIVISION SIGN}": "div",
    "\N{NABLA}": "nabla",
    "\N{ELEMENT OF}": "in",
    "\N{LESS-THAN OR EQUAL TO}": "leq",
    "\N{GREATER-THAN OR EQUAL TO}": "geq",
    "\N{NOT EQUAL TO}": "neq",
    "\N{ALMOST EQUAL TO}": "approx",
    "\N{IDENTICAL TO}": "equiv",
    "\N{LEFTWARDS ARROW}": "leftarrow",
    "\N{RIGHTWARDS ARROW}": "rightarrow",
    "\N{RIGHTWARDS DOUBLE ARROW}": "Rightarrow",
    "\N{DOWN TACK}": "top",
    "\N{LEFT RIGHT DOUBLE ARROW}": "iff",
    "\N{SQUARE ROOT}": "sqrt",
    "\N{HORIZONTAL ELLIPSIS}": "ldots",
    "\N{MIDLINE HORIZONTAL ELLIPSIS}": "ldots",
    "\N{COLON EQUALS}": ":=",
    "\N{INFINITY}": "infty",
    "\N{THEREFORE}": "therefore",
    "\N{MATHEMATICAL DOUBLE-STRUCK DIGIT ONE}": "indicator",
}
UNICODE_SIGNS: Mapping[str, str] = {
    "\N{MINUS SIGN}": "-",
    "\N{EN DASH}": "-",
    "\N{HYPHEN}": "-",
    "\N{NON-BREAKING HYPHEN}": "-",
    "\N{PRIME}": "'",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{ASTERISK OPERATOR}": "*",
    "\N{DIVISION SLASH}": "/",
    "\N{DOUBLE VERTICAL LINE}": r"\|",
    "\N{PARALLEL TO}": r"\|",
    "\N{DIVIDES}": "|",
    "\N{FRACTION SLASH}": "/",
    "\N{MATHEMATICAL LEFT ANGLE BRACKET}": r"\langle",
    "\N{MATHEMATICAL RIGHT ANGLE BRACKET}": r"\rangle",
    "\N{LEFT-POINTING ANGLE BRACKET}": r"\langle",
    "\N{RIGHT-POINTING ANGLE BRACKET}": r"\rangle",
}
COMBINING: Mapping[str, str] = {
    "\N{COMBINING CIRCUMFLEX ACCENT}": "hat",
    "\N{COMBINING TILDE}": "tilde",
    "\N{COMBINING MACRON}": "bar",
    "\N{COMBINING OVERLINE}": "bar",
    "\N{COMBINING DOT ABOVE}": "dot",
    "\N{COMBINING CARON}": "check",
}
ACCENTS = frozenset({"hat", "tilde", "bar", "dot", "check", "ddot", "breve"})

FUNCTIONS: Mapping[str, str] = {
    **{
        name: name
        for name in ["log", "exp", "tanh", "sin", "cos", "tan", "max", "min", "sinh", "cosh", "arctan", "det"]
    },
    "sgn": "sign",
}
"""Functions with a command of their own."""
WORD_FUNCTIONS: Mapping[str, str] = {
    **dict.fromkeys(("relu", "ReLU", "Relu", "RELU"), "relu"),
    **dict.fromkeys(("sign", "sgn", "Sign", "signum"), "sign"),
    **dict.fromkeys(("softmax", "Softmax", "SoftMax"), "softmax"),
    **dict.fromkeys(("sigmoid", "Sigmoid"), "sigmoid"),
    **dict.fromkeys(("tr", "trace", "Tr"), "tr"),
    **dict.fromkeys(("heaviside", "Heaviside"), "step"),
    **dict.fromkeys(("logsumexp", "LogSumExp", "LSE", "lse"), "logsumexp"),
    **{name: name for name in ("diag", "abs", "sqrt", "softplus", "mean")},
    **{name: name for name in ("log", "exp", "tanh", "sin", "cos", "tan", "max", "min")},
    "ln": "log",
    "maximum": "max",
    "minimum": "min",
}
"""Functions by upright words, where the task knows none of that name."""
COMPARISONS: Mapping[str, str] = {
    "<": "<",
    ">": ">",
    "=": "=",
    "leq": "<=",
    "geq": ">=",
    "neq": "!=",
    "in": "in",
    "equiv": "=",
}
RELATIONS: Mapping[str, str] = {
    "=": "=",
    ":=": ":=",
    "equiv": "=",
    "approx": "~",
    "leftarrow": "<-",
    "propto": "propto",
    "->": "->",
    "=>": "=>",
}
DERIVING = frozenset({"dv", "odv", "pdv", "diff", "diffp", "derivative", "partialderivative"})
"""Commands of packages for a derivative: with what is derived, and by what."""
BETWEEN = frozenset({"abs", "norm"})
"""Commands of packages that put their argument between bars."""
BECOMES = frozenset({"rightarrow", "longrightarrow", "mapsto"})
"""Arrows that may also stand between a parameter and its value after the step."""
FOLLOWS = frozenset({"implies", "Rightarrow", "Longrightarrow", "therefore"})
"""Arrows that students also write for an equals sign."""
ARROWS = _words(
    """
    implies Rightarrow iff Leftrightarrow Longrightarrow therefore because rightarrow
    Longleftrightarrow impliedby Leftarrow longrightarrow mapsto
    """
)
"""They stand between statements."""
OUTER_ENVIRONMENTS = _words(
    """
    split aligned align gather gathered equation multline eqnarray alignat flalign alignedat
    displaymath math dmath IEEEeqnarray subequations
    """
)
"""Environments of which each row is a line."""
ROWED = frozenset({"alignat", "alignedat", "array", "tabular", "IEEEeqnarray"})
"""Environments with an argument."""

SUPPOSED = re.compile(
    r"\b(?:if|would|could|should|suppos\w*|assum\w*|were|had|wrong\w*|mistake\w*|incorrect\w*|instead|forg[eo]t\w*"
    r"|not|never|example|e\.g|without|expected|unless|when|falls|wenn|w\u00fcrde\w*|nicht|statt|falsch\w*|si)\b|\?",
    re.IGNORECASE,
)
"""Words of a sentence that claims nothing, or that something is not so."""
