"""Reads cases and matrices, and the conditions of cases in signs or words."""

from __future__ import annotations

import re

from msgspec.structs import replace

from grader.formulas.documents.lex import lex
from grader.formulas.parsing.cursor import Span
from grader.formulas.parsing.names import Names
from grader.formulas.tokens import Kind, Token
from grader.formulas.tree import Branch, Cases, Condition, Indicator, Matrix, Tree

_CASES = frozenset({"cases", "dcases", "rcases"})
_MATRICES = frozenset(["bmatrix", "pmatrix", "matrix", "vmatrix", "Bmatrix", "smallmatrix", "array"])
_ELSE = frozenset(
    {
        "otherwise",
        "else",
        "elsewhere",
        "sonst",
        "andernfalls",
        "ansonsten",
        "sinon",
        "autrement",
        "altrimenti",
        "en otro caso",
        "en caso contrario",
        "de lo contrario",
        "si no",
        "en los dem\u00e1s casos",
        "caso contr\u00e1rio",
        "sen\u00e3o",
        "dans le cas contraire",
        "in allen anderen f\u00e4llen",
        "anders",
    }
)
_OTHERS = re.compile(
    r"(?:for|in|if|f\u00fcr|in den)?\s*(?:any|all|every|the|each|alle|allen|die|\s)*\s*(?:others?|anderen?|\u00fcbrigen)"
    r"(?:\s+(?:class(?:es)?|cases?|ind(?:ex|ices)|entr(?:y|ies)|components?|k|j|i|klassen|f\u00e4llen?|eintr\u00e4ge))?"
)
"""What is left, in other words: `for all other classes`."""
_IF = frozenset({"if", "when", "for", "where", "and", "falls", "wenn", "f\u00fcr", "si", "pour", "se", ","})
_SIGNS = frozenset("<>=\N{LESS-THAN OR EQUAL TO}\N{GREATER-THAN OR EQUAL TO}\N{NOT EQUAL TO}")


class Environments(Names):
    """Reads environments within a side."""

    def environment(self) -> Tree:
        """Read an environment that stands where a value does."""
        first = self.take()
        end = self._environment_end(first)
        begin, self.at = self.at, end + 1
        rows = self._cells(begin, end)
        if first.text in _CASES or first.text.startswith("cases:"):
            return self._cases(rows, first)
        if first.text in _MATRICES:
            read = tuple(
                tuple(self.inside(cell, self.expression) for cell in row if cell[0] < cell[1]) for row in rows
            )
            return Matrix(rows=tuple(row for row in read if row), start=first.start, end=self.behind)
        raise self.failure(f"The environment `{first.text[:20]}` is not read here.", first)

    def _environment_end(self, first: Token) -> int:
        depth = 1
        for index in range(self.at, self.stop):
            depth += (self.tokens[index].kind is Kind.BEGIN) - (self.tokens[index].kind is Kind.END)
            if depth == 0:
                self.budget.spend(index - self.at)
                return index
        raise self.failure(f"`\\begin{{{first.text[:20]}}}` is never ended.", first)

    def _cells(self, begin: int, end: int) -> list[list[Span]]:
        """Cut the tokens of an environment into rows and cells."""
        rows: list[list[Span]] = [[]]
        depth, start = 0, begin
        for index in range(begin, end):
            token = self.tokens[index]
            depth += token.is_sign("{") + (token.kind is Kind.BEGIN)
            depth -= token.is_sign("}") + (token.kind is Kind.END)
            if depth == 0 and token.is_sign("&", r"\\"):
                rows[-1].append((start, index))
                start = index + 1
                if token.text == r"\\":
                    rows.append([])
        rows[-1].append((start, end))
        return [row for row in rows if any(cell[0] < cell[1] for cell in row)]

    def _cases(self, rows: list[list[Span]], first: Token) -> Tree:
        branches: list[Branch] = []
        for row in rows:
            value, rest = row[0], row[1:]
            if not rest:
                value, condition_span = self._split(value)
                rest = [condition_span] if condition_span else []
            value = self._trimmed(value)
            read = self.inside(value, self.expression)
            condition = self._condition(rest[0]) if rest else None
            branches.append(
                Branch(value=read, condition=condition, start=read.start, end=self.tokens[row[-1][1] - 1].end)
            )
        if not branches:
            raise self.failure("There is no case.", first)
        return Cases(branches=tuple(branches), start=first.start, end=self.behind)

    def _split(self, value: Span) -> tuple[Span, Span | None]:
        """Cut a row without `&` before its first word or comma."""
        for index in range(*value):
            token = self.tokens[index]
            is_word = token.kind is Kind.WORD and token.text.split(" ")[0].lower() in _IF | _ELSE
            if is_word or token.is_sign(","):
                return (value[0], index), (index, value[1])
        return value, None

    def _trimmed(self, span: Span) -> Span:
        begin, end = span
        while begin < end and self.tokens[end - 1].is_sign(",", ";", ".", r"\quad"):
            end -= 1
        return begin, end

    def _condition(self, span: Span) -> Tree | None:
        """Read when a branch is meant; None where it says for all that is left."""
        begin, end = self._trimmed(span)
        words: list[Token] = []
        while begin < end and (
            self.tokens[begin].kind is Kind.WORD or self.tokens[begin].is_sign(",", ":", r"\quad")
        ):
            words.append(self.tokens[begin])
            begin += 1
        said = " ".join(one.text for one in words if one.kind is Kind.WORD).lower().strip(" .,;:")
        if begin < end:
            return self.inside((begin, end), self._comparison)
        if not said or said in _ELSE or _OTHERS.fullmatch(said):
            return None
        return self._said(words)

    def _comparison(self) -> Tree:
        condition = self.relation()
        if isinstance(condition, Indicator):
            condition = condition.condition
        if not isinstance(condition, Condition):
            raise self.failure("The condition cannot be read.")
        return condition

    def _said(self, words: list[Token]) -> Tree:
        r"""Read a condition that stands within text: `\text{if z > 0}`."""
        text = " ".join(one.text for one in words)
        place = words[0]
        kept = [one for one in text.split(" ") if one.lower() not in _IF]
        if not _SIGNS & set(text):
            raise self.failure("The condition cannot be read.", place)
        plain = " ".join(kept)
        tokens = lex(plain, 0, len(plain), self.budget).tokens
        moved = [replace(one, start=place.start, end=place.end) for one in tokens]
        other = type(self)(moved, self.table, self.budget, self.options)
        return other.inside((0, len(moved)), other._comparison)  # noqa: SLF001 (another one of this class)
