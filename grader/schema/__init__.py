"""JSON Schema (draft 2020-12) of what other programs read: result files, and what `check`, `show` and `list` print with `--json`."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from grader.errors import UsageError

NAMES = ("results", "check", "show", "list")
"""Each is a file `NAME.schema.json` of this folder; `check` refers to `results`."""
_REFERS_TO = {"check": "results"}


@cache
def _text(name: str) -> str:
    return files(__package__).joinpath(f"{name}.schema.json").read_text(encoding="utf-8")


def schema(name: str) -> dict[str, Any]:
    """Return a schema that stands alone: what it refers to is among its definitions.

    Parameters
    ----------
    name : str
        One of `NAMES`.

    Returns
    -------
    dict
        JSON values. Objects may have further fields: a later version adds some without another number in `schema`.

    Raises
    ------
    UsageError
        Where there is no such schema.
    """
    if name not in NAMES:
        raise UsageError(f"there is no schema `{name}`", remedy=f"schemas are: {', '.join(NAMES)}")
    document: dict[str, Any] = json.loads(_text(name))
    if name in _REFERS_TO:
        # "Bundling", section 9.3 of the draft: a whole schema, known by its own `$id`, among the definitions.
        document["$defs"][_REFERS_TO[name]] = schema(_REFERS_TO[name])
    return document
