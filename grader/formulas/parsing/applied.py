"""Reads brackets behind a value: what it is computed from, with or without a shift, or else a factor."""

from __future__ import annotations

from grader.formulas.limits import UnreadableError
from grader.formulas.parsing.cursor import Span
from grader.formulas.parsing.leibniz import Leibniz
from grader.formulas.parsing.wholes import shifted_input, whole_of
from grader.formulas.tokens import Kind, NoteKind, Token
from grader.formulas.tree import Application, Index, Listing, Number, Symbol, Tree, Unknown
from grader.formulas.vocabulary import ACCENTS

_LONGEST = 80
"""Tokens in brackets that may be what a value is computed from."""
_PARAMETERS = frozenset({"theta", "Theta", "bb", "vartheta", "params"})
"""Names for all parameters together."""
_SCRIPTS = ("_", "^")


class Applied(Leibniz):
    """Reads values with brackets behind them."""

    def applied(self, symbol: Symbol) -> Symbol | Application:
        """Read brackets behind a value: what it is computed from, or else a factor.

        Parameters
        ----------
        symbol : Symbol
            The value; the bracket comes next.

        Returns
        -------
        Symbol or Application
            The symbol where the brackets are a factor, and nothing of them is taken.
        """
        inputs = self.table.inputs.get(symbol.name, frozenset())
        within = self._within() if inputs else None
        if within is None:
            return symbol
        opener = self.tokens[self.at]
        names = self._names(within)
        known = [one for one in names if isinstance(one, Symbol) and one.name in inputs]
        arguments: tuple[Tree, ...] = ()
        if names and (len(known) == len(names) or self._are_arguments(symbol, names)):
            arguments = names
        elif not names:
            arguments = self._shifted(symbol, within, opener)
        if not arguments:
            if known:
                self.note(
                    NoteKind.READING, f"`{symbol.name}` is multiplied by the brackets behind it.", opener
                )
            return symbol
        self.at = within[1] + 1
        return Application(of=symbol, arguments=arguments, start=symbol.start, end=self.behind)

    def _within(self) -> Span | None:
        """Return what stands in the brackets that come next; None where there are others in them, so that nothing is read twice."""
        at = self.at + 1
        while at < min(self.stop, self.at + _LONGEST):
            token = self.tokens[at]
            if token.is_sign(")"):
                return (self.at + 1, at) if at > self.at + 1 else None
            if token.is_sign("(", "[", r"\{") or token.kind is Kind.BEGIN:
                return None
            if token.is_sign("{"):
                end = self._closing.get(at)
                if end is None:
                    return None
                at = end
            at += 1
        return None

    def _names(self, within: Span) -> tuple[Tree, ...]:
        """Read names with commas between them; none where there is anything else."""
        try:
            return self.inside(within, self._listed_names)
        except UnreadableError:
            return ()

    def _listed_names(self) -> tuple[Tree, ...]:
        found = [self.name(alone=True)]
        while self.is_sign(",", ";"):
            self.at += 1
            found.append(self.name(alone=True))
        return tuple(found)

    def _are_arguments(self, symbol: Symbol, names: tuple[Tree, ...]) -> bool:
        """Whether names, of which the task does not know all, can be nothing but what the value depends on."""
        if not all(isinstance(one, Symbol | Unknown) for one in names):
            return False
        strange = [one for one in names if isinstance(one, Unknown)]
        is_all = all(one.name.split("_")[0] in _PARAMETERS for one in strange)
        is_accented = bool(strange) and all(self._is_accented(one.name, symbol) for one in strange)
        return len(names) > 1 or symbol.name == self.table.loss or (bool(strange) and is_all) or is_accented

    def _is_accented(self, name: str, symbol: Symbol) -> bool:
        r"""Whether a name is that of an input with an accent, as in `p_k(\\tilde s)`."""
        accent, _, inner = name.partition("(")
        meant = self.table.by_key.get(inner.rstrip(")"))
        return accent in ACCENTS and meant is not None and meant[1] in self.table.inputs[symbol.name]

    def _shifted(self, symbol: Symbol, within: Span, opener: Token) -> tuple[Tree, ...]:
        """Read what stands in the place of an input: it and a shift, as a whole or entry by entry."""
        inputs = self.table.inputs[symbol.name]
        if not any(one.is_sign("+", "-") or one.is_command("ldots") for one in self.texts(within)):
            return ()
        try:
            listing = self.inside(within, self._items)
        except UnreadableError:
            return ()
        outside = self.table.outside
        if not all(
            (isinstance(one, Symbol) and one.name in inputs) or shifted_input(one, inputs, outside)
            for one in listing.items
        ):
            return ()
        is_whole = len(listing.items) == 1 and not listing.has_dots
        if not is_whole and not self._are_all(listing):
            return ()
        whole, index = whole_of(listing.items[0])
        if index:
            text = "What stands in the brackets is read as a whole, not as one entry."
            self.note(NoteKind.READING, text, opener)
        return (whole,)

    def _items(self) -> Listing:
        """Read formulas with commas between them, dots included."""
        items: list[Tree] = []
        has_dots = False
        while True:
            if self.is_command("ldots"):
                self.at, has_dots = self.at + 1, True
            else:
                items.append(self.expression())
            if not self.is_sign(",", ";"):
                break
            self.at += 1
        return Listing(items=tuple(items), has_dots=has_dots)

    def _are_all(self, listing: Listing) -> bool:
        """Whether entries with dots between them run from the first one to the last: `s_1 + d, ..., s_K + d`."""
        wholes = [whole_of(one) for one in listing.items]
        indices = [index for _, index in wholes]
        is_one = listing.has_dots and len({whole for whole, _ in wholes}) == 1
        if not is_one or len(indices) < 2 or any(len(one) != 1 for one in indices):  # noqa: PLR2004 (first and last)
            return False
        first, last = indices[0][0], indices[-1][0]
        is_last = isinstance(last, Index) and last.name in self.table.outside
        return isinstance(first, Number) and first.text in {"0", "1"} and is_last
