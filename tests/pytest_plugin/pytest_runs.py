"""Calls the installed `pytest` as a course does, and reads what it said and the JUnit file that it wrote."""

from __future__ import annotations

import json
import sys
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from installed import Done, call_with

PYTEST = Path(sys.executable).parent / "pytest"
PLAIN = ("-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:hypothesispytest")
"""Leaves out what belongs to this environment and not to a course's."""
JUNIT = "junit.xml"
_SAVED = "run.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What a JUnit file says of one test."""

    outcome: str
    """`passed`, `failure`, `error`, `skipped` or `xfail`."""
    message: str
    text: str
    properties: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run of pytest with a JUnit file."""

    folder: Path
    code: int
    out: str
    err: str

    def save(self) -> None:
        """Keep what was printed, for other workers of the test run."""
        (self.folder / _SAVED).write_text(json.dumps({**asdict(self), "folder": str(self.folder)}))

    @classmethod
    def load(cls, folder: Path) -> Run:
        """Read what was kept."""
        values = json.loads((folder / _SAVED).read_text())
        return cls(folder=folder, code=values["code"], out=values["out"], err=values["err"])

    @cached_property
    def told(self) -> dict[str, Told]:
        """What the JUnit file says of each test, by `CLASSNAME::NAME`."""
        return told(self.folder)

    def outcomes(self, name: str) -> list[str]:
        """Return the outcomes of the tests of one submission."""
        return [one.outcome for key, one in self.told.items() if key.startswith(f"{name}::")]


def run(
    folder: Path, *arguments: str | Path, plain: bool = True, variables: Mapping[str, str] | None = None
) -> Done:
    """Run pytest in a folder."""
    command: list[str | Path] = [PYTEST, *(PLAIN if plain else ())]
    return call_with(command, *arguments, folder=folder, variables=variables)


def told(folder: Path) -> dict[str, Told]:
    """Return what the JUnit file of a folder says of each test, by `CLASSNAME::NAME`."""
    cases = ET.parse(folder / JUNIT).getroot().iter("testcase")
    return {f"{case.get('classname')}::{case.get('name')}": _told(case) for case in cases}


def _told(case: ET.Element) -> Told:
    properties = {one.get("name", ""): one.get("value", "") for one in case.iter("property")}
    for kind in ("failure", "error", "skipped"):
        found = case.find(kind)
        if found is not None:
            return Told(
                outcome="xfail" if found.get("type") == "pytest.xfail" else kind,
                message=found.get("message") or "",
                text=found.text or "",
                properties=properties,
            )
    return Told(outcome="passed", message="", text="", properties=properties)
