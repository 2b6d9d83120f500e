r"""Joins formulas with what stands beside them outside of the dollars: `$L$ = 3.375`, `**dL/dw:** $...$`, a label above a display."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from grader.formulas.documents.code_spans import in_code_spans
from grader.formulas.documents.columns import Column, column_of
from grader.formulas.documents.extract import Extracted, Form, Formula
from grader.formulas.documents.grids import with_equations
from grader.formulas.documents.labels import is_quantity, labelled
from grader.formulas.documents.lex import lex
from grader.formulas.documents.macros import Body
from grader.formulas.documents.plain_dress import bare
from grader.formulas.documents.plain_lex import lex_plain
from grader.formulas.documents.rows import first_side, is_relation
from grader.formulas.documents.tables import Row
from grader.formulas.limits import Budget, ExhaustedError, UnreadableError
from grader.formulas.parsing.parse import parse_side
from grader.formulas.symbols import SymbolTable
from grader.formulas.tokens import Kind, Token
from grader.formulas.tree import Derivative, Node, Symbol
from grader.formulas.vocabulary import SUPPOSED

_LONGEST = 2_000
"""Characters of a line that is looked at."""
_LONGEST_LABEL = 60
_STEPS = 15
"""Of looking at what may be joined."""
_BOLD = r"[ \t]*(?:\*\*|__)?[ \t]*"
_RELATION = r"(?P<relation>:=|=|\u2248|\u2192|->|:(?!=)|\b(?:is|equals|ist|est|es)\b)"
_NUMBER = r"[(|]{0,3}[-+\u2212]?[0-9]{1,12}(?:[.,][0-9]{1,15})?[)|]{0,3}"
_SUM = rf"{_NUMBER}(?:[ \t]*[-+*/\u00b7\u00d7\u2212][ \t]*{_NUMBER}){{0,12}}"
_ENDS = (
    r"(?=[ \t]*(?:\n|$|=|[.,;)](?:\s|$)|\*\*|__|\b(?:and|und|et|so|thus|hence|which|because|since|as)\b|\())"
)
_VALUE = re.compile(rf"{_BOLD}(?:{_RELATION}{_BOLD})?(?P<value>{_SUM}){_ENDS}(?:\*\*|__)?")
_GAP = re.compile(rf"{_BOLD}(?:{_RELATION}{_BOLD})?")
_UNKNOWN = re.compile(rf"{_BOLD}(?:=|:=|\u2248)(?!=)")
_LEFT_OPEN = re.compile(r"(?:[=+]|\\approx|\\cdot|\\times|\\equiv)\s*$")
_RIGHT_OPEN = re.compile(r"\s*(?:[=+*]|:=|\\approx|\\cdot|\\times|\\equiv)")
_OPENERS = ("$`", "$$", "$", "\\(", "\\[")
_CLOSERS = ("`$", "$$", "$", "\\)", "\\]")
_LABEL_END = re.compile(r"[ \t*_`]*(?P<relation>=|:)?[ \t*_`]*$")
_SURE = frozenset({"=", ":=", "\u2248", ""})
_JOINED = "What stands beside the formula is read with it."
_NOT_JOINED = "What stands behind the formula, outside of its marks, is not read."


def beside(
    text: str,
    extracted: Extracted,
    taken: Sequence[Row],
    table: SymbolTable,
    budget: Budget,
    bodies: Mapping[str, Body],
) -> tuple[list[Row], bool]:
    """Join formulas with what stands beside them.

    Parameters
    ----------
    text : str
        Of a document; hostile.
    extracted : Extracted
        Its formulas between marks, and its fences.
    taken : sequence of Row
        What tables say: their formulas stand there.
    table : SymbolTable
        The names of the assignment.
    budget : Budget
        Is taken off for each formula; of its own, as for lines of plain text.
    bodies : mapping of str to Body
        The macros of the document.

    Returns
    -------
    list of Row
        What they say together.
    bool
        Whether the steps were used up before the end.
    """
    used = sorted(row.start for row in taken)
    joiner = _Joiner(text, extracted, used, table, budget, bodies)
    try:
        joiner.join()
        for row in in_code_spans(text, extracted, table, budget):
            joiner.rows.append(row)  # one by one: those before the last step stay
    except ExhaustedError:
        return joiner.rows, True
    return joiner.rows, False


class _Group(Struct, kw_only=True):
    """What is being joined."""

    tokens: list[Token] = field(default_factory=list)
    end: int = 0
    """Offset behind what was joined, with its marks."""
    cells: list[tuple[int, int]] = field(default_factory=list)
    parts: int = 1


class _Joiner:
    """Goes over the formulas of a text."""

    def __init__(
        self,
        text: str,
        extracted: Extracted,
        used: Sequence[int],
        table: SymbolTable,
        budget: Budget,
        bodies: Mapping[str, Body],
    ) -> None:
        self.text = text
        self.formulas = extracted.formulas
        self.used = used
        self.table = table
        self.budget = budget
        self.bodies = bodies
        self.rows: list[Row] = []

    def join(self) -> None:
        """Collect what belongs together."""
        at = 0
        while at < len(self.formulas):
            self.budget.spend(2)
            try:
                at += self._display(at) if self.formulas[at].form is Form.DISPLAY else self._inline(at)
            except UnreadableError:
                at += 1

    # ----------------------------------------------------------------------------------------------------------
    # In a line

    def _inline(self, at: int) -> int:
        """Join a formula with what stands beside it in its line; return how many formulas were looked at."""
        formula = self.formulas[at]
        line = self._line(formula)
        start, end = _outer(self.text, formula)
        if line is None:
            return 1
        prefix = self.text[line[0] : start]
        group = _Group(end=end)
        label = self._label_before(line[0], start, at)
        if not label and not self._may_go_on(at, group.end, line[1]):
            return 1
        self.budget.spend(_STEPS)
        group.tokens = [*lex(self.text, formula.start, formula.end, self.budget, bodies=self.bodies).tokens]
        group.cells = [(formula.start, formula.end)]
        if label and self._is_joined(label, group.tokens, formula):
            group.tokens = [*label, *group.tokens]
            group.parts = 2
        number = self._grow(group, at, line[1], prefix)
        if group.parts > 1:
            self._add(group, prefix, line[1])
        elif _UNKNOWN.match(self.text, group.end, line[1]) and self._is_label(first_side(group.tokens)):
            self._unread(group, line[1])
        return number

    def _line(self, formula: Formula) -> tuple[int, int] | None:
        """Return the line of a formula; none where it is long, or a row of a table, or the formula goes over several."""
        far = max(formula.start - _LONGEST, 0)
        start = self.text.rfind("\n", far, formula.start) + 1
        end = self.text.find("\n", formula.start, formula.start + _LONGEST)
        end = end if end >= 0 else min(len(self.text), formula.start + _LONGEST)
        number = bisect_right(self.used, start - 1)
        is_row = number < len(self.used) and self.used[number] <= end
        is_row = is_row or self.text.startswith("|", start)
        is_long = not start and far
        return None if is_row or is_long or formula.end > end else (start, end)

    def _next(self, at: int, line_end: int) -> Formula | None:
        following = self.formulas[at + 1] if at + 1 < len(self.formulas) else None
        is_here = following is not None and following.form is Form.INLINE and following.end <= line_end
        return following if is_here else None

    def _may_go_on(self, at: int, end: int, line_end: int) -> bool:
        """Whether something follows that can be joined, told by the text alone."""
        if _VALUE.match(self.text, end, line_end) or _UNKNOWN.match(self.text, end, line_end):
            return True
        following = self._next(at, line_end)
        return (
            following is not None
            and _GAP.fullmatch(self.text, end, _outer(self.text, following)[0]) is not None
        )

    def _grow(self, group: _Group, at: int, line_end: int, prefix: str) -> int:
        """Join what follows, part by part; return how many formulas are in it."""
        number = 1
        for _ in range(self.budget.caps.formulas):
            following = self._next(at + number - 1, line_end)
            value = _VALUE.match(self.text, group.end, line_end)
            if value is not None and self._joins(group, value, prefix, None):
                self._append(
                    group, value, _plain_tokens(self.text, value, self.table, self.budget), value.end()
                )
                continue
            gap = following and _GAP.fullmatch(self.text, group.end, _outer(self.text, following)[0])
            if following is None or not gap:
                break
            tokens = lex(self.text, following.start, following.end, self.budget, bodies=self.bodies).tokens
            if not self._joins(group, gap, prefix, (following, tokens)):
                break
            self._append(group, gap, tokens, _outer(self.text, following)[1])
            group.cells.append((following.start, following.end))
            number += 1
        return number

    def _joins(
        self, group: _Group, gap: re.Match[str], prefix: str, behind: tuple[Formula, Sequence[Token]] | None
    ) -> bool:
        """Whether what stands between two parts joins them."""
        relation = gap["relation"] or ""
        left = self.text[max(group.end - 20, 0) : group.end].rstrip("$`)\\ ")
        if not relation:
            is_open = group.tokens and _LEFT_OPEN.search(left) is not None
            right = behind is not None and _RIGHT_OPEN.match(self.text, behind[0].start) is not None
            return bool(is_open) or right
        if relation in _SURE:
            return True
        if any(map(is_relation, group.tokens)) or not self._is_label(group.tokens):
            return False
        if behind is not None:
            first = first_side(behind[1])
            if len(first) < len(behind[1]) and self._is_label(first):
                return False
            if relation in {"\u2192", "->"}:
                return False
        rest = re.sub(r"[\s*_`]+$", "", _without_marks(prefix))
        return not rest or column_of(rest) in {Column.GRADIENT, Column.UPDATED}

    def _append(self, group: _Group, gap: re.Match[str], tokens: Sequence[Token], end: int) -> None:
        if gap["relation"]:
            place = gap.start("relation")
            arrow = gap["relation"] in {"\u2192", "->"} and self._is_parameter(group.tokens)
            kind, sign = (Kind.COMMAND, "rightarrow") if arrow else (Kind.SIGN, "=")
            kind, sign = (Kind.COMMAND, "approx") if gap["relation"] == "\u2248" else (kind, sign)
            group.tokens.append(Token(kind=kind, text=sign, start=place, end=place + 1))
        group.tokens += tokens
        group.end = end
        group.parts += 1

    def _add(self, group: _Group, prefix: str, line_end: int) -> None:
        """Add what was joined, with the label that the words before it make of a value."""
        words = re.sub(r"[\s*_`]+$", "", _without_marks(prefix))
        first = first_side(group.tokens)
        column = column_of(words) if words else Column.VALUE
        tokens = tuple(group.tokens)
        if column in {Column.GRADIENT, Column.UPDATED} and self._is_label(first):
            tokens = (*labelled(first, column, self.table), *group.tokens[len(first) :])
        start = group.tokens[0].start
        behind = self.text[group.end : min(line_end, group.end + _LONGEST_LABEL)]
        is_supposed = SUPPOSED.search(prefix[-_LONGEST_LABEL:]) or SUPPOSED.search(behind)
        is_cut = _UNKNOWN.match(self.text, group.end, line_end) is not None
        if (is_supposed or is_cut) and self._is_label(first):
            self._unread(group, line_end)
        elif not is_supposed:
            self.rows.append(
                Row(tokens=tokens, start=start, end=group.end, cells=tuple(group.cells), note=_JOINED)
            )

    def _unread(self, group: _Group, end: int) -> None:
        first = first_side(group.tokens)
        self.rows.append(Row(tokens=tuple(first), start=first[0].start, end=end, problem=_NOT_JOINED))

    # ----------------------------------------------------------------------------------------------------------
    # Labels

    def _label_before(self, start: int, end: int, at: int) -> list[Token]:
        """Return the label in plain text that a line begins with, and its relation."""
        before = self.formulas[at - 1] if at else None
        if end - start > _LONGEST_LABEL or (before is not None and before.end > start):
            return []
        closing = _LABEL_END.search(self.text, start, end)
        if closing is None or closing["relation"] is None:
            return []
        begin, _ = bare(self.text, start, closing.start())
        return self._plain_label(begin, closing.start(), closing["relation"])

    def _plain_label(self, start: int, end: int, relation: str) -> list[Token]:
        """Return a quantity in plain text, with a relation behind it."""
        inner = self.text[start:end]
        begin = start + len(inner) - len(inner.lstrip(" #*_`\t"))
        stop = start + len(inner.rstrip(" #*_`:\t"))
        if not 0 < stop - begin <= _LONGEST_LABEL:
            return []
        try:
            plain = lex_plain(self.text, begin, stop, self.table, self.budget)
        except UnreadableError:
            return []
        if plain.strange or not plain.tokens or not self._is_label(plain.tokens):
            return []
        sign = Token(kind=Kind.SIGN, text="=", start=stop, end=stop)
        return [*plain.tokens, *([sign] if relation else [])]

    def _is_joined(self, label: Sequence[Token], tokens: Sequence[Token], formula: Formula) -> bool:
        """Whether a label says what a formula is: not where that begins with a name of its own."""
        first = first_side(tokens)
        is_own = len(first) < len(tokens) and self._is_label(first)
        is_equals = self.text[max(formula.start - 8, 0) : formula.start].rstrip("$`( \\")[-1:] == "="
        return bool(label) and (is_equals or not is_own) and bool(first)

    def _display(self, at: int) -> int:
        """Join a display with the label that stands alone in the line above it."""
        formula = self.formulas[at]
        start, _ = _outer(self.text, formula)
        begin = max(start - _LONGEST_LABEL - 200, 0)
        head = self.text[begin:start].rstrip()
        above = head.rpartition("\n")[2]
        if head.endswith(("$$", "\\]", "}")) or not 0 < len(above) <= _LONGEST_LABEL + 20:
            return 1
        self.budget.spend(_STEPS)
        label, says = self._label_above(at, begin + len(head), above)
        if not label:
            return 1
        tokens = with_equations(
            lex(self.text, formula.start, formula.end, self.budget, bodies=self.bodies).tokens
        )
        shown = [one for one in tokens if one.kind not in {Kind.BEGIN, Kind.END} and not one.is_sign("&")]
        if not shown:
            return 1
        sign = Token(kind=Kind.SIGN, text="=", start=label[-1].end, end=label[-1].end)
        if is_relation(shown[0]):
            said = [*label, *tokens]
        elif says and not self._is_label(first_side(shown)):
            said = [*label, sign, *tokens]
        else:
            return 1
        cells = ((formula.start, formula.end),)
        self.rows.append(
            Row(
                tokens=tuple(said),
                start=formula.start,
                end=formula.end,
                cells=cells,
                note=_JOINED,
                form=Form.DISPLAY,
            )
        )
        return 1

    def _label_above(self, at: int, end: int, above: str) -> tuple[list[Token], bool]:
        """Return the quantity that a line holds alone, and whether the line says that it is what follows."""
        begin = end - len(above)
        before = self.formulas[at - 1] if at else None
        says = above.rstrip("* _").endswith(":")
        if before is not None and before.form is Form.INLINE and before.start >= begin:
            first, last = _outer(self.text, before)
            words = self.text[begin:first] + self.text[last:end]
            if words.strip(" #*_:`\t-"):
                return [], False
            tokens = list(lex(self.text, before.start, before.end, self.budget, bodies=self.bodies).tokens)
        elif "\\" in above:
            return [], False
        else:
            begin, _ = bare(self.text, begin, end)
            tokens = self._plain_label(begin, end, "")
        tree = self._tree(tokens)
        is_heading = above.lstrip().startswith(("#", "**")) and isinstance(tree, Derivative)
        return (tokens, says or is_heading) if is_quantity(tree) else ([], False)

    # ----------------------------------------------------------------------------------------------------------
    # Names

    def _tree(self, tokens: Sequence[Token]) -> Node | None:
        return parse_side(tokens, self.table, self.budget).tree if tokens else None

    def _is_label(self, tokens: Sequence[Token]) -> bool:
        return is_quantity(self._tree(tokens))

    def _is_parameter(self, tokens: Sequence[Token]) -> bool:
        tree = self._tree(tokens)
        return isinstance(tree, Symbol) and tree.name in self.table.parameters


def _outer(text: str, formula: Formula) -> tuple[int, int]:
    """Return where a formula begins and ends with its marks."""
    before = text[max(formula.start - 2, 0) : formula.start]
    behind = text[formula.end : formula.end + 2]
    opener = next((one for one in _OPENERS if before.endswith(one)), "")
    closer = next((one for one in _CLOSERS if behind.startswith(one)), "")
    return formula.start - len(opener), formula.end + len(closer)


def _plain_tokens(text: str, value: re.Match[str], table: SymbolTable, budget: Budget) -> Sequence[Token]:
    return lex_plain(text, *value.span("value"), table, budget).tokens


def _without_marks(prefix: str) -> str:
    """Return the words before a formula, without the mark of a list and words like `so`."""
    start, end = bare(prefix, 0, len(prefix))
    return prefix[start:end].strip(" *_`\t")
