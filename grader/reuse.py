"""Says what a grade depends on, and from that whether a stored one still stands and why one was made again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from grader import __version__
from grader.assignment_changes import in_short
from grader.levels import Level
from grader.model import Submission
from grader.session import Session

NOTHING_RUN = "none"
"""In the place of a level of isolation, where no code is asked for and so nothing is run."""
_ASSIGNMENT, _GRADER, _SEED, _ISOLATION = "assignment", "grader", "seed", "isolation"
_WORDS: Mapping[str, str] = {_GRADER: "grader version"}
"""What parts of a key are called in a reason, where that is not their name."""


def key_of(session: Session, submission: Submission, level: str) -> str:
    """Name everything a grade depends on, part by part, so that a change can be told.

    Parameters
    ----------
    session : Session
    submission : Submission
    level : str
        The isolation in force, or `NOTHING_RUN`.

    Returns
    -------
    str
        `name=value` joined by `;`; no part holds a text of the submission.
    """
    content = "\0".join((submission.sha256, submission.problem or "", submission.conflict or ""))
    parts = {
        "submission": hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest(),
        _ASSIGNMENT: session.assignment.digest,
        _GRADER: __version__,
        _SEED: session.seed_sha256,
        _ISOLATION: level,
    }
    return ";".join(f"{name}={value}" for name, value in parts.items())


def still_stands(before: str | None, now: str, demanded: Level | None) -> bool:
    """Say whether a stored grade need not be made again.

    The isolation that it was made under is no reason to make it again, unless it is weaker than what is demanded: it says how
    far the code was kept from the machine, and the points are the same.

    Parameters
    ----------
    before : str or None
        The key of the stored grade; None where there is none, empty after a fault.
    now : str
        The key that it would have now.
    demanded : Level or None
        The weakest isolation that is asked for.

    Returns
    -------
    bool
    """
    if not before:
        return False
    old, new = _parts(before), _parts(now)
    same = all(old.get(name) == value for name, value in new.items() if name != _ISOLATION)
    return same and (demanded is None or _reaches(old.get(_ISOLATION), demanded))


def _reaches(level: str | None, demanded: Level) -> bool:
    """Say whether a grade was made under a level as strong as demanded; what was never run needs none."""
    return level == NOTHING_RUN or (level in list(Level) and Level(level).reaches(demanded))


def asks_otherwise(before: str | None, digest: str, seed_sha256: str) -> bool:
    """Say whether a stored grade is to be made again though the submission may be the same: then stored answers are of use.

    Parameters
    ----------
    before : str or None
        The key of the stored grade.
    digest : str
        Of the assignment as it is now.
    seed_sha256 : str
        Of the secret as it is now; what is asked in experiments does not depend on it.

    Returns
    -------
    bool
        False too where there is no grade, or a fault.
    """
    old = _parts(before or "")
    return bool(before) and (old.get(_ASSIGNMENT), old.get(_SEED)) != (digest, seed_sha256)


def assignment_of(key: str | None) -> str | None:
    """Return the digest of the assignment that a grade was made for.

    Parameters
    ----------
    key : str or None
        Of the grade.

    Returns
    -------
    str or None
        None where there is no grade, or a fault.
    """
    return _parts(key or "").get(_ASSIGNMENT)


def reason(before: str | None, now: str, assignment: Sequence[str] = ()) -> str:
    """Say what changed between the keys of a stored grade and a new one.

    Parameters
    ----------
    before : str or None
    now : str
    assignment : sequence of str
        What changed in the assignment, where that is known (`grader.assignment_changes.differences`).

    Returns
    -------
    str
        Reads after "graded again:".
    """
    if before is None:
        return "new"
    if before == now:
        return "forced"
    old = _parts(before)
    if not old.get("submission"):
        return "graded again after a fault"
    changed = [name for name, value in _parts(now).items() if old.get(name) != value]
    told = in_short(assignment) if _ASSIGNMENT in changed else ""
    rest = [_WORDS.get(name, name) for name in changed if not (told and name == _ASSIGNMENT)]
    return "; ".join([*([f"{' and '.join(rest)} changed"] if rest else []), *([told] if told else [])])


def _parts(key: str) -> Mapping[str, str]:
    return dict(part.partition("=")[::2] for part in key.split(";"))
