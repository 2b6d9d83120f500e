"""The same hand-in under other headings, without any, and with its parts in another order."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from written_pieces import Rewriting

PEN, QUESTIONS = "Pen and paper", "Questions on experiments"
_DERIVATION, _EFFECT, _NUMBERS = "1)", "2)", "3)"


def _parts(text: str) -> tuple[str, dict[str, str], dict[str, str]]:
    """Cut the text: what comes first, the parts of the first half by their numbers, and those of the second."""
    before, rest = text.split(f"{PEN}\n", 1)
    first, second = rest.split(f"{QUESTIONS}\n", 1)
    helpers, *parts = re.split(r"^(\d\))\n", first, flags=re.MULTILINE)
    _, *answers = re.split(r"^(\d\))\n", second, flags=re.MULTILINE)
    return (
        before + helpers,
        dict(zip(parts[::2], parts[1::2], strict=True)),
        dict(zip(answers[::2], answers[1::2], strict=True)),
    )


def _half(title: str, parts: Mapping[str, str]) -> str:
    return f"{title}\n\n" + "".join(f"{number}\n{body}" for number, body in parts.items())


def _renamed(change: Callable[[int, str], str]) -> Rewriting:
    """Return the rewriting that renames the headings: halves have level 1, numbers 2, the passes 3."""
    levels = {PEN: 1, QUESTIONS: 1, "Forward propagation": 3, "Backward propagation": 3}

    def rewritten(text: str) -> str:
        lines = []
        for line in text.split("\n"):
            level = 2 if re.fullmatch(r"\d\)", line) else levels.get(line)
            lines.append(line if level is None else change(level, line))
        return "\n".join(lines)

    return rewritten


def _german(_level: int, line: str) -> str:
    words = {
        PEN: "# Papier und Bleistift",
        QUESTIONS: "# Fragen zu den Experimenten",
        "Forward propagation": "Vorwärts:",
        "Backward propagation": "Rückwärts:",
    }
    return words.get(line, f"## Aufgabe {line.removesuffix(')')}")


def _numbers_first(text: str) -> str:
    before, parts, answers = _parts(text)
    order = {number: parts[number] for number in (_NUMBERS, _EFFECT, _DERIVATION)}
    return before + _half(PEN, order) + _half(QUESTIONS, answers)


def _questions_first(text: str) -> str:
    before, parts, answers = _parts(text)
    return before + _half(QUESTIONS, answers) + "\n" + _half(PEN, parts)


def _without_answers(text: str) -> str:
    """Leave out all that is written in words."""
    before, parts, _ = _parts(text)
    return before + _half(PEN, {number: parts[number] for number in (_DERIVATION, _NUMBERS)})


def _told_apart_by_words(text: str) -> str:
    before, parts, _ = _parts(text)
    return f"{before}\n# Derivation\n{parts[_DERIVATION]}\n# Numerical example\n{parts[_NUMBERS]}"


HEADINGS: Mapping[str, Rewriting] = {
    "headings of Markdown": _renamed(lambda level, line: f"{'#' * level} {line}"),
    "headings underlined": _renamed(
        lambda level, line: f"{line}\n{'=' * len(line)}\n" if level == 1 else f"{'#' * (level + 1)} {line}"
    ),
    "headings in bold": _renamed(lambda _level, line: f"**{line}**"),
    "headings with words before the numbers": _renamed(
        lambda level, line: f"# {line}" if level == 1 else f"## Task {line}" if level == 2 else f"### {line}"
    ),
    "no headings of the passes": _renamed(lambda level, line: "" if level == 3 else line),
    "headings in German": _renamed(_german),
    "no headings at all": _renamed(lambda _level, _line: ""),
    "headings without meaning": _renamed(lambda level, line: f"{'#' * level} Page {len(line)}"),
    "the numbers before the derivation": _numbers_first,
    "the questions before the derivation": _questions_first,
    "nothing in words": _without_answers,
    "headings in words": _told_apart_by_words,
}
ANSWERS_LOST = frozenset({"nothing in words", "headings in words"})
"""Where the answers in words are left out; wherever they stand under a lost heading, they wait for a person."""
