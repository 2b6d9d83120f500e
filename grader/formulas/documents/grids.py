r"""Cuts formulas set in columns into equations: those of `array` and `align`, where `&` says where a column begins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from grader.formulas.documents.rows import cut_before, enclosed, goes_on, is_relation, numbers_equation
from grader.formulas.tokens import Kind, Token
from grader.formulas.vocabulary import OUTER_ENVIRONMENTS

_GRIDS = frozenset({"array", "tabular", "matrix", "cases", "dcases", "rcases", "cases:array", "cases:matrix"})
"""They hold values, or equations."""
_FRAMES = frozenset({Kind.BEGIN, Kind.END})
_MOST_CELLS = 40
"""Of a row that is looked at."""
_BETWEEN = (r"\\", "&", r"\quad", ",", ".", ";")
_WORDS_OF_CASES = frozenset({"if", "when", "for", "otherwise", "else", "falls", "wenn", "sonst", "si"})


def with_equations(tokens: Sequence[Token]) -> list[Token]:
    r"""Make rows of arrays in which equations stand, and statements of the equations that stand side by side in a row.

    Parameters
    ----------
    tokens : sequence of Token
        As `lex` returns them.

    Returns
    -------
    list of Token
        An array of values stays as it is, and so does one with a condition in each row. Between two equations of a row stands
        a wide space in place of `&`, as people see it.
    """
    if not any(one.kind is Kind.BEGIN or one.is_sign("&") for one in tokens):
        return list(tokens)
    made = _opened(tokens)
    return [one for row in _rows(made) for one in _separated(row)]


def holds_relations(tokens: Sequence[Token]) -> bool:
    """Whether relations stand in a formula, and all of them within an environment that is read as a value."""
    if not any(one.kind is Kind.BEGIN and one.text in _GRIDS for one in tokens):
        return False
    bare = [one for one in tokens if not _is_frame(one)]
    inside = enclosed(bare)
    found = [is_within for one, is_within in zip(bare, inside, strict=True) if is_relation(one)]
    return bool(found) and all(found)


def _opened(tokens: Sequence[Token]) -> list[Token]:
    """Call arrays in which equations stand by the name of an environment of rows, the outer ones first."""
    made = list(tokens)
    ends = _ends(made)
    stop = 0
    for begin in sorted(ends):
        if begin < stop or made[begin].text in OUTER_ENVIRONMENTS:
            continue
        end = ends[begin]
        if (
            made[begin].text in _GRIDS
            and _stands_free(made, begin, end)
            and _holds_equations(made[begin + 1 : end])
        ):
            made[begin] = replace(made[begin], text="aligned")
            made[end] = replace(made[end], text="aligned")
        else:
            stop = end
    return made


def _is_frame(token: Token) -> bool:
    """Whether it begins or ends an environment of rows."""
    return token.kind in _FRAMES and token.text in OUTER_ENVIRONMENTS


def _ends(tokens: Sequence[Token]) -> dict[int, int]:
    found: dict[int, int] = {}
    begun: list[int] = []
    for index, token in enumerate(tokens):
        if token.kind is Kind.BEGIN:
            begun.append(index)
        elif token.kind is Kind.END and begun:
            found[begun.pop()] = index
    return found


def _stands_free(tokens: Sequence[Token], begin: int, end: int) -> bool:
    """Whether an environment is all of a row: neither a factor nor in brackets."""
    before = tokens[begin - 1] if begin else None
    behind = tokens[end + 1] if end + 1 < len(tokens) else None
    begins = before is None or before.kind in {Kind.BEGIN, Kind.WORD} or before.is_sign_among(_BETWEEN)
    ends = behind is None or behind.kind in {Kind.END, Kind.WORD} or behind.is_sign_among(_BETWEEN)
    return begins and ends


def _holds_equations(inner: Sequence[Token]) -> bool:
    """Whether a relation stands in its cells; not where a row says when it holds."""
    inside = enclosed(inner)
    if not any(is_relation(one) and not within for one, within in zip(inner, inside, strict=True)):
        return False
    words = {one.text.split(" ")[0].lower() for one in inner if one.kind is Kind.WORD}
    return not words & _WORDS_OF_CASES and not any(map(_is_comparison, inner))


def _is_comparison(token: Token) -> bool:
    return token.is_sign("<", ">") or token.is_command("leq", "geq", "neq")


def _rows(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Yield the rows, each with the sign that ends it."""
    row: list[Token] = []
    depth = 0
    for token in tokens:
        row.append(token)
        if token.kind in _FRAMES and token.text not in OUTER_ENVIRONMENTS:
            depth += 1 if token.kind is Kind.BEGIN else -1
        elif token.kind is Kind.SIGN:
            depth += (token.text == "{") - (token.text == "}")
            if depth <= 0 and token.text == r"\\":
                yield row
                row = []
    yield row


def _separated(row: Sequence[Token]) -> Iterator[Token]:
    """Yield a row with a wide space before each cell that begins an equation behind another one."""
    inner = [one for one in row if not _is_frame(one)]
    if len(inner) < len(row) and any(one.is_sign("&") for one in inner):
        frame = [one for one in row if _is_frame(one)]
        yield from (one for one in frame if one.kind is Kind.BEGIN)
        yield from _separated(inner)
        yield from (one for one in frame if one.kind is Kind.END)
        return
    columns = [at for at, one in enumerate(row) if one.is_sign("&")]
    if not columns or (len(columns) == 1 and columns[0] + 1 < len(row) and is_relation(row[columns[0] + 1])):
        yield from row  # most rows: nothing, or the relation, stands behind the only `&`
        return
    inside = enclosed(row)
    cells = cut_before(row, [at for at in columns if not inside[at]])
    said: list[Token] = []
    for number, cell in enumerate(cells):
        is_apart = 0 < number < _MOST_CELLS and _is_whole(said)
        if is_apart and (numbers_equation(_filled(cell)) or _begins(cells[number : number + 2])):
            sign = cell[0]
            yield replace(sign, text=r"\quad")
            cell = cell[1:]  # noqa: PLW2901
            said = []
        yield from cell
        said += [one for one in cell if not one.is_sign("&")]


def _filled(cell: Sequence[Token]) -> list[Token]:
    return [one for one in cell if not one.is_sign("&", r"\\", r"\quad")]


def _is_whole(said: Sequence[Token]) -> bool:
    """Whether an equation is complete: a relation, and something behind it that no sign asks more of."""
    inside = enclosed(said)
    cut = max((at for at, one in enumerate(said) if is_relation(one) and not inside[at]), default=len(said))
    return cut + 1 < len(said) and not goes_on(said[-1])


def _begins(cells: Sequence[Sequence[Token]]) -> bool:
    """Whether cells begin an equation: something, and then a relation, perhaps in the cell behind."""
    row = [
        one
        for cell in cells
        for one in cell
        if not one.is_sign("&", r"\quad", ",") and one.kind is not Kind.WORD
    ]
    inside = enclosed(row)
    cut = next((at for at, one in enumerate(row) if is_relation(one) and not inside[at]), 0)
    return cut > 0 and not goes_on(row[0])
