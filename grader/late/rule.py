"""What lateness costs: a declared rule, extensions of single students, and what both take off a grade that is marked.

The stored grade stays as it was marked; what is taken off is worked out again whenever a grade is read. A person's mark on the
total is the last word, and nothing is taken off it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec import Struct, field
from msgspec.structs import replace

from grader.model import Grade, Late, Origin
from grader.spelling import folded

DAY_S = 86_400.0
_DUST = 1e-9


class Amount(Struct, frozen=True, kw_only=True):
    """So many points, or a share of all that can be had."""

    number: float
    is_percent: bool

    def of(self, max_points: float) -> float:
        """Return it in points."""
        return self.number / 100 * max_points if self.is_percent else self.number

    def __str__(self) -> str:
        if self.is_percent:
            return f"{self.number:g} % of all points"
        return f"{self.number:g} point{'' if self.number == 1 else 's'}"


class Rule(Struct, frozen=True, kw_only=True):
    """What lateness costs a class."""

    per_day: Amount
    """For each day that has begun since the time it was due."""
    due: float | None = None
    """Seconds since 1970; without it only the late marks of a platform count."""
    grace_s: float = 0.0
    """Who is later than it by no more is not late; who is, is late from the time it was due."""
    cap: Amount | None = None
    """The most that is taken off."""
    days: int | None = None
    """Who is later by more days earns nothing; None where there is no such end."""

    def __str__(self) -> str:
        parts = [f"each day that has begun costs {self.per_day}"]
        if self.cap is not None:
            parts.append(f"at most {self.cap}")
        if self.days is not None:
            parts.append(f"after {_days(self.days)} nothing is earned")
        if self.grace_s:
            parts.append(f"{_duration(self.grace_s)} later is not late")
        return ", ".join(parts)


class Extension(Struct, frozen=True, kw_only=True):
    """What a student was granted, or is known of when the work came."""

    until: float | None = None
    """Seconds since 1970, in the place of the time it was due."""
    days: float = 0.0
    """Days more than it was due."""
    submitted: float | None = None
    """Seconds since 1970, in the place of what the platform says."""


class Policy(Struct, frozen=True, kw_only=True):
    """The rule of a class with its extensions."""

    rule: Rule
    extensions: Mapping[str, Extension] = field(default_factory=dict)
    """By what names a student: name, id or e-mail address, folded."""
    late_by: Mapping[str, float] = field(default_factory=dict)
    """By student: seconds by which the platform says that it was late; 0 for who was not."""

    def late(self, student: str, origin: Origin, max_points: float) -> Late | None:
        """Say what lateness costs a student.

        Parameters
        ----------
        student : str
        origin : Origin
            With the late mark and the times.
        max_points : float
            All points that can be had.

        Returns
        -------
        Late or None
            None for who is not late.
        """
        own = self._extension(student, origin)
        seconds = self._seconds(student, origin, own)
        if seconds is None:
            # A mark alone tells no time: an extension may cover it, and then nothing is known.
            is_late = origin.late and own.until is None and not own.days
            return self._cost(1, "the platform marks it as late", max_points) if is_late else None
        if seconds <= self.rule.grace_s:
            return None
        days = max(1, math.ceil(seconds / DAY_S - _DUST))
        return self._cost(days, f"handed in {_duration(seconds)} late", max_points)

    def idle(self, students: Mapping[str, Origin]) -> tuple[str, ...]:
        """Tell which extensions are for nobody.

        Parameters
        ----------
        students : mapping of str to Origin
            Everybody in the class.

        Returns
        -------
        tuple of str
            What names whom they are for.
        """
        known = {name for student, origin in students.items() for name in _names(student, origin)}
        return tuple(who for who in self.extensions if who not in known)

    def _extension(self, student: str, origin: Origin) -> Extension:
        known = (self.extensions[name] for name in _names(student, origin) if name in self.extensions)
        return next(known, Extension())

    def _seconds(self, student: str, origin: Origin, own: Extension) -> float | None:
        """Return by how much it is late; None where no time is known."""
        if student in self.late_by and own.until is None and own.submitted is None:
            return self.late_by[student] - own.days * DAY_S
        came = own.submitted if own.submitted is not None else origin.submitted_at
        due = own.until if own.until is not None else self.rule.due
        return None if came is None or due is None else came - due - own.days * DAY_S

    def _cost(self, days: int, how_late: str, max_points: float) -> Late:
        rule = self.rule
        if rule.days is not None and days > rule.days:
            why = f"{how_late}; after {_days(rule.days)} nothing is earned"
            return Late(days=days, points=max_points, how_late=how_late, why=why)
        points = rule.per_day.of(max_points) * days
        most = max_points if rule.cap is None else min(max_points, rule.cap.of(max_points))
        capped = f", at most {rule.cap}" if rule.cap is not None and points > most else ""
        why = f"{how_late}; each day that has begun costs {rule.per_day}{capped}"
        return Late(days=days, points=min(points, most), how_late=how_late, why=why)


def _names(student: str, origin: Origin) -> tuple[str, ...]:
    """Return what an extension may call a student."""
    return tuple(map(folded, (student, origin.id, origin.email, origin.name, origin.team)))


def with_late(grade: Grade, policy: Policy | None, origin: Origin | None) -> Grade:
    """Return a grade with what lateness takes off it.

    Parameters
    ----------
    grade : Grade
    policy : Policy or None
        None where the class has none.
    origin : Origin or None

    Returns
    -------
    Grade
        The same one where nothing is taken off.
    """
    if policy is None:
        return grade
    late = policy.late(grade.student, origin or Origin(), grade.max_points)
    return grade if late is None else replace(grade, late=late)


# --------------------------------------------------------------------------------------------------------------
# Words


def moment_text(seconds: float) -> str:
    """Write a time for people.

    Parameters
    ----------
    seconds : float
        Since 1970.

    Returns
    -------
    str
        In UTC, and said so.
    """
    return f"{datetime.fromtimestamp(seconds, tz=UTC):%Y-%m-%d %H:%M} UTC"


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"


def _duration(seconds: float) -> str:
    """Write a time span with its two largest units; less than a minute is one."""
    minutes = max(1, math.ceil(seconds / 60 - _DUST))
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = [(days, "day"), (hours, "hour"), (minutes, "minute")]
    said = [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count]
    return " ".join(said[:2])
