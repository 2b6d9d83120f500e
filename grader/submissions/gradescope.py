"""Reads what a Gradescope export says of its submissions: who handed them in together, and when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec import Struct

from grader.errors import UsageError
from grader.submissions.files import load
from grader.submissions.limits import MIB, UnusableError
from grader.submissions.names import quoted

METADATA = "submission_metadata.yml"
"""Lies beside the folders `submission_123456` of an export."""
_MOST_BYTES = 64 * MIB
_MOST_TEXT = 200
"""Characters of a name, an id or an address."""


class Submitter(Struct, frozen=True, kw_only=True):
    """One of those who handed in together."""

    name: str
    sid: str = ""
    email: str = ""


class Exported(Struct, frozen=True, kw_only=True):
    """What is said of one submission."""

    submitters: tuple[Submitter, ...]
    created_at: float | None
    """Seconds since 1970."""


def read_metadata(path: Path) -> Mapping[str, Exported]:
    """Read the metadata of an export.

    Parameters
    ----------
    path : Path
        The file `submission_metadata.yml`.

    Returns
    -------
    mapping of str to Exported
        By the name of the submission's folder; without those that name no submitter.

    Raises
    ------
    UsageError
        If it cannot be read, is no such file, or PyYAML is not installed.
    """
    try:
        data = load(path, path.name, limit=_MOST_BYTES)
    except UnusableError as error:
        raise UsageError(str(error), remedy="download the export from Gradescope again") from error
    document = _parsed(data, path)
    if not isinstance(document, dict):
        raise _broken(path, "it holds no submissions")
    exported = {str(folder): _exported(entry) for folder, entry in document.items()}
    return {folder: one for folder, one in exported.items() if one is not None}


def _parsed(data: bytes, path: Path) -> object:
    try:
        import yaml  # noqa: PLC0415  (an extra, for those who have such exports)
    except ImportError as error:
        raise UsageError(
            f"{quoted(str(path))} is of a Gradescope export, and PyYAML, which reads it, is not installed.",
            remedy="install it with `pip install 'backprop-grader[gradescope]'`",
        ) from error
    try:
        # Safe: plain values alone, and an alias is the same value again, not a copy.
        return yaml.load(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _broken(path, str(error).partition("\n")[0]) from error


def _broken(path: Path, why: str) -> UsageError:
    return UsageError(
        f"{quoted(str(path))} cannot be read: {why}.", remedy="download the export from Gradescope again"
    )


def _exported(entry: Any) -> Exported | None:  # noqa: ANN401  (as it stands in the file)
    if not isinstance(entry, dict) or not isinstance(entry.get(":submitters"), list):
        return None
    submitters = tuple(
        Submitter(name=_text(one, ":name"), sid=_text(one, ":sid"), email=_text(one, ":email"))
        for one in entry[":submitters"]
        if isinstance(one, dict) and _text(one, ":name")
    )
    if not submitters:
        return None
    return Exported(submitters=submitters, created_at=_seconds(entry.get(":created_at")))


def _text(entry: dict[object, object], key: str) -> str:
    value = entry.get(key)
    return str(value).strip()[:_MOST_TEXT] if isinstance(value, str | int) else ""


def _seconds(value: object) -> float | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    # A time without a zone is in UTC there.
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
