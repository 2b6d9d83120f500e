"""Takes out of a formula's tokens what is only looks: spacing, fonts, labels, needless braces; keeps text as words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise

from msgspec.structs import replace

from grader.formulas.documents.rewriting import (
    with_fractions,
    with_plain_relations,
    with_primed_indices,
    with_tens,
)
from grader.formulas.limits import UnreadableError
from grader.formulas.tokens import Kind, Token, closing_braces, group_end
from grader.formulas.vocabulary import (
    ACCENTS,
    BETWEEN,
    BOARD,
    COLOURS,
    DERIVING,
    FONTS,
    LOOKS_WITH_ARGUMENT,
    RELATIONS,
    ROWED,
    SIDED,
    SPACING,
    STRIKES,
    TEXT,
    UPRIGHT,
)

_MOST_OPTIONAL = 8
"""Tokens of `[4pt]` behind a row's end."""
_LONGEST_NAME = 64
"""Tokens of an upright name or an environment's."""
_ARRAYS = frozenset({"array", "matrix", "aligned"})
_NAME = 3
"""Letter, sign, script."""
_COMMA = ["{", ",", "}"]
_DRESS = FONTS | STRIKES
_WORDED = TEXT | UPRIGHT | FONTS | BOARD | {"begin", "end"}
_DERIVING = DERIVING | {"frac"}
_WITH_ARGUMENT = _DERIVING | BETWEEN | ACCENTS | {"sqrt", "underbrace", "overbrace"}


def tidy(tokens: Sequence[Token]) -> list[Token]:
    """Take out what is only looks.

    Parameters
    ----------
    tokens : sequence of Token
        Of a formula, with its macros expanded.

    Returns
    -------
    list of Token
        What is struck out is marked.

    Raises
    ------
    UnreadableError
        A brace is never closed.
    """
    plain = _without_braces(with_fractions(_without_looks(with_plain_relations(tokens))))
    return _array_cases(with_primed_indices(with_tens(plain)))


def _without_looks(tokens: Sequence[Token]) -> list[Token]:
    closing = closing_braces(tokens)
    kept: list[Token] = []
    index, struck_until = 0, 0
    font: int | None = None
    opened = _unseen_braces(tokens, closing)
    while index < len(tokens):
        if index in opened:
            index, font = index + 1, None
            continue
        token = tokens[index] if font is None else replace(tokens[index], start=font)
        font = token.start if token.is_command_among(FONTS) else None
        if token.kind is not Kind.COMMAND:
            kept.append(replace(token, struck=True) if index < struck_until else token)
            index = _behind_optional(tokens, index + 1) if token.is_sign(r"\\") else index + 1
        elif token.text in SPACING:
            index += 1
            if token.text in {"left", "right"} and index < len(tokens) and tokens[index].is_sign("."):
                index += 1
            elif token.text == "!" and kept:
                kept[-1] = replace(kept[-1], end=token.end)  # it draws two signs together: `-\!=`
            elif token.text in SIDED and index < len(tokens) and tokens[index].is_sign("|", r"\|"):
                bar = replace(tokens[index], opens=SIDED[token.text])
                kept.append(replace(bar, struck=True) if index < struck_until else bar)
                index += 1
        elif token.text in LOOKS_WITH_ARGUMENT:
            is_starred = index + 1 < len(tokens) and tokens[index + 1].is_sign("*")
            index = _argument_end(tokens, _behind_model(tokens, index + 1 + is_starred), closing)
        elif token.text in STRIKES:
            struck_until = max(struck_until, _argument_end(tokens, index + 1, closing))
            index += 1
        else:
            put, index = _worded(token, tokens, index, closing)
            kept += [replace(one, struck=True) for one in put] if index <= struck_until else put
    return kept


def _unseen_braces(tokens: Sequence[Token], closing: Mapping[int, int]) -> set[int]:
    """Return the braces that are no group's, where fonts or colours stand among the tokens."""
    commands = {one.text for one in tokens if one.kind is Kind.COMMAND}
    found: set[int] = set()
    if not commands.isdisjoint(_DRESS):
        found |= _braces_around_relations(tokens, closing)
    if not commands.isdisjoint(COLOURS):
        found |= _coloured_braces(tokens, closing)
    return found


def _braces_around_relations(tokens: Sequence[Token], closing: Mapping[int, int]) -> set[int]:
    r"""Return the braces of `\boxed{x = 1}` and `\cancel{x = 1}`, in which a line stands and no value."""
    relations = list(accumulate(one.text in RELATIONS for one in tokens))
    return {
        brace
        for begin, end in closing.items()
        if begin and tokens[begin - 1].is_command_among(_DRESS) and relations[end] > relations[begin]
        for brace in (begin, end)
    }


def _coloured_braces(tokens: Sequence[Token], closing: Mapping[int, int]) -> set[int]:
    r"""Return the braces of `\textcolor{red}{+ x}`, `\color{red}{+ x}` and `{\color{red} + x}`, where they are no argument."""
    found: set[int] = set()
    for index, token in enumerate(tokens):
        if not token.is_command_among(COLOURS):
            continue
        before, behind = index - 1, closing.get(_behind_model(tokens, index + 1), -2) + 1
        is_group = before in closing and not (before and _takes_argument(tokens, before - 1))
        is_raised = index > 0 and tokens[before].is_sign("_", "^")
        for brace in (before if is_group else -1, -1 if is_raised else behind):
            if brace in closing:
                found |= {brace, closing[brace]}
    return found


def _behind_model(tokens: Sequence[Token], index: int) -> int:
    """Return the index behind the `[rgb]` of a colour, or the same where there is none."""
    if index < len(tokens) and tokens[index].is_sign("["):
        for end in range(index + 1, min(index + _MOST_OPTIONAL, len(tokens))):
            if tokens[end].is_sign("]"):
                return end + 1
    return index


def _argument_end(tokens: Sequence[Token], start: int, closing: dict[int, int]) -> int:
    """Return the index behind an argument, looked up."""
    return closing[start] + 1 if start in closing else group_end(tokens, start)


def _behind_optional(tokens: Sequence[Token], index: int) -> int:
    """Return the index behind `[4pt]`, or the same where there is none."""
    if index < len(tokens) and tokens[index].is_sign("["):
        for end in range(index + 1, min(index + _MOST_OPTIONAL, len(tokens))):
            if tokens[end].is_sign("]"):
                units = "".join(one.text for one in tokens[end - 2 : end])
                return end + 1 if units in {"pt", "em", "ex", "mm", "cm", "px"} else index
    return index


def _worded(
    token: Token, tokens: Sequence[Token], index: int, closing: dict[int, int]
) -> tuple[list[Token], int]:
    """Return what stands for a command that has to do with fonts, text or environments, and the index behind it."""
    start = index + 1
    if token.text not in _WORDED:
        return [token], start
    if token.text == "operatorname" and start < len(tokens) and tokens[start].is_sign("*"):
        start += 1
    end = _argument_end(tokens, start, closing)
    inner = tokens[start + 1 : end - 1] if tokens[start].is_sign("{") else tokens[start:end]
    plain = "".join(one.text for one in inner[:_LONGEST_NAME])
    if token.text in {"begin", "end"}:
        kind = Kind.BEGIN if token.text == "begin" else Kind.END
        name = plain.rstrip("*")
        behind = _behind_columns(tokens, end, closing, name) if kind is Kind.BEGIN else end
        return [replace(token, kind=kind, text=name, end=tokens[end - 1].end)], behind
    if token.text in BOARD or (
        token.text in {"mathbf", "boldsymbol", "bm", "pmb", "textbf"} and plain == "1"
    ):
        name = "indicator" if plain in {"1", "I"} else f"bb{plain[:1]}"
        return [replace(token, text=name, end=tokens[end - 1].end)], end
    if token.text in FONTS:
        return [], start
    if token.text in TEXT and not (len(inner) == 1 and _is_plain(inner)):
        return _texts(inner, token), end
    return _upright(inner, token, tokens[end - 1].end), (end if _is_plain(inner) else start)


def _behind_columns(tokens: Sequence[Token], index: int, closing: Mapping[int, int], name: str) -> int:
    """Return the index behind `[t]` and `{rcl}`, which say how an environment is set."""
    is_set = [one.text for one in tokens[index : index + 3]] in (
        ["[", "t", "]"],
        ["[", "c", "]"],
        ["[", "b", "]"],
    )
    behind = index + 3 if is_set else index
    return closing[behind] + 1 if name in ROWED and behind in closing else behind


def _is_plain(tokens: Sequence[Token]) -> bool:
    return all(one.kind in {Kind.LETTER, Kind.NUMBER} for one in tokens)


def _upright(inner: Sequence[Token], token: Token, end: int) -> list[Token]:
    if not _is_plain(inner):
        return []
    if len(inner) == 1:
        return [replace(inner[0], start=token.start, end=end, glued=token.glued)]
    text = "".join(one.text for one in inner)
    return [replace(token, kind=Kind.WORD, text=text, end=end)]


def _texts(inner: Sequence[Token], token: Token) -> list[Token]:
    """Return text as words, and what stands between dollar signs in it as it is."""
    put: list[Token] = []
    words: list[Token] = []
    in_math = False
    for one in [*inner, replace(token, kind=Kind.SIGN, text="$")]:
        if one.is_sign("$"):
            if words:
                text = "".join(word.text if word.glued else f" {word.text}" for word in words).strip()
                put.append(replace(token, kind=Kind.WORD, text=text, end=max(token.end, words[-1].end)))
            words, in_math = [], not in_math
        elif in_math:
            put.append(one)
        else:
            words.append(one)
    return put


def _without_braces(tokens: Sequence[Token]) -> list[Token]:
    """Take off braces around one token, an accented one, nothing, or a script; join `0{,}5`."""
    closing = closing_braces(tokens)
    if sum(one.text == "{" and one.kind is Kind.SIGN for one in tokens) != len(closing):
        opener = next(one for index, one in enumerate(tokens) if one.is_sign("{") and index not in closing)
        raise UnreadableError("A brace is never closed.", start=opener.start, end=opener.end)
    dropped: set[int] = set()
    for start, end in closing.items():
        inner = tokens[start + 1 : end]
        is_argument = start > 0 and _takes_argument(tokens, start - 1)
        is_script = bool(inner) and inner[0].is_sign("_", "^") and not is_argument
        is_empty = not inner and not is_argument
        accented = not is_argument and _is_accented(inner, has_braces=closing.get(start + 2) == end - 1)
        if (
            is_empty
            or is_script
            or accented
            or _is_name(tokens, start, end)
            or (len(inner) == 1 and not inner[0].is_sign("_", "^"))
        ):
            dropped |= {start, end}
    kept: list[Token] = []
    opened: int | None = None
    for index, token in enumerate(tokens):
        if index in dropped:
            if token.is_sign("{"):
                opened = token.start if opened is None else opened
            elif kept:
                kept[-1] = replace(kept[-1], end=max(token.end, kept[-1].end))
            continue
        if opened is not None:
            token, opened = replace(token, start=opened), None  # noqa: PLW2901
        if _is_decimal_comma(tokens, index):
            del kept[-1]
            whole = kept.pop()
            token = replace(whole, text=f"{whole.text}.{token.text}", end=token.end)  # noqa: PLW2901
        kept.append(token)
    return kept


def _is_accented(inner: Sequence[Token], *, has_braces: bool) -> bool:
    r"""Whether a group is one letter with an accent, `\hat y` or `\hat{y}`."""
    return len(inner) == 2 + 2 * has_braces and inner[0].is_command_among(ACCENTS)


def _is_name(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether braces hold a letter with one script and are no argument: those of `{g_1}'`."""
    inner = tokens[start + 1 : end]
    if len(inner) < _NAME or not inner[1].is_sign("_") or inner[0].kind not in {Kind.LETTER, Kind.COMMAND}:
        return False
    if start > 0 and _takes_argument(tokens, start - 1):
        return False
    is_whole = len(inner) == _NAME and not inner[2].is_sign("{")
    is_whole = is_whole or (
        inner[2].is_sign("{") and not any(one.is_sign("}") for one in inner[3:-1]) and inner[-1].is_sign("}")
    )
    return is_whole and not (end + 1 < len(tokens) and tokens[end + 1].is_sign("_"))


def _takes_argument(tokens: Sequence[Token], index: int) -> bool:
    """Whether what follows a token may be an argument, which needs its braces."""
    token = tokens[index]
    if token.is_sign("_", "^", "}") or token.is_command_among(_WITH_ARGUMENT):
        return True
    return index > 0 and tokens[index - 1].is_command_among(_DERIVING)


def _is_decimal_comma(tokens: Sequence[Token], index: int) -> bool:
    """Whether a number follows another one over `{,}`."""
    if tokens[index].kind is not Kind.NUMBER or index < len(_COMMA) + 1:
        return False
    before = [one.text for one in tokens[index - len(_COMMA) : index]]
    return before == _COMMA and tokens[index - len(_COMMA) - 1].kind is Kind.NUMBER


def _array_cases(tokens: Sequence[Token]) -> list[Token]:
    r"""Read `\{` with an array behind it, and nothing that closes it, as cases."""
    if not any(one.kind is Kind.BEGIN and before.is_sign(r"\{") for before, one in pairwise(tokens)):
        return list(tokens)
    kept: list[Token] = []
    renamed: list[bool] = []
    ends = _ends(tokens)
    for index, token in enumerate(tokens):
        if token.kind is Kind.BEGIN:
            opened = bool(kept) and kept[-1].is_sign(r"\{") and token.text in _ARRAYS
            behind = ends.get(index, len(tokens)) + 1
            opened = opened and not (behind < len(tokens) and tokens[behind].is_sign(r"\}"))
            renamed.append(opened)
            if opened:
                kept.pop()
        elif token.kind is Kind.END:
            opened = renamed.pop() if renamed else False
        else:
            opened = False
        kept.append(replace(token, text=f"cases:{token.text}") if opened else token)
    return kept


def _ends(tokens: Sequence[Token]) -> dict[int, int]:
    """Return for the beginning of each environment the index of its end."""
    found: dict[int, int] = {}
    begun: list[int] = []
    for index, token in enumerate(tokens):
        if token.kind is Kind.BEGIN:
            begun.append(index)
        elif token.kind is Kind.END and begun:
            found[begun.pop()] = index
    return found
