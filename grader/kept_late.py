"""Keeps what lateness costs a class in its gradebook with every change of points by it, and notes whose files have to say so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from grader.gradebook import Gradebook
from grader.late.rule import Policy, Rule, with_late
from grader.model import Origin
from grader.overrides import with_marks

_POLICY, _WRITTEN, _ADOPTED = "late-policy", "late-students", "late-of-assignment"
"""Names of what the gradebook keeps beside the grades: what costs; of whom files were written that say that they are late; the rule
of the assignment that was taken over last."""
_LOG = "late-log"
"""Name of the changes of points by lateness, oldest first; nothing in it is ever changed or removed."""
_GRADER = "grader"
_NO_LONGER = "lateness costs nothing any more"


class LateChange(Struct, frozen=True, kw_only=True):
    """What a change of the rule did to the points of one student."""

    at: datetime
    by: str
    student: str
    old_points: float
    """Points that held before, marks of people included."""
    new_points: float
    why: str
    """The rule in words."""


def kept_policy(book: Gradebook) -> Policy | None:
    """Tell what lateness costs a class.

    Parameters
    ----------
    book : Gradebook

    Returns
    -------
    Policy or None
        None where it costs nothing.
    """
    text = book.meta(_POLICY)
    return msgspec.convert(json.loads(text), Policy) if text else None


def keep_policy(book: Gradebook, policy: Policy | None, *, by: str = _GRADER) -> None:
    """Say what lateness costs a class, log whose points change by it, and note whose files do.

    Parameters
    ----------
    book : Gradebook
    policy : Policy or None
        None takes back what was said before.
    by : str
        Who says so.
    """
    log = list(late_changes(book))
    with suppress(
        ValueError
    ):  # a grade that cannot be read is told by whoever shows it, and has no points that could change
        log.extend(list(_changes(book, policy, by)))
    values = {_POLICY: "" if policy is None else json.dumps(msgspec.to_builtins(policy))}
    # Together: no rule without its log.
    book.set_all_meta(values | {_LOG: json.dumps(msgspec.to_builtins(log))})
    note_late(book)


def late_changes(book: Gradebook) -> tuple[LateChange, ...]:
    """Return every change of points by a rule on lateness, oldest first.

    Parameters
    ----------
    book : Gradebook

    Returns
    -------
    tuple of LateChange
    """
    return msgspec.convert(json.loads(book.meta(_LOG) or "[]"), tuple[LateChange, ...])


def _changes(book: Gradebook, policy: Policy | None, by: str) -> Iterator[LateChange]:
    before = kept_policy(book)
    if before == policy:
        return
    now = datetime.now(tz=UTC)
    standing, origins = book.marks.standing(), book.origins()
    for stored in book.grades():
        student = stored.grade.student
        marked = with_marks(stored.grade, standing.get(student, ()))
        old, new = (with_late(marked, one, origins.get(student)).points for one in (before, policy))
        if old != new:
            why = _NO_LONGER if policy is None else str(policy.rule)
            yield LateChange(at=now, by=by, student=student, old_points=old, new_points=new, why=why)


def adopt(book: Gradebook, rule: Rule | None) -> None:
    """Take over the rule of an assignment, once: what people say of it later stands until the assignment says something else.

    Parameters
    ----------
    book : Gradebook
    rule : Rule or None
        None where the assignment has none; one that was taken over before goes then.
    """
    text = "" if rule is None else json.dumps(msgspec.to_builtins(rule))
    if text == (book.meta(_ADOPTED) or ""):
        return
    before = kept_policy(book)
    extensions = before.extensions if before is not None else {}
    keep_policy(book, None if rule is None else Policy(rule=rule, extensions=extensions))
    book.set_meta(_ADOPTED, text)


def note_late(book: Gradebook) -> None:
    """Note that the files of those who are late, and of those who were, have to be written again.

    Whoever grades does not know of it, and so it is asked for again at the end of every run.

    Parameters
    ----------
    book : Gradebook
    """
    before = json.loads(book.meta(_WRITTEN) or "[]")
    now = _late_students(book)
    if not before and not now:
        return
    book.marks.note_outdated(sorted({*before, *now}))
    book.set_meta(_WRITTEN, json.dumps(now))


def _late_students(book: Gradebook) -> list[str]:
    """Return who is late, of those with a grade."""
    policy = kept_policy(book)
    if policy is None:
        return []
    origins = book.origins()
    students = sorted(book.file_names())
    return [one for one in students if policy.late(one, origins.get(one, Origin()), 0.0) is not None]
