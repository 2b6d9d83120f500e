"""Finds the lines of plain text that are formulas as a whole: a name of the task, a relation, and no prose."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from msgspec import Struct, field

from grader.formulas.documents.arrows import IMPLIES
from grader.formulas.documents.extract import MATH_FENCES, Extracted, Form
from grader.formulas.documents.labels import is_quantity
from grader.formulas.documents.lex import lex
from grader.formulas.documents.lines import Chain, Chains
from grader.formulas.documents.plain_dress import bare, goes_on, without_struck
from grader.formulas.documents.plain_lex import PlainTokens, lex_plain
from grader.formulas.documents.plain_prose import is_prose
from grader.formulas.documents.plain_rows import beyond_sign, may_be_label, may_go_on
from grader.formulas.documents.plain_said import may_be_said, said_derivative
from grader.formulas.documents.rows import is_relation
from grader.formulas.documents.tables import Row
from grader.formulas.documents.updates import update_note
from grader.formulas.documents.withdrawn import Struck
from grader.formulas.limits import Budget, ExhaustedError, UnreadableError
from grader.formulas.parsing.parse import parse_side
from grader.formulas.symbols import SymbolTable, word_of
from grader.formulas.tokens import Kind, Note, NoteKind, Token
from grader.formulas.tree import Symbol
from grader.formulas.vocabulary import SUPPOSED

_CANDIDATE = re.compile(
    "[=:|\N{ALMOST EQUAL TO}\N{LEFTWARDS ARROW}\N{RIGHTWARDS ARROW}\N{RIGHTWARDS DOUBLE ARROW}]|->|<-"
)
_NAMED = re.compile(r"([^\s:=][^:=\n]{0,40}?)\s*:(?!=)\s*(?=\S)")
_COMMENT = re.compile(
    r"\s+(?:#+\s|//)\s*(?P<said>[^\n]{1,200})$|\s+\((?P<inner>[A-Za-z][A-Za-z ,;'-]{2,80})\)[.,;]?$"
)
_CODE = re.compile(
    r"\s*(?:def \w+\(|class \w|import \w|from \w+ import|return\b|print\(|for \w+ in |while .*:|elif |else:|if .*:)"
    r"|[^=]{0,80}[+*/-]="
)
_TEXT_FENCES = frozenset({"", "text", "txt", "plain", "plaintext", *MATH_FENCES})
_MATHS = re.compile(r"[(\[{*/^@]|\d")
_WORDS = re.compile(r"[A-Za-z]+\d*")
_SAID = re.compile(r"^[^=:\n]{1,60}:\s+(?=\S)|^[^=\n]{1,60}?\s(?=(?:d|\N{PARTIAL DIFFERENTIAL})\w{1,10}/)")
"""Words before the name of a value."""
_MOST_WORDS = 6
"""Beside names of the task, in a formula: `np.exp(s) / np.sum(np.exp(s))`; a sentence has more."""
_UNREAD = "This formula in plain text cannot be read."
_LONGEST = 400
_WORD = 3
"""Letters that are no product of names."""


class PlainLine(Struct, frozen=True, kw_only=True):
    """A line that is a formula."""

    start: int
    end: int
    tokens: tuple[Token, ...]
    follows: bool = False
    """Whether it goes on with the line above it."""
    notes: tuple[Note, ...] = ()
    problem: str = ""
    """Why nothing behind its name is read."""
    form: Form = Form.PLAIN


class PlainLines(Struct, frozen=True, kw_only=True):
    """What a document has of them."""

    lines: tuple[PlainLine, ...] = ()
    notes: tuple[Note, ...] = ()
    """On lines that were passed over though they look like formulas."""
    is_cut: bool = False
    """Whether the steps were used up before the end."""


def plain_lines(
    text: str,
    extracted: Extracted,
    struck: Sequence[Struck],
    table: SymbolTable,
    budget: Budget,
    rows: Sequence[Row] = (),
) -> PlainLines:
    """Find the lines of plain text that are formulas.

    Parameters
    ----------
    text : str
        Of a document; hostile.
    extracted : Extracted
        Its formulas between marks, and its fences: a fence of code is passed over.
    struck : sequence of Struck
        What is struck out in it.
    table : SymbolTable
        The names of the assignment.
    budget : Budget
        Is taken off for each line that may be one; of its own, so that formulas between marks are read whatever comes.
    rows : sequence of Row
        Of tables, in their order: their lines are passed over.

    Returns
    -------
    PlainLines
        In their order. A line is one as a whole, or not at all.
    """
    finder = _Finder(text, extracted, struck, table, budget)
    finder.row_ends = sorted(row.end for row in rows)
    is_cut = False
    try:
        finder.find()
    except ExhaustedError:
        is_cut = True
    return PlainLines(lines=tuple(finder.lines), notes=tuple(finder.notes), is_cut=is_cut)


class _Lead(Struct, kw_only=True):
    """The prose before a line."""

    text: str = ""
    is_next: bool = False
    """Whether it is the line above."""
    is_used: bool = False
    """Whether a formula came behind it; it says nothing of those behind the next empty line."""


class _Above(Struct, kw_only=True):
    """What stands above a line."""

    lead: _Lead = field(default_factory=_Lead)
    was_formula: bool = False
    """Whether the line above was read."""
    label: tuple[Token, ...] = ()
    """The quantity that stands alone on the line above."""


class _Finder:
    """Goes through a text line by line."""

    def __init__(
        self, text: str, extracted: Extracted, struck: Sequence[Struck], table: SymbolTable, budget: Budget
    ) -> None:
        self.text = without_struck(text, struck)
        self.table = table
        self.budget = budget
        self.formulas = extracted.formulas
        self.starts = [one.start for one in extracted.formulas]
        self.code = [
            (one.start, one.end)
            for one in extracted.fences
            if one.language not in _TEXT_FENCES or _is_code(text[one.start : one.end])
        ]
        self.code_starts = [start for start, _ in self.code]
        self.row_ends: list[int] = []
        self.lines: list[PlainLine] = []
        self.notes: list[Note] = []
        self.above = _Above()

    def find(self) -> None:
        """Collect the lines."""
        behind = -1
        for start, end in _spans(self.text):
            if len(self.lines) + len(self.formulas) >= self.budget.caps.formulas:
                break
            if start > behind:
                behind = self._end(start, end)
                self._line(start, behind)

    def _end(self, start: int, end: int) -> int:
        """Return where a line ends with those that it goes on in."""
        while end - start <= _LONGEST:
            following = self._below(end)
            if not may_go_on(self.text[start:end], following) or self._is_code(start):
                break
            below = end + 1 + beyond_sign(following), end + 1 + len(following)
            if self._holds_formula(start, below[1]) or not self._is_expression(*below):
                break
            end = below[1]
        return end

    def _below(self, end: int) -> str:
        """Return the line below, cut where it is longer than any formula."""
        return self.text[end + 1 : end + 2 + _LONGEST].split("\n", 1)[0]

    def _is_expression(self, start: int, end: int) -> bool:
        """Whether a part of a line goes on with a formula: no sentence, and no equation of its own."""
        self.budget.spend(10)
        try:
            plain = lex_plain(self.text, *bare(self.text, start, end), self.table, self.budget)
        except UnreadableError:
            return False
        if plain.strange or not plain.tokens:
            return False
        cut = next((at for at, one in enumerate(plain.tokens) if is_relation(one)), 0)
        return not (cut and self._is_quantity(plain.tokens[:cut]))

    def _line(self, start: int, end: int) -> None:
        line = self.text[start:end]
        if not line.strip():
            lead = _Lead() if self.above.lead.is_used else _Lead(text=self.above.lead.text)
            self.above = _Above(lead=lead)
            return
        label = self.above.label
        found = None
        may_be = _CANDIDATE.search(line) or may_be_said(line)
        may_be = end - start <= _LONGEST and may_be and not self._is_code(start)
        if may_be and not self._is_row(start, end) and not self._holds_formula(start, end):
            self.budget.spend(10)
            found = self._formula(start, end, label)
        if found is not None:
            self.above.lead.is_used, self.above.label = True, ()
            self.above.was_formula = not self._is_supposed(start, end)
            if self.above.was_formula:
                self.lines.append(found)
                self.above.lead.is_next = False
            else:
                note = "What stands here may be meant as an example; it is not read."
                self.notes.append(Note(kind=NoteKind.UNREAD, text=note, start=start, end=end))
            return
        self.above = _Above(
            lead=_Lead(text=line.strip()[-_LONGEST:], is_next=True), label=self._label(start, end)
        )

    def _label(self, start: int, end: int) -> tuple[Token, ...]:
        """Return the quantity that a line holds alone, where the next line says what it is equal to."""
        if not may_be_label(self.text[start:end], self._below(end)) or self._is_code(start):
            return ()
        self.budget.spend(10)
        start, end = bare(self.text, start, end)
        try:
            plain = lex_plain(
                self.text, start, start + len(self.text[start:end].rstrip(": ")), self.table, self.budget
            )
        except UnreadableError:
            return ()
        return plain.tokens if not plain.strange and self._is_quantity(plain.tokens) else ()

    def _is_code(self, start: int) -> bool:
        number = bisect_right(self.code_starts, start) - 1
        return number >= 0 and start < self.code[number][1]

    def _holds_formula(self, start: int, end: int) -> bool:
        number = bisect_right(self.starts, end) - 1
        return number >= 0 and self.formulas[number].end >= start

    def _is_supposed(self, start: int, end: int) -> bool:
        """Whether the sentence around a line says that it is no claim of the student's."""
        lead = self.above.lead
        before = lead.text.rstrip("*_ ")
        if lead.is_next and goes_on(before, self.text[start:end]):
            return True
        if before.endswith(":") and SUPPOSED.search(before):
            return True
        behind = self.text[end + 1 : end + 1 + _LONGEST].split("\n", 1)[0].strip()
        is_sentence = behind[:1].islower() and "=" not in behind and " " in behind
        return is_sentence and SUPPOSED.search(behind) is not None

    def _is_row(self, start: int, end: int) -> bool:
        """Whether a row of a table ends in a line."""
        at = bisect_right(self.row_ends, start)
        return at < len(self.row_ends) and self.row_ends[at] <= end

    def _formula(self, start: int, end: int, label: tuple[Token, ...]) -> PlainLine | None:
        start, end = bare(self.text, start, end)
        notes: list[Note] = []
        comment = _COMMENT.search(self.text, start, end)
        if comment and "=" not in comment.group() and not self._is_factor(comment):
            if SUPPOSED.search(comment.group()):
                return None
            note = "The comment behind it is no part of it."
            notes.append(Note(kind=NoteKind.READING, text=note, start=start, end=end))
            end = comment.start()
        try:
            plain = self._tokens(start, end)
        except UnreadableError:
            return self._unread(start, end)
        is_rest = bool(plain.tokens) and plain.tokens[0].is_sign("=")
        follows = self.above.was_formula and is_rest
        tokens = (*label, *plain.tokens) if is_rest else plain.tokens
        if is_prose(plain) or not self._is_formula(tokens, follows=follows):
            return self._unread(start, end)
        return PlainLine(
            start=tokens[0].start,
            end=end,
            tokens=tokens,
            follows=follows,
            notes=(*notes, *plain.notes),
        )

    def _is_factor(self, comment: re.Match[str]) -> bool:
        """Whether brackets at the end hold no words but a formula: `W2^T (p - y)`."""
        if comment["inner"] is None:
            return False
        if " - " in comment["inner"]:
            return True
        inside = lex_plain(self.text, *comment.span("inner"), self.table, self.budget)
        return not inside.strange

    def _unread(self, start: int, end: int) -> PlainLine | None:
        """Return a line with the name of a value before a formula that cannot be read; None where it holds none, as in prose."""
        words = _SAID.match(self.text[start:end])
        start += words.end() if words else 0
        cut = self.text.find("=", start, end)
        if cut < 0 or not (words or _MATHS.search(self.text, cut, end)):
            return None
        names = _WORDS.findall(self.text, cut, end)
        known = sum(word_of(name) in self.table.words for name in names)
        is_supposed = SUPPOSED.search(self.text, cut, end) and " else " not in self.text[cut:end]
        others = sum(len(name) > 1 and word_of(name) not in self.table.words for name in names)
        if not known or others > _MOST_WORDS or is_supposed:
            return None
        try:
            said = said_derivative(self.text, start, end, self.table, self.budget)
            label = said.left if said else lex_plain(self.text, start, cut, self.table, self.budget)
            if words and is_prose(lex_plain(self.text, start, end, self.table, self.budget)):
                return None
        except UnreadableError:
            return None
        if label.strange or not self._is_quantity(label.tokens):
            return None
        return PlainLine(start=start, end=end, tokens=label.tokens, problem=_UNREAD)

    def _tokens(self, start: int, end: int) -> PlainTokens:
        """Cut a line into tokens; a name and a colon before it are a name and a relation, or a label."""
        if "\\" in self.text[start:end]:
            return self._tex(start, end)
        said = said_derivative(self.text, start, end, self.table, self.budget)
        if said is not None:
            return _joined(
                said.left, said.equals, lex_plain(self.text, said.end, end, self.table, self.budget)
            )
        named = _NAMED.match(self.text, start, end)
        if named is not None:
            left = lex_plain(self.text, start, named.end(1), self.table, self.budget)
            if not left.strange and self._is_quantity(left.tokens):
                right = lex_plain(self.text, named.end(), end, self.table, self.budget)
                cut = next((at for at, one in enumerate(right.tokens) if one.is_sign("=")), 0)
                if cut and self._is_quantity(right.tokens[:cut]):
                    return right
                place = named.end(1)
                equals = Token(kind=Kind.SIGN, text="=", start=place, end=place + 1)
                return _joined(left, equals, right)
        return lex_plain(self.text, start, end, self.table, self.budget)

    def _tex(self, start: int, end: int) -> PlainTokens:
        """Cut a line of TeX without marks around it into tokens; letters in a row are words."""
        lexed = lex(self.text, start, end, self.budget)
        run = ""
        for token in lexed.tokens:
            is_letter = token.kind is Kind.LETTER
            run = (run + token.text if token.glued else token.text) if is_letter else ""
            if len(run) >= _WORD and not any(run in base or base.endswith(run) for base in self.table.bases):
                raise UnreadableError("There are words in it.", start=token.start, end=token.end)
        return PlainTokens(tokens=lexed.tokens, notes=lexed.notes)

    def _is_formula(self, tokens: Sequence[Token], *, follows: bool) -> bool:
        """Whether each statement of a line begins with a quantity and says what it is."""
        chains = Chains(self.budget)
        chains.add(tokens, form=Form.PLAIN, follows=False)
        found = list(chains.take(is_all=True))
        if chains.left_out or not tokens or (not found and not follows):
            return False
        return all(self._begins_well(chain, follows=follows and chain is found[0]) for chain in found)

    def _begins_well(self, chain: Chain, *, follows: bool) -> bool:
        first, *rest = chain.sides
        if first.relation:
            return follows
        if rest[0].relation == IMPLIES:
            names = [self._is_quantity(one.tokens) for one in chain.sides]
            return names[0] and not any(names[1:])
        if rest[0].relation == "->":
            trees = [parse_side(one.tokens, self.table, self.budget).tree for one in (first, rest[0])]
            return bool(update_note(trees[0], "->", trees[1], self.table.parameters, Form.PLAIN))
        if rest[0].relation == "-=":
            tree = parse_side(first.tokens, self.table, self.budget).tree
            is_counter = isinstance(tree, Symbol) and tree.name not in self.table.parameters
            return is_quantity(tree) and not is_counter
        return self._is_quantity(first.tokens)

    def _is_quantity(self, tokens: Sequence[Token]) -> bool:
        """Whether tokens are one value of the task, or one derived by another."""
        return is_quantity(parse_side(tokens, self.table, self.budget).tree)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each line begins and ends."""
    start = 0
    while start <= len(text):
        end = text.find("\n", start)
        end = end if end >= 0 else len(text)
        yield start, end
        start = end + 1


def _joined(left: PlainTokens, equals: Token, right: PlainTokens) -> PlainTokens:
    """Return two sides as one line."""
    return PlainTokens(tokens=(*left.tokens, equals, *right.tokens), notes=right.notes, strange=right.strange)


def _is_code(text: str) -> bool:
    return any(_CODE.match(line[:200]) for line in text[:20_000].split("\n"))
