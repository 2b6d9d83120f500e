"""Reads derivatives in every notation: fractions and their inline form, nabla, indices that derive, `dW`."""

from __future__ import annotations

from abc import abstractmethod

from msgspec.structs import replace

from grader.formulas.limits import UnreadableError
from grader.formulas.parsing.cursor import Span, shown
from grader.formulas.parsing.functions import Functions, Scripts
from grader.formulas.parsing.indices import ADJACENT, TIGHTEST
from grader.formulas.tokens import Kind, NoteKind, Token
from grader.formulas.tree import Application, Derivative, Symbol, Transpose, Tree, Unknown

_MARKS = ("partial", "delta", "Delta", "nabla")
_SECOND = "A derivative of a higher order is not read."


class Leibniz(Functions):
    """Reads derivatives."""

    @abstractmethod
    def name(self, *, alone: bool = False) -> Tree:
        """Read a name with its scripts."""

    def derivative(self, of: Tree, by: Symbol | Unknown, first: Token) -> Derivative:
        """Return one derived by another, as read from a token on."""
        return Derivative(of=of, by=by, start=first.start, end=self.behind)

    def derives(self, of: Tree, by: Tree) -> bool:
        """Whether a value of the task may depend on the other one, so that `d` can be nothing but a mark."""
        named = of.of if isinstance(of, Application) else of
        if not isinstance(named, Symbol) or not isinstance(by, Symbol):
            return False
        return named.name == self.table.loss or by.name in self.table.inputs.get(named.name, frozenset())

    def derives_loss(self, tree: Derivative) -> bool:
        """Whether a derivative is one of the loss, which has an entry for each of what it is taken by."""
        named = tree.of.of if isinstance(tree.of, Application) else tree.of
        return isinstance(named, Symbol) and named.name == self.table.loss

    def variable(self) -> Tree:
        """Read what is derived or derived by: a name, or an entry of one in brackets, `(W_2)_{ij}`."""
        opener = self.peek()
        if opener is None or not opener.is_sign("(", "["):
            return self.name(alone=True)
        self.at += 1
        named = self.name(alone=True)
        if not self.is_sign(")" if opener.text == "(" else "]") or not isinstance(named, Symbol):
            raise self.failure("What stands in brackets here is no name.", opener)
        self.at += 1
        if not self.is_sign("_") or named.index:
            return named
        self.at += 1
        below = self.span()
        index = self.indices(below) if self.is_index(below) else ()
        if len(index) != self.table.axes.get(named.name, 0):
            raise self.failure("This subscript cannot be read.", opener)
        return replace(named, index=index, end=self.behind)

    def inline_derivative(self) -> Tree | None:
        """Read `dL/dw` at its first mark; None, and nothing taken, where it is something else."""
        saved, first = self.at, self.take()
        try:
            of = self.variable()
            mark = self.peek(1)
            is_pair = self.is_sign("/") and mark is not None
            if is_pair and mark is not None and (mark.kind, mark.text) == (first.kind, first.text):
                self.at += 2
                by = self.variable()
                known = first.kind is not Kind.LETTER or not self.is_taken(first.text) or self.derives(of, by)
                if known and isinstance(by, Symbol | Unknown) and isinstance(of, Symbol | Unknown):
                    self._note_taken(first)
                    return self.derivative(of, by, first)
        except UnreadableError:
            pass
        self.at = saved
        return None

    def _note_taken(self, mark: Token) -> None:
        if mark.kind is Kind.LETTER and self.is_taken(mark.text):
            self.note(NoteKind.READING, f"`{mark.text}` is read as the mark of a derivative.", mark)

    def short_gradient(self) -> Tree | None:
        """Read `dW` as the gradient by W, where the task writes it so."""
        if not self.table.d_is_gradient or self.is_taken("d"):
            return None
        saved, first = self.at, self.take()
        by = self.name(alone=True)
        if isinstance(by, Symbol):
            return self.derivative(Symbol(name=self.table.loss), by, first)
        if isinstance(by, Transpose) and isinstance(by.operand, Symbol):
            derived = self.derivative(Symbol(name=self.table.loss), by.operand, first)
            return Transpose(operand=derived, start=first.start, end=self.behind)
        self.at = saved
        return None

    def subscript_derivative(self, name: str, first: Token, left: Scripts) -> Tree | None:
        """Read `L_{w_0}` as the loss derived by that; `L_p` may be a loss of its own, and is not."""
        if name != self.table.loss or left.below is None or self.is_index(left.below):
            return None
        saved = self.at
        try:
            by = self.inside(left.below, lambda: self.name(alone=True))
        except UnreadableError:
            self.at = saved
            return None
        is_long = left.below[1] - left.below[0] > 1
        if not isinstance(by, Symbol) or not (is_long or by.name in self.table.parameters):
            return None
        self.note(NoteKind.READING, "The name below the loss is read as what it is derived by.", first)
        return self.derivative(Symbol(name=name), by, first)

    def primed_loss(self, applied: Tree, first: Token) -> Tree:
        """Read `L'(w)` as the loss derived by that; return anything else as it is."""
        if not isinstance(applied, Application) or not isinstance(applied.of, Symbol):
            return applied
        (by, *more) = applied.arguments
        if applied.of.name != self.table.loss or applied.of.primes != 1 or more or not isinstance(by, Symbol):
            return applied
        self.note(NoteKind.READING, "The primed loss is read as derived by what is in its brackets.", first)
        return self.derivative(Symbol(name=self.table.loss), by, first)

    def derivative_fraction(self, first: Token, top: Span, bottom: Span) -> Tree | None:
        r"""Read a fraction whose halves both begin with a mark, `\frac{\partial L}{\partial w}`; else None."""
        mark = self._mark(top)
        if not mark or not self._mark(bottom) or bottom[1] - bottom[0] == 1:
            return None
        try:
            by = self.inside((bottom[0] + 1, bottom[1]), self.variable)
        except UnreadableError:
            by = None
        if not isinstance(by, Symbol | Unknown):
            self._refuse_second(top, bottom, first)
            return None
        if top[1] - top[0] == 1:
            of = self.expression(TIGHTEST if self.is_sign("(", "[") else ADJACENT)
        else:
            of = self.inside((top[0] + 1, top[1]), self.expression)
        is_taken = mark == "d" and self.is_taken("d")
        if is_taken and not self.derives(of, by):
            return None
        if is_taken or mark in {"delta", "Delta"}:
            text = f"`{shown(self.tokens[top[0]])}` is read as the mark of a derivative."
            self.note(NoteKind.READING, text, first)
        return self.derivative(of, by, first)

    def _refuse_second(self, top: Span, bottom: Span, first: Token) -> None:
        r"""Stop at `\frac{\partial^2 L}{\partial w \partial v}`."""
        halves = (self.texts(top), self.texts(bottom))
        if any(sum(one.is_command("partial") for one in half) > 1 for half in halves):
            raise self.failure(_SECOND, first)

    def _mark(self, span: Span) -> str:
        """Return what marks a half of a fraction as one of a derivative; empty where nothing does."""
        tokens = self.texts(span)
        if not tokens:
            return ""
        is_d = tokens[0].kind is Kind.LETTER and tokens[0].text == "d"
        if len(tokens) > 1 and tokens[1].is_sign("_", "^", "'"):
            is_order = [one.text for one in tokens[1:3]] == ["^", "2"]
            if is_order and (tokens[0].is_command("partial") or (is_d and not self.is_taken("d"))):
                raise self.failure(_SECOND, tokens[0])
            return ""
        if tokens[0].is_command_among(_MARKS):
            return tokens[0].text
        return "d" if is_d else ""

    def marked_inline(self) -> Tree | None:
        r"""Read `\delta L / \delta w`; None, and nothing taken, where it is something else."""
        token = self.peek(1)
        if token is None or token.is_sign("_", "^", "'", "{"):
            return None
        derived = self.inline_derivative()
        if derived is not None:
            text = r"`\delta` is read as the mark of a derivative."
            self.note(NoteKind.READING, text, self.tokens[self.at - 1])
        return derived

    def partial(self) -> Tree:
        r"""Read `\partial L / \partial w` and `\partial_w L`."""
        token = self.peek()
        if self.is_sign("_", ahead=1):
            return self.gradient()
        if self.is_sign("^", ahead=1):
            raise self.failure(_SECOND, token)
        derived = self.inline_derivative()
        if derived is None:
            raise self.failure("The derivative cannot be read.", token)
        return derived

    def gradient(self) -> Tree:
        r"""Read `\nabla_w L`."""
        first = self.take()
        if not self.is_sign("_"):
            raise self.failure("A gradient without what it is taken by cannot be read.", first)
        self.at += 1
        by = self.inside(self.span(), self.variable)
        if self.is_sign("^"):
            raise self.failure(_SECOND, first)
        if not isinstance(by, Symbol | Unknown):
            raise self.failure("What the gradient is taken by cannot be read.", first)
        return self.derivative(self.expression(TIGHTEST), by, first)

    def operator(self) -> Tree | None:
        """Read `D_w L`; None, and nothing taken, where it is something else."""
        saved = self.at
        if not self.is_sign("_", ahead=1):
            return None
        try:
            derived = self.gradient()
        except UnreadableError:
            derived = None
        if isinstance(derived, Derivative) and self.derives(derived.of, derived.by):
            return derived
        self.at = saved
        return None

    def packaged(self) -> Tree:
        r"""Read `\dv{L}{w}` and `\pdv{L}{w}`."""
        first = self.take()
        self.at += self.is_sign("*", "!")
        if self.is_sign("["):
            raise self.failure(_SECOND, first)
        top, bottom = self.span(), self.span()
        if self.is_sign("{"):
            raise self.failure(_SECOND, first)
        by = self.inside(bottom, lambda: self.name(alone=True))
        if not isinstance(by, Symbol | Unknown):
            raise self.failure("What is derived by cannot be read.", first)
        return self.derivative(self.inside(top, self.expression), by, first)
