"""Keeps what lateness costs a class in its gradebook, and notes whose files have to say so."""

from __future__ import annotations

import json

import msgspec

from grader.gradebook import Gradebook
from grader.late.rule import Policy, Rule
from grader.model import Origin

_POLICY, _WRITTEN, _ADOPTED = "late-policy", "late-students", "late-of-assignment"
"""Names of what the gradebook keeps beside the grades: what costs; of whom files were written that say that they are late; the rule
of the assignment that was taken over last."""


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
