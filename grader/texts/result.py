"""Turns what was found for a written question into its result: a text that waits for a person, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence

from grader.model import Document, QuestionResult, Status
from grader.texts.answers import Search, TextAnswer, place_text, quoted, search
from grader.texts.prose import MOST_PARAGRAPHS, Prose, find_prose

_MOST_NAMES = 5
MOST_LOOKED_THROUGH = 128 * 1024
"""Characters of a submission in which prose is looked for; more than fifty pages."""
_TOO_LONG = "there is too much text to look through, and a person must look"
_NOTHING = "write the answer below such a heading"


def text_result(
    question_id: str,
    title: str,
    points: float,
    headings: Sequence[str],
    documents: Sequence[Document],
    *,
    others: Sequence[str] = (),
    parts: Sequence[str] = (),
    given: Sequence[Document] = (),
    unread: Sequence[str] = (),
) -> QuestionResult:
    """Return the result of a question that a person marks.

    Parameters
    ----------
    question_id, title : str
        As the assignment has them.
    points : float
        Full points.
    headings : sequence of str
        Where the answer is looked for, as of `find_answer`.
    documents : sequence of Document
        The submission's, as `documents_of` returns them.
    others : sequence of str
        Headings of all other questions that are answered in words: an answer ends there.
    parts : sequence of str
        Headings of the questions that are answered in formulas: an answer ends there too.
    given : sequence of Document
        The hand-out, whose lines are no answer.
    unread : sequence of str
        Files of the submission that may hold the answer and were not read.

    Returns
    -------
    QuestionResult
        `awaiting` with the text and all points pending; also where a person must look for it: then the text is what was
        written under no question's heading, if anything was. `missing` where nothing was written in what was read, and
        there is nothing else.
    """
    found = search(documents, headings, others=[*others, *parts], given=given)
    look = _not_read(unread)
    answer = found.answer
    shown: TextAnswer | Prose | None = answer
    if answer is not None:
        waits, message = True, _read_by_person(answer, headings)
    elif found.similar:
        waits, message = True, _which_is_it(found, headings)
    elif sum(len(document.text) for document in documents if not document.in_code) > MOST_LOOKED_THROUGH:
        waits, message = True, f"{_not_found(found, headings, documents)}; {_TOO_LONG}."
    else:
        shown = find_prose(found.layout, others=others, parts=parts, given=given)
        then = _among(shown) if shown is not None else "" if found.empty else _NOTHING
        waits = shown is not None
        message = "; ".join(filter(None, [_not_found(found, headings, documents), then])) + "."
    if look and answer is None:
        waits, message = True, f"{message} {look}"
    return QuestionResult(
        id=question_id,
        title=title,
        points=0.0,
        max_points=points,
        pending_points=points if waits else 0.0,
        status=Status.AWAITING if waits else Status.MISSING,
        message=message,
        notes=(*answer.notes, *([look] if look else [])) if answer is not None else (),
        text=shown.text if shown is not None else None,
        place=shown.place if shown is not None else None,
    )


def _read_by_person(answer: TextAnswer, headings: Sequence[str]) -> str:
    places = _and([place_text(place) for place in (answer.place, *answer.also)])
    if answer.is_exact:
        return f"A person reads what is written {places}."
    return f"No heading is {_or(headings)}; a person reads what is written {places}, the only one like it."


def _which_is_it(found: Search, headings: Sequence[str]) -> str:
    places = _and([place_text(place) for place in found.similar])
    return f"No answer stands under {_or(headings)}; a person must look which of these is it: {places}."


def _not_found(found: Search, headings: Sequence[str], documents: Sequence[Document]) -> str:
    if found.empty:
        return f"Nothing is written {_and([place_text(place) for place in found.empty])}"
    files = list(dict.fromkeys(document.name for document in documents))
    where = f"in {_listed(files)}" if files else "in the submission, which holds no text"
    return f"No heading {_or(headings)} was found {where}"


def _among(prose: Prose) -> str:
    """Say where a person must look."""
    where = place_text(prose.place)
    if prose.count == 1:
        return f"a person must look whether the answer is what stands {where}"
    count = (
        f"{prose.count} paragraphs" if prose.count < MOST_PARAGRAPHS else f"{prose.count} or more paragraphs"
    )
    return f"a person must look which of {count} is the answer; the first stands {where}"


def _not_read(unread: Sequence[str]) -> str:
    if not unread:
        return ""
    verb = "is" if len(unread) == 1 else "are"
    return f"{_listed(unread)} {verb} not read by the grader; a person must look."


def _listed(names: Sequence[str]) -> str:
    shown = [quoted(name) for name in names[:_MOST_NAMES]]
    return _and([*shown, f"{len(names) - _MOST_NAMES} more"] if len(names) > _MOST_NAMES else shown)


def _or(headings: Sequence[str]) -> str:
    return _joined([quoted(heading) for heading in headings], "or")


def _and(texts: Sequence[str]) -> str:
    return _joined(texts, "and")


def _joined(texts: Sequence[str], word: str) -> str:
    return f"{', '.join(texts[:-1])} {word} {texts[-1]}" if len(texts) > 1 else "".join(texts)
