"""Reads the formulas of documents into lines: chains of sides with their trees, places, headings and notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from grader.formulas.documents.arrows import without_arrows
from grader.formulas.documents.beside import beside
from grader.formulas.documents.context import Said, Surroundings, in_context
from grader.formulas.documents.explained import (
    in_order,
    says_d_is_gradient,
    with_explained,
    without_differential,
)
from grader.formulas.documents.extract import Form, Formula, extract
from grader.formulas.documents.grids import holds_relations, with_equations
from grader.formulas.documents.layers import spread
from grader.formulas.documents.lex import bodies_of, lex
from grader.formulas.documents.lines import Chain, Chains, RawSide
from grader.formulas.documents.losses import with_loss
from grader.formulas.documents.macros import Body, Macro, find_macros
from grader.formulas.documents.marks import with_marked_gradients
from grader.formulas.documents.mixed import with_mixed
from grader.formulas.documents.places import Places
from grader.formulas.documents.plain import PlainLine, PlainLines, plain_lines
from grader.formulas.documents.rates import with_rates
from grader.formulas.documents.results import Line, PlacedNote, Reading, Side
from grader.formulas.documents.rows import with_rows
from grader.formulas.documents.tables import Row, outside, rows_in
from grader.formulas.documents.updates import update_note, with_short_gradient
from grader.formulas.documents.withdrawn import (
    Struck,
    Withdrawal,
    is_cancelled,
    is_withdrawing,
    struck_parts,
    without_quotes,
)
from grader.formulas.limits import Budget, Caps, ExhaustedError, UnreadableError
from grader.formulas.parsing.cursor import Options
from grader.formulas.parsing.parse import parse_side
from grader.formulas.symbols import SymbolTable
from grader.formulas.tokens import Note, NoteKind, Token
from grader.formulas.tree import Derivative, Node, Symbol
from grader.model import Document

__all__ = ["Line", "PlacedNote", "Reading", "Side", "read_documents"]

_PLAIN_SHARE = 4
"""Lines of plain text may take a quarter as many steps more."""
_SHORT = "The `d` before the parameter is read as the mark of its gradient."
_PROPORTIONAL = "It says what the value is up to a factor, and not what it is."
_ADDED = "What is added to what stands before it is read for parameters alone."
_WITHIN = "Its equations stand within something that is read as one value."
_ROWS = "Each line of it is read as an equation of its own."
_MOST_SOURCE = 1_000
_MOST_NOTES = 100
"""Notes on the tokens of formulas before, of which the last one may go on."""


def read_documents(
    documents: Iterable[Document],
    table: SymbolTable,
    *,
    headings: Sequence[str] = (),
    caps: Caps | None = None,
) -> Reading:
    """Read the formulas of a submission.

    Parameters
    ----------
    documents : iterable of Document
        In their order; hostile. What a cell of a notebook defines holds in the cells behind it, and so do its headings.
    table : SymbolTable
        The names of the assignment.
    headings : sequence of str
        Titles that make a heading of a line of plain text.
    caps : Caps, optional
        How much is read of all of them together.

    Returns
    -------
    Reading
        Whatever the documents hold, none of it raises.
    """
    budget = Budget(caps or Caps())
    plain_budget = Budget(replace(budget.caps, steps=budget.caps.steps // _PLAIN_SHARE))
    lines: list[Line] = []
    notes: list[PlacedNote] = []
    macros: dict[str, tuple[Macro, ...]] = {}
    under: dict[str, tuple[tuple[int, str], ...]] = {}
    refused: str | None = None
    for document in documents:
        if len(document.text) > budget.caps.characters:
            refused = (
                f"{document.name[:100]!r} has {len(document.text):,} characters; no formula of it is read."
            )
            continue
        is_cell = document.cell is not None and not document.in_code
        places = Places(document, headings, under.get(document.name, ()) if is_cell else ())
        if is_cell:
            under[document.name] = places.under
        reader = _Reader(document, table, places, budget, plain_budget)
        table = reader.table = with_marked_gradients(document, table)
        if says_d_is_gradient(document):
            table = reader.table = replace(table, d_is_gradient=True)
        try:
            reader.read(macros.get(document.name, ()))
        except ExhaustedError as error:
            refused = f"{document.name[:100]!r} is not read to its end: {error}."
        macros[document.name] = reader.macros
        placed = sorted(reader.lines, key=lambda line: (line.position.line, line.position.column))
        lines += in_order(placed, document)
        notes += reader.notes
    return Reading(
        lines=tuple(with_rates(with_loss(lines, table), table)), notes=tuple(notes), refused=refused
    )


class _Reader:
    """Reads one document."""

    def __init__(
        self,
        document: Document,
        table: SymbolTable,
        places: Places,
        budget: Budget,
        plain_budget: Budget,
    ) -> None:
        self.document = document
        self.table = table
        self.budget = budget
        self.plain_budget = plain_budget
        self.places = places
        self.macros: tuple[Macro, ...] = ()
        self.lines: list[Line] = []
        self.notes: list[PlacedNote] = []
        self.quoted: frozenset[int] = frozenset()
        self.lexical: list[Note] = []
        self.struck: tuple[Struck, ...] = ()
        self.options = Options()
        self.around = Surroundings("", ())

    def read(self, before: tuple[Macro, ...]) -> None:
        """Read all formulas."""
        text, is_tex = self.document.text, self.document.name.lower().endswith(".tex")
        if not is_tex:
            text, self.quoted = without_quotes(text)
        found = find_macros(text, self.budget)
        self.macros = (before + found.macros)[-self.budget.caps.macros :]
        bodies = bodies_of(self.macros, self.budget)
        extracted = extract(found.text, self.budget, is_tex=is_tex)
        self.notes += [self._placed(note) for note in extracted.notes]
        self.struck = struck_parts(found.text, extracted.formulas, self.budget)
        looked = PlainLines()
        rows: list[Row] = []
        is_cut = False
        if not self.document.in_code:
            rows, is_cut = rows_in(found.text, extracted, self.struck, self.table, self.plain_budget, bodies)
            joined, is_cut_too = beside(found.text, extracted, rows, self.table, self.plain_budget, bodies)
            rows, is_cut = [*rows, *joined], is_cut or is_cut_too
        if not is_tex and not self.document.in_code:
            looked = plain_lines(found.text, extracted, self.struck, self.table, self.plain_budget, rows)
        self.notes += [self._placed(note) for note in looked.notes]
        formulas = outside(extracted.formulas, rows)
        items: list[Formula | PlainLine] = [*formulas, *looked.lines, *map(_plain_row, rows)]
        items.sort(key=lambda one: one.start)
        self.around = Surroundings(found.text, items)
        self._read_all(found.text, items, bodies)
        if looked.is_cut or is_cut:
            raise ExhaustedError("its lines of plain text take more steps than there are")

    def _read_all(self, text: str, items: Sequence[Formula | PlainLine], bodies: Mapping[str, Body]) -> None:
        """Read formula by formula, so that what was read stands where the budget is used up."""
        chains = Chains(self.budget)
        path: tuple[str, ...] = ()
        for item in items:
            here = self.places.path(item.start)
            if isinstance(item, PlainLine) and item.problem:
                self.lines.append(self._unread_row(item))
            elif isinstance(item, PlainLine):
                self.lexical = [*self.lexical[-_MOST_NOTES:], *item.notes]
                chains.add(item.tokens, form=item.form, follows=item.follows)
                path = here if item.form is Form.DISPLAY else path
            else:
                try:
                    lexed = lex(text, item.start, item.end, self.budget, bodies=bodies)
                except UnreadableError as error:
                    self.lines.append(self._unread(item, error))
                    continue
                self.lexical = [*self.lexical[-_MOST_NOTES:], *lexed.notes]
                tokens = with_rows(with_equations(lexed.tokens), self._is_label)
                if holds_relations(tokens):
                    within = UnreadableError(_WITHIN, start=item.start, end=item.end)
                    self.lines.append(self._unread(item, within))
                    continue
                if len(tokens) > len(lexed.tokens):
                    place = tokens[0].start
                    note = Note(kind=NoteKind.READING, text=_ROWS, start=place, end=place)
                    self.lexical.append(note)
                chains.add(tokens, form=item.form, follows=here == path)
                path = here if item.form is Form.DISPLAY else path
            self.lines += self._read_lines(chains.take(is_all=False))
        self.lines += self._read_lines(chains.take(is_all=True))
        for token in chains.left_out:
            text = "What stands here beside a relation is not read."
            self.notes.append(
                self._placed(Note(kind=NoteKind.UNREAD, text=text, start=token.start, end=token.end))
            )

    def _is_label(self, tokens: Sequence[Token]) -> bool:
        """Whether an equation may begin so: with a value, or the loss derived by one."""
        tree = parse_side(tokens, self.table, self.budget).tree
        if isinstance(tree, Derivative) and isinstance(tree.of, Symbol):
            return tree.of.name == self.table.loss
        return isinstance(tree, Symbol)

    def _placed(self, note: Note) -> PlacedNote:
        return PlacedNote(kind=note.kind, text=note.text, position=self.places.position(note.start))

    def _problem(self, error: UnreadableError) -> PlacedNote:
        position = self.places.position(error.start)
        return PlacedNote(kind=NoteKind.UNREAD, text=error.reason, position=position)

    def _unread(self, formula: Formula, error: UnreadableError) -> Line:
        position = self.places.position(formula.start)
        source = self.document.text[formula.start : min(formula.end, formula.start + _MOST_SOURCE)]
        side = Side(relation="", source=source.strip(), position=position, problem=self._problem(error))
        return Line(
            sides=(side,),
            position=position,
            path=self.places.path(formula.start),
            form=formula.form,
            withdrawn=self._withdrawal(formula.start, ()),
        )

    def _unread_row(self, row: PlainLine) -> Line:
        """Return a row of which the name alone is read."""
        first = self._side(RawSide(relation="", tokens=row.tokens))
        place = row.tokens[-1].end
        error = UnreadableError(row.problem, start=place, end=row.end)
        position = self.places.position(place)
        source = self.document.text[place : min(row.end, place + _MOST_SOURCE)].strip()
        rest = Side(relation="=", source=source, position=position, problem=self._problem(error))
        path = self.places.path(row.start)
        withdrawn = self._withdrawal(row.start, row.tokens)
        return Line(sides=(first, rest), position=position, path=path, form=Form.PLAIN, withdrawn=withdrawn)

    def _read_lines(self, chains: Iterable[Chain]) -> Iterator[Line]:
        for chain in chains:
            start = chain.sides[0].tokens[0].start
            if self.around.is_condition(start):
                continue
            for one in spread(chain, self.document.text, self.table, self.budget):
                line = self._line(one)
                if line is not None:
                    end = chain.sides[-1].tokens[-1].end
                    is_held = any(side.is_conditional for side in chain.sides)
                    said = Said.CONDITION if is_held else self.around.said(start, end, line.path)
                    yield in_context(line, said)

    def _line(self, chain: Chain) -> Line | None:
        """Read the sides of a chain; None where an arrow in it was none between a parameter and its new value."""
        every = [token for side in chain.sides for token in side.tokens]
        withdrawn = self._withdrawal(every[0].start, every)
        standing: Sequence[RawSide] = chain.sides
        if withdrawn is Withdrawal.NONE:
            standing, withdrawn = self._standing(chain)
        self.options = with_explained(self.options, standing[0].tokens, self.table, self.budget)
        sides = with_mixed(without_differential([self._side(side) for side in standing]))
        if sides[1].relation == "-=":
            sides[1] = self._step(sides[0], sides[1])
        sides = without_arrows(sides, self.table.parameters)
        if len(sides) == 1:
            return None
        first, second = sides[:2]
        note = update_note(first.tree, second.relation, second.tree, self.table.parameters, chain.form)
        if note is not None:
            sides[0] = self._updated(first, note, standing[0].tokens[0])
            sides[1] = replace(second, relation="<-" if second.relation == "->" else second.relation)
        elif second.relation == "->":
            sides = [replace(second, relation=""), *sides[2:]]
        sides = self._with_short_gradients(sides)
        if len(sides) == 1:
            return None
        return Line(
            sides=tuple(_up_to_a_factor(sides)),
            position=sides[0].position,
            path=self.places.path(every[0].start),
            form=chain.form,
            withdrawn=withdrawn,
        )

    def _step(self, first: Side, second: Side) -> Side:
        """Return what `-=` stands before: a parameter's new value; what it does to anything else is not read."""
        tree = first.tree
        if isinstance(tree, Symbol) and tree.name in self.table.parameters:
            return replace(second, relation="<-")
        problem = PlacedNote(kind=NoteKind.UNREAD, text=_ADDED, position=second.position)
        return replace(second, relation="=", tree=None, problem=problem)

    def _with_short_gradients(self, sides: list[Side]) -> list[Side]:
        """Read `dw` in the step of that parameter as its gradient, with a note."""
        first = sides[0].tree
        if not isinstance(first, Symbol) or not first.updated or "d" in self.table.bases:
            return sides
        made = sides[:1]
        for side in sides[1:]:
            tree = side.tree and with_short_gradient(side.tree, first.name, self.table.loss)
            if tree != side.tree:
                note = PlacedNote(kind=NoteKind.READING, text=_SHORT, position=side.position)
                side = replace(side, tree=tree, notes=(*side.notes, note))  # noqa: PLW2901
            made.append(side)
        return made

    def _standing(self, chain: Chain) -> tuple[Sequence[RawSide], Withdrawal]:
        """Leave sides out that are struck out as a whole; where no other is left, the line is."""
        first, *rest = chain.sides
        standing = [first]
        struck: list[RawSide] = []
        for side in rest:
            (struck if all(token.struck for token in side.tokens) else standing).append(side)
        if len(standing) == 1:
            return chain.sides, Withdrawal.STRUCK
        for side in struck[:_MOST_NOTES]:
            start, end = side.tokens[0].start, side.tokens[-1].end
            text = "A side that is struck out is left out."
            self.notes.append(self._placed(Note(kind=NoteKind.READING, text=text, start=start, end=end)))
        return standing, Withdrawal.NONE

    def _updated(self, side: Side, note: str, token: Token) -> Side:
        """Return a side with its name meant after the step."""
        tree: Node | None = side.tree
        if not isinstance(tree, Symbol):
            return side
        notes = side.notes
        if note:
            placed = self._placed(Note(kind=NoteKind.READING, text=note, start=token.start, end=token.end))
            notes = (*notes, placed)
        return replace(side, tree=replace(tree, updated=True), notes=notes)

    def _side(self, side: RawSide) -> Side:
        parsed = parse_side(side.tokens, self.table, self.budget, self.options)
        start = side.tokens[0].start
        end = max(token.end for token in side.tokens)
        notes = [*parsed.notes, *(note for note in self.lexical if start <= note.start < end)]
        notes += [_left_out(word) for word in side.left_out]
        tree, problem = parsed.tree, parsed.problem
        if any(one.struck for one in side.tokens) and not all(one.struck for one in side.tokens):
            text = "What is struck out within it is read as it stands."
            notes.append(Note(kind=NoteKind.READING, text=text, start=start, end=end))
            if not is_cancelled(side.tokens):
                text = "A part of it is struck out; it is not clear what is left."
                tree, problem = None, UnreadableError(text, start=start, end=end)
        return Side(
            relation=side.relation,
            source=self.document.text[start : min(end, start + _MOST_SOURCE)],
            position=self.places.position(start),
            tree=tree,
            problem=self._problem(problem) if problem else None,
            notes=tuple(self._placed(note) for note in notes),
        )

    def _withdrawal(self, start: int, tokens: Sequence[Token]) -> Withdrawal:
        if tokens and all(token.struck for token in tokens):
            return Withdrawal.STRUCK
        if any(one.start <= start < one.end for one in self.struck):
            return Withdrawal.STRUCK
        if self.places.line_of(start) in self.quoted:
            return Withdrawal.QUOTED
        if any(map(is_withdrawing, self.places.path(start))):
            return Withdrawal.HEADING
        return Withdrawal.NONE


def _plain_row(row: Row) -> PlainLine:
    note = Note(kind=NoteKind.READING, text=row.note, start=row.start, end=row.end)
    return PlainLine(
        start=row.start,
        end=row.end,
        tokens=row.tokens,
        notes=(note,),
        problem=row.problem,
        form=row.form,
    )


def _left_out(word: Token) -> Note:
    text = f"`{word.text[:40]}` beside the formula is left out."
    return Note(kind=NoteKind.READING, text=text, start=word.start, end=word.end)


def _up_to_a_factor(sides: Sequence[Side]) -> list[Side]:
    """Leave unread what a value is only said to be proportional to, and all behind it."""
    cut = next((at for at, side in enumerate(sides) if side.relation == "propto"), len(sides))
    return [
        *sides[:cut],
        *(
            replace(
                side,
                tree=None,
                problem=PlacedNote(kind=NoteKind.UNREAD, text=_PROPORTIONAL, position=side.position),
            )
            for side in sides[cut:]
        ),
    ]
