"""Tells a line of plain text that is a sentence from one that is a formula."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from grader.formulas.documents.plain_brackets import OPERANDS
from grader.formulas.documents.plain_lex import PlainTokens
from grader.formulas.tokens import Token


def is_prose(plain: PlainTokens) -> bool:
    """Whether a line has words as a sentence has them: strange ones that no sign joins to a name that is known."""
    words = {
        index
        for index, token in enumerate(plain.tokens)
        if token.start in plain.strange and _is_word(token.text)
    }
    return any(not _is_operand(plain.tokens, index, words) for index in words)


def _is_operand(tokens: Sequence[Token], index: int, words: AbstractSet[int]) -> bool:
    """Whether a word stands in a formula as a name would: `3 * word`, and neither `word word` nor `pre-word`."""
    joined = False
    for beside, beyond in ((index - 1, index - 2), (index + 1, index + 2)):
        token = tokens[beside] if 0 <= beside < len(tokens) else None
        if token is None:
            continue
        if token.kind in OPERANDS or token.is_sign(")", "'"):
            return False
        if token.is_sign("+", "-", "*", "/"):
            if beyond in words:
                return False
            joined = True
    return joined


def _is_word(text: str) -> bool:
    """Whether it could stand in a sentence: letters alone."""
    return text.isalpha()
