"""Reads the attacks and makes submissions of them, each with an honest solution above it.

An attack is a file `attacks/KIND/NAME.py`, or `NAME.cells` for a notebook with its cells parted by `# %%`. Comments above its
docstring say what must come of it:

    # result: graded killed      the worst status of its questions is one of these
    # points: at most 6          or an exact number; 10 where nothing is said and the result can only be `graded`
    # claimed: jail seal         levels that claim to contain it; all from `seal` up where nothing is said
    # slow                       it waits for a limit on waiting
    # says: nothing              it prints no line of its own; what is seen from outside is all there is
    # form: folder               or zip, tar: more files follow, each after a line `# ===== file: NAME`; what is no
                                 Python stands there behind `#| `
"""

from __future__ import annotations

import io
import json
import re
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from msgspec import Struct

FOLDER = Path(__file__).parent / "attacks"
PRELUDE = Path(__file__).parent / "prelude.py"
FULL_POINTS = 10.0

_HEADER = re.compile(r"# (result|points|claimed|says|form): (.+)")
_PART = re.compile(r"^# ===== (file|link|zeros|many): (.*)$", re.MULTILINE)
_CELL = "# %%\n"
_NO_PYTHON = re.compile(r"^#\| ", re.MULTILINE)
_KEYS = {"result", "points", "claimed", "says", "form", "slow"}
_CLAIMED = "jail fence seal"


class Attack(Struct, frozen=True, kw_only=True):
    """One attack, and what must come of it."""

    name: str
    """`KIND/NAME`."""
    path: Path
    text: str
    results: frozenset[str]
    """Statuses of which the worst of its questions must be one."""
    least_points: float
    most_points: float
    claimed: frozenset[str]
    speaks: bool
    """Whether it prints `ATTACK held` where it is held."""
    slow: bool
    form: str
    """`module`, `notebook`, `folder`, `zip` or `tar`."""

    @property
    def kind(self) -> str:
        """Return the folder it lies in."""
        return self.name.partition("/")[0]


def attacks() -> tuple[Attack, ...]:
    """Read all attacks, in the order of their names."""
    paths = sorted(path for kind in FOLDER.iterdir() if kind.is_dir() for path in kind.iterdir())
    return tuple(read(path) for path in paths if path.suffix in {".py", ".cells"})


def kinds() -> list[str]:
    """Return the kinds of attacks."""
    return sorted({attack.kind for attack in attacks()})


def read(path: Path) -> Attack:
    """Read one attack.

    Raises
    ------
    ValueError
        When its header says too little, or what nobody understands.
    """
    text = path.read_text(encoding="utf-8")
    head = text.partition('"""')[0].splitlines()
    said = {match[1]: match[2] for line in head if (match := _HEADER.fullmatch(line))}
    said |= {"slow": "yes"} if "# slow" in head else {}
    known = {*(f"# {key}: {value}" for key, value in said.items()), "# slow", "# mypy: ignore-errors", ""}
    if not said.keys() <= _KEYS or set(head) - known or "result" not in said:
        raise ValueError(f"{path.name}: not a header: {head}")
    results = frozenset(said["result"].split())
    least, most = _points(said.get("points"), results)
    return Attack(
        name=f"{path.parent.name}/{path.stem}",
        path=path,
        text=text,
        results=results,
        least_points=least,
        most_points=most,
        claimed=frozenset(said.get("claimed", _CLAIMED).split()),
        speaks="@attempt" in text and results == {"graded"} and said.get("says") != "nothing",
        slow="slow" in said,
        form="notebook" if path.suffix == ".cells" else said.get("form", "module"),
    )


def _points(said: str | None, results: frozenset[str]) -> tuple[float, float]:
    if said is None:
        return (FULL_POINTS if results == {"graded"} else 0.0), FULL_POINTS
    number = float(said.removeprefix("at most "))
    return (0.0 if said.startswith("at most ") else number), number


def write(attack: Attack, folder: Path, targets: Mapping[str, object]) -> Path:
    """Write the submission of an attack into a folder.

    Parameters
    ----------
    attack : Attack
    folder : Path
        Where there is nothing yet.
    targets : mapping
        What the attacker is told: paths, ports and process ids to aim at.

    Returns
    -------
    Path
        What to hand in.
    """
    name = attack.path.stem
    start = f"TARGETS = {dict(targets)!r}\n{PRELUDE.read_text(encoding='utf-8')}\n"
    if attack.form == "module":
        (path := folder / f"{name}.py").write_text(start + attack.text, encoding="utf-8")
        return path
    if attack.form == "notebook":
        (path := folder / f"{name}.ipynb").write_text(_notebook(start, attack.text), encoding="utf-8")
        return path
    parts = _parts(name, start, attack.text, targets)
    if attack.form == "folder":
        return _folder(folder / name, parts)
    path = folder / f"{name}.{attack.form}"
    path.write_bytes(_zip(parts) if attack.form == "zip" else _tar(parts))
    return path


def _notebook(start: str, text: str) -> str:
    texts = [start, *text.split(_CELL)[1:]]
    common: dict[str, object] = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    cells = [
        {**common, "id": f"cell-{number}", "source": cell.rstrip("\n")} for number, cell in enumerate(texts)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return json.dumps(
        {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    """One file of a submission of several, or something that pretends to be one."""

    kind: str
    name: str
    text: str


def _parts(name: str, start: str, text: str, targets: Mapping[str, object]) -> list[_Part]:
    pieces = _PART.split(text)
    parts = [_Part(kind="file", name=f"{name}.py", text=start + pieces[0])]
    for kind, title, body in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        for key in ("course", "reference"):
            title = title.replace(f"{{{key}}}", str(targets[key]))  # noqa: PLW2901  (the same title, filled in)
        parts.append(_Part(kind=kind, name=title, text=_NO_PYTHON.sub("", body.lstrip("\n"))))
    return parts


def _folder(folder: Path, parts: list[_Part]) -> Path:
    for part in parts:
        path = folder / part.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(part.text, encoding="utf-8")
    return folder


def _zip(parts: list[_Part]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in parts:
            if part.kind == "zeros":
                size, _, name = part.name.partition(" MB ")
                with archive.open(name, "w") as member:
                    for _ in range(int(size)):
                        member.write(bytes(1 << 20))
            elif part.kind == "many":
                for number in range(int(part.name.split()[0])):
                    archive.writestr(f"m{number}.py", "")
            else:
                archive.writestr(part.name, part.text)
    return written.getvalue()


def _tar(parts: list[_Part]) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        for part in parts:
            member = tarfile.TarInfo(part.name)
            if part.kind == "link":
                member.name, _, member.linkname = part.name.partition(" -> ")
                member.type = tarfile.SYMTYPE
                archive.addfile(member)
            else:
                data = part.text.encode()
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
    return written.getvalue()
