"""Keeps what lateness costs a class in its gradebook, and notes whose files have to say so."""

from __future__ import annotations

import json

import msgspec

from grader.gradebook import Gradebook
from grader.late.rule import Policy
from grader.model import Origin

_POLICY, _WRITTEN = "late-policy", "late-students"
"""Names of what the gradebook keeps beside the grades; the second one: of whom files were written that say that they are late."""


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


def keep_policy(book: Gradebook, policy: Policy | None) -> None:
    """Say what lateness costs a class, and note whose files change by it.

    Parameters
    ----------
    book : Gradebook
    policy : Policy or None
        None takes back what was said before.
    """
    book.set_meta(_POLICY, "" if policy is None else json.dumps(msgspec.to_builtins(policy)))
    note_late(book)


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
