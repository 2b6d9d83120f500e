"""Finds the formulas of Markdown, plain text and TeX by going once over the marks that begin and end them."""

from __future__ import annotations

import re
from enum import StrEnum

from msgspec import Struct, field

from grader.formulas.limits import Budget
from grader.formulas.tokens import Note, NoteKind
from grader.formulas.vocabulary import OUTER_ENVIRONMENTS, ROWED

_MARK = re.compile(
    r"\\\\|\\\$|\\[\[\]()]|\\(?:begin|end)\{(?P<env>[A-Za-z]{1,20})\*?\}|\$\$?|(?P<fence>\n[ \t>]{0,20}(?:`{3,20}|~{3,20})[^\n]{0,40})"
    r"|`{1,20}|(?P<blank>\n[ \t]{0,20}(?=\n|\Z))|(?<!\\)%",
)
_DISPLAY = frozenset(OUTER_ENVIRONMENTS - {"split", "aligned", "gathered", "alignedat"}) | {"array"}
_ARGUMENT = re.compile(r"\s{0,5}(?:\[[a-z]\]\s{0,5})?\{[^{}\n]{0,40}\}")
"""Of an environment that has one: how many columns there are."""
_VERBATIM = frozenset({"verbatim", "lstlisting", "minted", "comment", "Verbatim"})
_CLOSERS = {"$": "$", "$$": "$$", r"\(": r"\)", r"\[": r"\]"}
_TEX = re.compile(r"\\|[_^]\{")
"""What TeX has and plain text has not."""
MATH_FENCES = frozenset({"math", "latex", "tex"})
"""What is called so may hold formulas."""


class Form(StrEnum):
    """How a formula is set."""

    INLINE = "inline"
    DISPLAY = "display"
    """On lines of its own."""
    PLAIN = "plain"
    """A line of plain text, without marks around it."""


class Formula(Struct, frozen=True, kw_only=True):
    """A formula of a document."""

    start: int
    """Offset of its first character, behind the mark that opens it."""
    end: int
    """Offset behind its last one, before the mark that closes it."""
    form: Form


class Fence(Struct, frozen=True, kw_only=True):
    """Lines between fences."""

    start: int
    """Offset behind its opening line."""
    end: int
    """Offset before its closing line, or of the end of the text."""
    language: str


class Extracted(Struct, frozen=True, kw_only=True):
    """The formulas of a document, in their order."""

    formulas: tuple[Formula, ...] = ()
    notes: tuple[Note, ...] = ()
    fences: tuple[Fence, ...] = ()


class _State(Struct, kw_only=True):
    """Where in the text we are: within what, and what was found."""

    opener: str = ""
    """The mark that opened the formula we are in: `$`, `\\[`, the name of an environment; empty outside."""
    start: int = 0
    nested: int = 0
    """Environments of the same name within."""
    fence: str = ""
    """The marks of the fence we are in."""
    language: str = ""
    verbatim: str = ""
    code: str = ""
    formulas: list[Formula] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    fences: list[Fence] = field(default_factory=list)


def extract(text: str, budget: Budget, *, is_tex: bool = False) -> Extracted:
    """Find the formulas of a text.

    Parameters
    ----------
    text : str
        Of a document; hostile.
    budget : Budget
        Is taken off for every mark.
    is_tex : bool
        Whether it is TeX: there a percent sign begins a comment and a back-tick no code.

    Returns
    -------
    Extracted
        No more formulas than the caps allow; a note says so. One that is never closed is left out, with a note.
    """
    state = _State()
    skip_until = -1
    for match in _MARK.finditer("\n" + text):
        start, end = match.start() - 1, match.end() - 1
        if start < skip_until:
            continue
        budget.spend()
        if len(state.formulas) >= budget.caps.formulas:
            _note(state, f"Only the first {budget.caps.formulas:,} formulas are read.", start, end)
            break
        mark = match.group()
        if mark == "%" and (state.opener or is_tex):
            line_end = text.find("\n", end)
            skip_until = line_end if line_end >= 0 else len(text)
        else:
            _step(state, mark, match["env"] or "", text, (start, end), is_tex=is_tex)
    if state.opener:
        _note(state, "A formula is never closed.", state.start, state.start)
    if state.fence:
        state.fences.append(Fence(start=state.start, end=len(text), language=state.language))
    return Extracted(formulas=tuple(state.formulas), notes=tuple(state.notes), fences=tuple(state.fences))


def _note(state: _State, text: str, start: int, end: int) -> None:
    state.notes.append(Note(kind=NoteKind.UNREAD, text=text, start=max(start, 0), end=max(end, 0)))


def _step(state: _State, mark: str, env: str, text: str, place: tuple[int, int], *, is_tex: bool) -> None:
    """Go over one mark."""
    if state.verbatim:
        if mark.startswith(r"\end") and env == state.verbatim:
            state.verbatim = ""
    elif state.fence:
        _in_fence(state, mark, text, place)
    elif state.opener:
        _in_formula(state, mark, env, text, place)
    elif mark.startswith("\n"):
        state.code = ""
        if mark.strip() and not is_tex:
            _open_fence(state, mark.strip(" \t>\n"), place)
    elif mark.startswith("`") and not is_tex:
        state.code = "" if mark == state.code else (state.code or _code(mark, text, place[1]))
    elif not state.code:
        _outside(state, mark, env, text, place)


def _code(mark: str, text: str, end: int) -> str:
    """Return the mark of code in a line where it is closed in the same paragraph."""
    paragraph = text.find("\n\n", end, end + 2_000)
    return mark if text.find(mark, end, paragraph if paragraph >= 0 else end + 2_000) >= 0 else ""


def _open_fence(state: _State, stripped: str, place: tuple[int, int]) -> None:
    sign = stripped[0]
    length = len(stripped) - len(stripped.lstrip(sign))
    state.fence = sign * length
    state.language = stripped[length:].strip(" {}").lower()
    state.start = place[1]


def _in_fence(state: _State, mark: str, text: str, place: tuple[int, int]) -> None:
    """Look for what closes the fence; TeX between fences is a formula, and so are no lines of plain text."""
    stripped = mark.strip(" \t>\n")
    if mark.startswith("\n") and stripped.startswith(state.fence) and not stripped.strip(state.fence[0]):
        end = max(place[0], state.start)
        if state.language in MATH_FENCES and _TEX.search(text, state.start, end):
            state.formulas.append(Formula(start=state.start, end=end, form=Form.DISPLAY))
        else:
            state.fences.append(Fence(start=state.start, end=end, language=state.language))
        state.fence = ""


def _in_formula(state: _State, mark: str, env: str, text: str, place: tuple[int, int]) -> None:
    """Look for what closes the formula we are in."""
    is_closed = False
    if env and env == state.opener:
        state.nested += 1 if mark.startswith(r"\begin") else -1
        is_closed = state.nested == 0
    elif state.opener in _CLOSERS:
        is_closed = mark == _CLOSERS[state.opener]
    if is_closed:
        form = Form.INLINE if state.opener in {"$", r"\("} else Form.DISPLAY
        start, end = _without_ticks(text, state.start, place[0]) if mark == "$" else (state.start, place[0])
        state.formulas.append(Formula(start=start, end=end, form=form))
        state.opener = ""
    elif mark == "$$" and state.opener == "$":
        # `$a$$b$` closes one formula and opens the next.
        state.formulas.append(Formula(start=state.start, end=place[0], form=Form.INLINE))
        state.start = place[1]
    elif _ends_paragraph(mark) and state.opener in {"$", r"\("}:
        _note(state, f"`{state.opener}` is not closed in its paragraph.", state.start, state.start)
        state.opener = ""


def _without_ticks(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where a formula begins and ends within the back-ticks that GitLab wants between its dollar signs."""
    is_ticked = end - start > 2 and text[start] == text[end - 1] == "`"  # noqa: PLR2004 (the two)
    return (start + 1, end - 1) if is_ticked else (start, end)


def _ends_paragraph(mark: str) -> bool:
    return mark.startswith("\n") and not mark.strip()


def _outside(state: _State, mark: str, env: str, text: str, place: tuple[int, int]) -> None:
    """Look for what opens a formula."""
    if env and mark.startswith(r"\begin"):
        if env in _VERBATIM:
            state.verbatim = env
        elif env in _DISPLAY:
            counted = _ARGUMENT.match(text, place[1]) if env in ROWED else None
            state.opener, state.start, state.nested = env, counted.end() if counted else place[1], 1
    elif mark in _CLOSERS:
        state.opener, state.start = mark, place[1]
