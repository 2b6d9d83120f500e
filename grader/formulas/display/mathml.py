"""Trees as presentation MathML, so that people see how a line was read; brackets stand where the tree needs them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from grader.formulas.display.bindings import BINDINGS, Binding, begins_with, ends_open
from grader.formulas.display.glyphs import (
    Glyph,
    between,
    bracketed,
    element,
    glyph,
    leaf,
    listed,
    row,
    script,
    scripted,
    spelled,
)
from grader.formulas.symbols import Meaning, Name
from grader.formulas.tree import (
    Absolute,
    Application,
    Call,
    Cases,
    Condition,
    Constant,
    Derivative,
    Entry,
    Extreme,
    Fraction,
    Function,
    Index,
    Indicator,
    Kronecker,
    Listing,
    Matrix,
    Negative,
    Node,
    Norm,
    Number,
    Ones,
    Over,
    Power,
    Primed,
    Product,
    Sum,
    Symbol,
    Times,
    Transpose,
    Tree,
    Unknown,
    children,
)

_MOST_NODES = 2_000
"""More than any side has that is read."""
_DEEPEST = 60
"""Each level takes a few calls: a tree that is deeper is not written."""
_PLAIN: Mapping[str, str] = MappingProxyType({})

_TIMES: Mapping[Times, str] = {
    Times.ADJACENT: "<mo>&#8290;</mo>",
    Times.DOT: "<mo>&#183;</mo>",
    Times.STAR: "<mo>&#8727;</mo>",
    Times.ENTRYWISE: "<mo>&#8857;</mo>",
    Times.OUTER: "<mo>&#8855;</mo>",
    Times.MATRIX: "<mo>@</mo>",
    Times.DIVIDE: "<mo>/</mo>",
}
_COMPARISONS = {"<=": "\N{LESS-THAN OR EQUAL TO}", ">=": "\N{GREATER-THAN OR EQUAL TO}"}
_COMPARISONS |= {"!=": "\N{NOT EQUAL TO}", "in": "\N{ELEMENT OF}"}
_EXTREMES = {
    Extreme.SUM: "<mo>&#8721;</mo>",
    Extreme.PRODUCT: "<mo>&#8719;</mo>",
    Extreme.MAX: "<mi>max</mi>",
    Extreme.MIN: "<mi>min</mi>",
}
_DERIVED = "<mi>&#8706;</mi>"
_RIGHT_ANGLE = "\N{MATHEMATICAL RIGHT ANGLE BRACKET}"
_APPLIED = "<mo>&#8289;</mo>"
_DOTS, _MINUS = "<mo>&#8230;</mo>", "<mo>&#8722;</mo>"
_NEW = "<mi>new</mi>"


def mathml(tree: Tree, *, mark: tuple[int, int] | None = None, spellings: Mapping[str, str] = _PLAIN) -> str:
    r"""Write a tree as presentation MathML (MathML Core, W3C).

    Parameters
    ----------
    tree : Tree
        Of one side. All texts in it are hostile: they come out cut, printable and escaped.
    mark : tuple of int, optional
        Offsets in the document, the first one and the one behind the last: the largest parts that lie between them
        are wrapped in `<mrow class="wrong">`.
    spellings : mapping of str to str
        How the task's names are written in TeX, as `first_spellings` returns them: `{"w0": r"\omega_0"}`. A name
        without one is written as it is.

    Returns
    -------
    str
        One `math` element, for one place in HTML; with an ellipsis alone where the tree is too large.

    Raises
    ------
    ValueError
        A spelling that is needed is not one of a name.
    """
    inner = _Writer(spellings=spellings, mark=mark).part(tree) if _is_small(tree) else _DOTS
    return f'<math displaystyle="true">{inner}</math>'


def first_spellings(names: Iterable[Name]) -> dict[str, str]:
    """Return how values and functions are written first, for `mathml`.

    Parameters
    ----------
    names : iterable of Name
        The names of an assignment.

    Returns
    -------
    dict of str to str
        One spelling by name. A gradient with a letter of its own is written as the derivative that it is.
    """
    found: dict[str, str] = {}
    for one in names:
        if one.meaning in {Meaning.VALUE, Meaning.FUNCTION} and one.spellings:
            found.setdefault(one.name, one.spellings[0])
    return found


def _is_small(tree: Node) -> bool:
    """Whether a tree can be written: neither too many parts nor too many in one another."""
    level, nodes = [tree], 0
    for _ in range(_DEEPEST):
        nodes += len(level)
        if not level or nodes > _MOST_NODES:
            break
        level = list(chain.from_iterable(map(children, level)))
    return not level and nodes <= _MOST_NODES


class _Writer(Struct, frozen=True, kw_only=True):
    """Writes the nodes of one tree; `_WRITERS` has the method for each kind."""

    spellings: Mapping[str, str]
    mark: tuple[int, int] | None

    def part(self, node: Node, least: Binding = Binding.RELATION) -> str:
        """Write a node, in brackets where it binds less strongly than that, marked where it lies in the mark."""
        if self._is_marked(node):
            return self._wrong(replace(self, mark=None).part(node, least))
        inner = self.bare(node)
        return bracketed(inner) if least and self._binding(node) < least else inner

    def _is_marked(self, node: Node) -> bool:
        return self.mark is not None and self.mark[0] <= node.start < node.end <= self.mark[1]

    @staticmethod
    def _wrong(text: str) -> str:
        return f'<mrow class="wrong">{text}</mrow>'

    def _binding(self, node: Node) -> Binding:
        is_raised = (
            (isinstance(node, Symbol | Unknown) and self._named(node).is_raised)
            or (isinstance(node, Function) and self._function(node.name, node.primes).is_raised)
            or (isinstance(node, Call) and self._is_exponential(node))
        )
        return Binding.RAISED if is_raised else BINDINGS.get(type(node), Binding.ATOM)

    # ----------------------------------------------------------------------------------------------------------
    # Names and numbers

    def _glyph(self, name: str) -> Glyph:
        return spelled(self.spellings[name]) if name in self.spellings else glyph(name)

    def _named(self, node: Symbol | Unknown) -> Glyph:
        index = (self._script(node.index),) if node.index else ()
        if isinstance(node, Unknown):
            known = glyph(node.name)
            return replace(known, below=(*known.below, *index)) if index else known
        known = self._glyph(node.name)
        if not (index or node.updated or node.sample or node.primes):
            return known
        above = (
            *known.above,
            *((_NEW,) if node.updated else ()),
            *((script(node.sample),) if node.sample else ()),
        )
        return replace(known, below=(*known.below, *index), above=above, primes=known.primes + node.primes)

    def _function(self, name: str, primes: int) -> Glyph:
        known = self._glyph(name)
        return replace(known, primes=known.primes + primes) if primes else known

    def _is_exponential(self, node: Call) -> bool:
        is_plain = not node.primes and not node.index and len(node.arguments) == 1
        return node.function == "exp" and "exp" not in self.spellings and is_plain

    def bare(self, node: Node) -> str:
        """Write a node without brackets around it."""
        return _WRITERS[type(node)](self, node)

    def number(self, node: Number) -> str:
        return leaf("mn", node.text)

    def constant(self, node: Constant) -> str:
        return scripted(glyph(node.name))

    def index(self, node: Index) -> str:
        return scripted(glyph(node.name))

    def symbol(self, node: Symbol) -> str:
        return scripted(self._named(node))

    def unknown(self, node: Unknown) -> str:
        return scripted(self._named(node))

    def function(self, node: Function) -> str:
        return scripted(self._function(node.name, node.primes))

    def ones(self, node: Ones) -> str:  # noqa: ARG002 (which kind of node it is says all)
        return '<mn class="bold">1</mn>'

    def kronecker(self, node: Kronecker) -> str:
        return element(
            "msub", "<mi>&#948;</mi>", element("mrow", self.part(node.left), self.part(node.right))
        )

    # ----------------------------------------------------------------------------------------------------------
    # Operators

    def sum(self, node: Sum) -> str:
        last = len(node.terms) - 1
        return element("mrow", *(self._term(one, at == 0, at == last) for at, one in enumerate(node.terms)))

    def _term(self, term: Node, is_first: bool, is_last: bool) -> str:
        """Write a term with its sign; one that goes on behind its end has brackets, but for the last one."""
        operand: Node = term.operand if isinstance(term, Negative) else term
        least = Binding.ATOM if ends_open(operand) and not is_last else Binding.OVER
        if not isinstance(term, Negative):
            plus = "" if is_first else '<mo form="infix">+</mo>'
            return plus + self.part(operand, least)
        minus = "<mo>&#8722;</mo>" if is_first else '<mo form="infix">&#8722;</mo>'
        # A sign between two terms has no place of its own in the tree: it is marked where the term brings one.
        if self._is_marked(term) and term.start < operand.start:
            return self._wrong(minus + replace(self, mark=None).part(operand, least))
        return minus + self.part(operand, least)

    def negative(self, node: Negative) -> str:
        return element("mrow", _MINUS, self.part(node.operand, Binding.OVER))

    def product(self, node: Product) -> str:
        parts = [self._factor(node, 0)]
        for at, sign in enumerate(self._signs(node), start=1):
            parts += [_TIMES[sign], self._factor(node, at)]
        return element("mrow", *parts)

    def _factor(self, node: Product, at: int) -> str:
        """Write a factor; one that is a product itself has brackets where the signs do not say so."""
        factor, is_last = node.factors[at], at == len(node.factors) - 1
        if isinstance(factor, Over):
            return self.part(factor, Binding.OVER if is_last else Binding.ATOM)
        if isinstance(factor, Product):
            is_divisor = at > 0 and node.signs[at - 1] is Times.DIVIDE
            is_tight = set(self._signs(factor)) == {Times.ADJACENT} and Times.ADJACENT not in node.signs
            is_clear = is_tight and not is_divisor and (is_last or not ends_open(factor))
            return self.part(factor, Binding.PRODUCT if is_clear else Binding.ATOM)
        return self.part(factor, Binding.PRODUCT)

    def _signs(self, node: Product) -> tuple[Times, ...]:
        """Return what is written between factors: dots for nothing where two numbers, a name and brackets, or bars would meet."""
        meeting = zip(node.signs, node.factors, node.factors[1:], strict=False)
        if any(sign is Times.ADJACENT and self._needs_dot(left, right) for sign, left, right in meeting):
            return tuple(Times.DOT if sign is Times.ADJACENT else sign for sign in node.signs)
        return node.signs

    def _needs_dot(self, left: Tree, right: Tree) -> bool:
        is_name = isinstance(left, Symbol | Unknown | Index)
        is_called = is_name and self._binding(right) <= Binding.NEGATIVE
        return is_called or isinstance(begins_with(right), Number | Indicator | Ones | Absolute | Norm)

    def fraction(self, node: Fraction) -> str:
        return element("mfrac", self.part(node.top), self.part(node.bottom))

    def derivative(self, node: Derivative) -> str:
        by = element("mrow", _DERIVED, self.part(node.by))
        if self._binding(node.of) is Binding.ATOM or isinstance(node.of, Symbol | Unknown):
            return element("mfrac", element("mrow", _DERIVED, self.part(node.of)), by)
        return element("mrow", element("mfrac", _DERIVED, by), bracketed(self.part(node.of)))

    def power(self, node: Power) -> str:
        return element("msup", self.part(node.base, Binding.ATOM), self.part(node.exponent))

    def transpose(self, node: Transpose) -> str:
        return element("msup", self.part(node.operand, Binding.ATOM), "<mo>&#8868;</mo>")

    def primed(self, node: Primed) -> str:
        return element("msup", bracketed(self.part(node.operand)), "<mo>&#8242;</mo>")

    def over(self, node: Over) -> str:
        below, upper = self._counted(node), node.upper
        sign = (
            element("munder", _EXTREMES[node.kind], below)
            if upper is None
            else element("munderover", _EXTREMES[node.kind], below, self.part(upper))
        )
        return element("mrow", sign, self.part(node.body, Binding.OVER))

    def _counted(self, node: Over) -> str:
        """Return what stands below a sum; an index that a condition is about stands in that alone."""
        about = {one.operands[0].name for one in node.conditions if isinstance(one.operands[0], Index)}
        names = [name for name in node.indices if name not in about or node.lower is not None]
        indices = [scripted(glyph(name)) for name in names]
        if indices and node.lower is not None:
            indices[-1] = element("mrow", indices[-1], leaf("mo", "="), self.part(node.lower))
        return listed([*indices, *map(self.part, node.conditions)])

    def condition(self, node: Condition) -> str:
        parts = [self.part(node.operands[0], Binding.SUM)]
        for sign, operand in zip(node.comparisons, node.operands[1:], strict=True):
            parts += [leaf("mo", _COMPARISONS.get(sign, sign)), self.part(operand, Binding.SUM)]
        return element("mrow", *parts)

    # ----------------------------------------------------------------------------------------------------------
    # Functions, and what stands in brackets

    def call(self, node: Call) -> str:
        first = node.arguments[0] if len(node.arguments) == 1 else None
        if first is not None and self._is_exponential(node):
            return element("msup", "<mi>e</mi>", self.part(first))
        if first is not None and node.function == "sqrt" and not node.primes and not node.index:
            return element("msqrt", self.part(first))
        if node.function == "inner" and "inner" not in self.spellings:
            return between(
                "\N{MATHEMATICAL LEFT ANGLE BRACKET}", listed(map(self.part, node.arguments)), _RIGHT_ANGLE
            )
        called = self._applied(scripted(self._function(node.function, node.primes)), node.arguments)
        return element("msub", called, self._script(node.index)) if node.index else called

    def application(self, node: Application) -> str:
        return self._applied(self.part(node.of), node.arguments)

    def _applied(self, name: str, arguments: tuple[Tree, ...]) -> str:
        return element("mrow", name, _APPLIED, bracketed(listed(map(self.part, arguments))))

    def entry(self, node: Entry) -> str:
        return element("msub", bracketed(self.part(node.operand)), self._script(node.index))

    def _script(self, index: tuple[Tree, ...]) -> str:
        """Return indices, with commas where one is not a letter alone."""
        parts = [self.part(one) for one in index]
        return row(*parts) if parts and all(isinstance(one, Index) for one in index) else listed(parts)

    def absolute(self, node: Absolute) -> str:
        return between("|", self.part(node.operand), "|")

    def norm(self, node: Norm) -> str:
        bars = between("\N{DOUBLE VERTICAL LINE}", self.part(node.operand), "\N{DOUBLE VERTICAL LINE}")
        return element("msub", bars, script(node.order))

    def indicator(self, node: Indicator) -> str:
        return element("msub", '<mn class="bold">1</mn>', self.part(node.condition))

    def cases(self, node: Cases) -> str:
        rows = []
        for one in node.branches:
            when = "<mtext>otherwise</mtext>"
            if one.condition is not None:
                when = element("mrow", "<mtext>if&#160;</mtext>", self.part(one.condition))
            rows.append(element("mtr", element("mtd", self.part(one.value)), element("mtd", when)))
        return element("mrow", '<mo form="prefix">{</mo>', f'<mtable class="cases">{"".join(rows)}</mtable>')

    def matrix(self, node: Matrix) -> str:
        rows = [element("mtr", *(element("mtd", self.part(one)) for one in each)) for each in node.rows]
        return between("[", element("mtable", *rows), "]")

    def listing(self, node: Listing) -> str:
        items = [self.part(one) for one in node.items]
        if node.has_dots:
            # Where they stood is not kept; nearly always it is before the last item.
            items.insert(len(items) - 1 if len(items) > 1 else len(items), _DOTS)
        return bracketed(listed(items))


_WRITERS: Mapping[type[Node], Callable[..., str]] = {
    Number: _Writer.number,
    Constant: _Writer.constant,
    Index: _Writer.index,
    Symbol: _Writer.symbol,
    Unknown: _Writer.unknown,
    Function: _Writer.function,
    Ones: _Writer.ones,
    Kronecker: _Writer.kronecker,
    Sum: _Writer.sum,
    Negative: _Writer.negative,
    Product: _Writer.product,
    Fraction: _Writer.fraction,
    Derivative: _Writer.derivative,
    Power: _Writer.power,
    Transpose: _Writer.transpose,
    Primed: _Writer.primed,
    Over: _Writer.over,
    Condition: _Writer.condition,
    Call: _Writer.call,
    Application: _Writer.application,
    Entry: _Writer.entry,
    Absolute: _Writer.absolute,
    Norm: _Writer.norm,
    Indicator: _Writer.indicator,
    Cases: _Writer.cases,
    Matrix: _Writer.matrix,
    Listing: _Writer.listing,
}
