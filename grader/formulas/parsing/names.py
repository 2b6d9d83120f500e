"""Reads names: accents, scripts, primes, letter runs; the longest spelling that the task knows wins."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from grader.formulas.parsing.cursor import Span
from grader.formulas.parsing.functions import Scripts
from grader.formulas.parsing.letters import TRANSPOSES, Letters
from grader.formulas.symbols import Meaning, flat, key_of, word_of
from grader.formulas.tokens import Kind, NoteKind, Token, argument
from grader.formulas.tree import (
    Application,
    Symbol,
    Transpose,
    Tree,
    Unknown,
)
from grader.formulas.vocabulary import ACCENTS, WORD_FUNCTIONS

_COUNTS = frozenset({*"tknij", "tau"})
"""Letters that count steps."""
_PAIR = 2
_WITH_ENTRIES = frozenset({Meaning.VALUE, Meaning.GRADIENT, Meaning.UPDATED})
_LONGEST_RUN = 30
_NO_SCRIPTS = Scripts()
"""What most names have."""


class Names(Letters):
    """Reads names."""

    def name(self, *, alone: bool = False) -> Tree:
        """Read a name with its scripts.

        Parameters
        ----------
        alone : bool
            Whether brackets behind it are no part of it.
        """
        self.budget.spend()
        first = self.peek()
        if first is None or first.kind not in {Kind.LETTER, Kind.WORD, Kind.NAME, Kind.COMMAND}:
            raise self.failure("A name is expected.", first)
        if first.is_command_among(ACCENTS):
            return self._accented(alone=alone)
        step = self.own_step(first) if self.options.steps and first.is_command("Delta") else None
        if step is not None:
            return step
        if first.kind is not Kind.LETTER:
            self.at += 1
            return self._scripted(first.text.replace(" ", ""), first, alone=alone)
        run = self._letters()
        for length in range(len(run), 1, -1):
            if run[:length] in self.table.bases:
                self.at += length
                return self._scripted(run[:length], first, alone=alone)
        if run[0] == "d" and "d" not in self.bound:
            derived = self.inline_derivative() or (
                self.short_gradient() if len(run) > 1 or self._word_follows() else None
            )
            if derived is not None:
                return derived
        function = None if alone or len(run) == 1 else self.lettered_function(run, first)
        return function or self._letter(first, alone=alone)

    def _word_follows(self) -> bool:
        """Whether a name that begins with no letter stands right behind the next token."""
        token = self.peek(1)
        if token is None or not token.glued:
            return False
        return token.kind is Kind.NAME or token.is_command_among(ACCENTS)

    def _letters(self) -> str:
        run = ""
        for ahead in range(_LONGEST_RUN):
            token = self.peek(ahead)
            if token is None or token.kind is not Kind.LETTER or (ahead and not token.glued):
                break
            run += token.text
        return run

    def _letter(self, first: Token, *, alone: bool) -> Tree:
        """Read one letter; `w0` is `w_0` where the task knows that."""
        self.at += 1
        number = self.peek()
        if number is not None and number.kind is Kind.NUMBER and number.glued and number.text.isdigit():
            key = key_of(first.text, number.text)
            if key in self.table.by_key:
                self.at += 1
                return self._known(self.table.by_key[key], key, first, Scripts(), alone=alone)
        return self._scripted(first.text, first, alone=alone)

    def _accented(self, *, alone: bool) -> Tree:
        first = self.take()
        span = self.span()
        inner = self.texts(span)
        derived = None if alone else self._dotted_function(first, inner)
        if derived is not None:
            return derived
        below = None
        if len(inner) > _PAIR and inner[1].is_sign("_"):
            _, behind = argument(inner, 2)
            if behind == len(inner):
                braces = inner[2].is_sign("{")
                below = (span[0] + 2 + braces, span[1] - braces)
                inner = inner[:1]
        return self._scripted(f"{first.text}({flat(inner)})", first, alone=alone, below=below)

    def _dotted_function(self, first: Token, inner: Sequence[Token]) -> Tree | None:
        r"""Read `\dot{\mathrm{ReLU}}` as the derivative of the function; None where the dot stands above anything else."""
        word = flat(inner)
        meaning, name = self.table.by_key.get(word, (None, ""))
        if first.text != "dot" or not (meaning is Meaning.FUNCTION or word in WORD_FUNCTIONS):
            return None
        self.note(NoteKind.READING, "A dot above a function is read as its derivative.", first)
        scripts = self._scripts(None)
        name = name if meaning is Meaning.FUNCTION else WORD_FUNCTIONS[word]
        return self.function(name, first, replace(scripts, primes=scripts.primes + 1))

    def _scripts(self, below: Span | None) -> Scripts:
        above: Span | None = None
        primes = 0
        while (token := self.peek()) is not None and token.is_sign("_", "^", "'"):
            taken = {"_": below, "^": above}.get(token.text)
            if taken is not None:
                break
            self.at += 1
            if token.text == "'":
                primes += 1
                continue
            span = self.span()
            if token.text == "_":
                below = span
            elif all(one.is_sign("'") for one in self.texts(span)):
                primes += span[1] - span[0]
            else:
                above = span
        if below is None and above is None and not primes:
            return _NO_SCRIPTS
        return self._transposed(Scripts(below=below, above=above, primes=primes))

    def _transposed(self, scripts: Scripts) -> Scripts:
        r"""Tell a transpose from a label or an exponent; it may stand behind one: `W^{(2)\\top}`."""
        tokens = self.texts(scripts.above) if scripts.above else ()
        if scripts.above is None or not tokens or tokens[-1].text not in TRANSPOSES:
            return scripts
        end = scripts.above[1] - 1
        if len(tokens) == 1:
            return replace(scripts, above=None, is_transposed=True)
        if tokens[0].is_sign("-"):
            raise self.failure("An inverse is not read.", tokens[0])
        end -= len(tokens) > _PAIR and tokens[-2].is_sign("^")
        return replace(scripts, above=(scripts.above[0], end), is_transposed=True)

    def _scripted(self, base: str, first: Token, *, alone: bool, below: Span | None = None) -> Tree:
        scripts = self._scripts(below)
        layered = self._layered(base, scripts)
        if layered is not None:
            key, rest = layered
            return self._known(self.table.by_key[key], key, first, replace(scripts, below=rest), alone=alone)
        under = flat(self.texts(scripts.below)) if scripts.below else ""
        over = flat(self.texts(scripts.above)) if scripts.above else ""
        for one, other, primes in (
            (under, over, scripts.primes),
            (under, over, 0),
            (under, "", scripts.primes),
            ("", over, scripts.primes),
            (under, "", 0),
            ("", over, 0),
            ("", "", scripts.primes),
            ("", "", 0),
        ):
            key = key_of(base, one, other, primes)
            if key in self.table.by_key:
                left = scripts.without(below=bool(one), above=bool(other), primes=primes)
                return self._known(self.table.by_key[key], key, first, left, alone=alone)
        if first.kind in {Kind.WORD, Kind.NAME}:
            return self._worded(base, first, scripts, alone=alone)
        return self._unknown(base, first, scripts, alone=alone)

    def _layered(self, base: str, scripts: Scripts) -> tuple[str, Span] | None:
        """Take a layer and an entry apart that stand in one script, `W_{2,kj}`; None where the script is anything else."""
        tokens = self.texts(scripts.below) if scripts.below else ()
        if scripts.below is None or len(tokens) < _PAIR or tokens[0].kind is not Kind.NUMBER or scripts.above:
            return None
        has_comma = tokens[1].is_sign(",")
        rest = (scripts.below[0] + 1 + (has_comma or tokens[1].is_sign("_")), scripts.below[1])
        if key_of(base, flat(tokens)) in self.table.by_key or not self.is_index(rest):
            return None
        if base == "delta" and not has_comma:
            return None  # Kronecker's
        count = len(self.indices(rest))
        _, whole = self.table.by_key.get(base, (None, ""))
        if whole and self.table.axes.get(whole, 0) == count + 1:
            return None  # the number is the first index of a value without layers
        for key in (key_of(base, tokens[0].text), key_of(base, "", f"<{tokens[0].text}>")):
            meaning, name = self.table.by_key.get(key, (None, ""))
            if meaning in _WITH_ENTRIES and self.table.axes.get(name, 0) == count:
                return key, rest
        return None

    def _worded(self, base: str, first: Token, scripts: Scripts, *, alone: bool) -> Tree:
        """Read a name as code has it, or a function that the task has no name for."""
        meant = self.table.words.get(word_of(base))
        if meant is not None:
            if scripts.primes and meant[0] is Meaning.VALUE and meant[1] in self.table.parameters:
                meant = (Meaning.UPDATED, meant[1])
                scripts = replace(scripts, primes=scripts.primes - 1)
            return self._known(meant, base, first, scripts, alone=alone)
        if base in WORD_FUNCTIONS and not alone:
            return self.function(WORD_FUNCTIONS[base], first, scripts)
        return self._unknown(base, first, scripts, alone=alone)

    def _known(
        self, meant: tuple[Meaning, str], key: str, first: Token, left: Scripts, *, alone: bool
    ) -> Tree:
        """Return what a name means, with the scripts that are not part of it."""
        meaning, name = meant
        if meaning is Meaning.FUNCTION:
            return self.function(name, first, left, alone=alone)
        derived = self.subscript_derivative(name, first, left) if meaning is Meaning.VALUE else None
        if derived is not None:
            return derived
        index = self._index_of(name, left.below)
        if index is None:
            return self._unknown(key, first, left, alone=alone)
        above = flat(self.texts(left.above)) if left.above else ""
        if above and meaning is Meaning.VALUE and name in self.table.parameters:
            stepped = self._stepped(above, first)
            if stepped is not None:
                meaning, left, above = stepped, replace(left, above=None), ""
            elif above.startswith("<"):
                return self._unknown(key, first, left, alone=alone)
        sample = above if above.startswith("<") and above.endswith(">") else ""
        symbol = Symbol(
            name=name,
            index=index,
            updated=meaning is Meaning.UPDATED,
            sample=sample,
            primes=left.primes,
            start=first.start,
            end=self.behind,
        )
        tree: Tree = symbol
        if meaning is Meaning.GRADIENT:
            tree = self.derivative(Symbol(name=self.table.loss), symbol, first)
        elif not alone and self.is_sign("("):
            tree = self.primed_loss(self.applied(symbol), first)
        return self.raised(tree, left if not sample else replace(left, above=None))

    def _stepped(self, above: str, first: Token) -> Meaning | None:
        """Tell from a label above a parameter whether it is meant before or after the step; None where it is neither."""
        label = above.strip("<>")
        if above == "*" or (label[:1] in _COUNTS and label[1:] == "+1"):
            meant = Meaning.UPDATED
        elif above.startswith("<") and label in _COUNTS:
            meant = Meaning.VALUE
        elif above in {"<0>", "<1>"} and not self.table.has_layers:
            meant = Meaning.UPDATED if label == "1" else Meaning.VALUE
        else:
            return None
        when = "after" if meant is Meaning.UPDATED else "before"
        self.note(NoteKind.READING, f"`{above[:10]}` above the parameter is read as {when} the step.", first)
        return meant

    def raised(self, tree: Tree, left: Scripts) -> Tree:
        """Put an exponent and a transpose above what was read."""
        if left.above is not None:
            tree = self.power(tree, left.above)
        if left.is_transposed:
            tree = Transpose(operand=tree, start=tree.start, end=self.behind)
        return tree

    def _index_of(self, name: str, below: Span | None) -> tuple[Tree, ...] | None:
        """Return the index of a known value; None where the script is none, or has more indices than it has axes."""
        if below is None:
            return ()
        if not self.is_index(below):
            return None
        index = self.indices(below)
        return index if len(index) <= self.table.axes.get(name, 0) else None

    def _unknown(self, base: str, first: Token, scripts: Scripts, *, alone: bool) -> Tree:
        special = None if "_" in base else self.special(base, first, scripts)
        if special is not None:
            return special
        index: tuple[Tree, ...] = ()
        under = flat(self.texts(scripts.below)) if scripts.below else ""
        if scripts.below is not None and self.is_index(scripts.below):
            index, under = self.indices(scripts.below), ""
        above = self.texts(scripts.above) if scripts.above else ()
        is_label = bool(above) and (above[0].is_sign("(", "[") or above[0].kind is Kind.WORD)
        name = key_of(base, under, flat(above) if is_label else "", scripts.primes)
        unknown = Unknown(name=name, index=index, start=first.start, end=self.behind)
        tree: Tree = unknown
        if not alone and self.is_sign("(") and self.is_function(base, first):
            arguments = self.arguments()
            tree = Application(of=unknown, arguments=arguments, start=first.start, end=self.behind)
        return self.raised(tree, replace(scripts, above=None) if is_label else scripts)
