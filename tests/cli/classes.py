"""Class folders to grade: an ordinary small one, and one with every odd thing that students hand in."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from corpus import CORPUS

RIGHT = (CORPUS / "correct" / "plain_dicts.py").read_text(encoding="utf-8")
"""Full points; indented by four spaces."""
ASCENT = (CORPUS / "wrong" / "ascent.py").read_text(encoding="utf-8")
"""9.25 points: the step goes up the gradient."""
MIB = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a submission must get."""

    status: str = "graded"
    points: float = 10.0
    questions: tuple[str, str, str] = ("graded", "graded", "graded")
    """Status of each question."""
    message: str = ""
    """Stands in the message of a question."""
    note: str = ""
    """Stands in the report as a note."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GradedClass:
    """A class folder, its output folder, and what the command printed."""

    folder: Path
    out: Path
    printed: str
    errors: str


def unreadable(message: str) -> Outcome:
    """Return what a submission gets that nobody can read: all points wait."""
    return Outcome(status="unreadable", points=0.0, questions=("unreadable",) * 3, message=message)


def nothing(status: str, message: str) -> Outcome:
    """Return what a submission gets that was run and gave nothing."""
    return Outcome(points=0.0, questions=(status,) * 3, message=message)


ODD = {
    "bom": Outcome(),
    "crlf": Outcome(),
    "tabs": Outcome(),
    "latin1": Outcome(note="read as Latin-1"),
    "python2": unreadable("not valid Python"),
    "empty": nothing("missing", "no function `forward`"),
    "five_megabytes": Outcome(),
    "old_notebook": Outcome(),
    "magics": Outcome(),
    "outputs": Outcome(),
    "asks": nothing("failed", "input is not available while grading"),
    "misnamed": Outcome(points=6.0, questions=("graded", "missing", "graded"), message="found: backprop, forward"),
    "broken": unreadable("`broken.ipynb` is a broken notebook"),
    "notes": unreadable("`notes.txt` is a `.txt` file"),
    "roster": unreadable("`roster.csv` is a `.csv` file"),
    "pipe": unreadable("not a regular file"),
    "link": unreadable("links are not followed"),
    "carol": Outcome(status="awaiting", points=0.0, questions=("awaiting",) * 3, message="use --latest"),
    "dave": Outcome(note="Left out: `notes.ipynb` is a broken notebook"),
    "quits": Outcome(points=7.0, questions=("graded", "graded", "killed"), message="ended the process"),
    "leaves": nothing("killed", "ended the process"),
    "crashes": nothing("killed", "crashed"),
    "not_finite": Outcome(points=10 - 2 * 3 / 7),
    "large": Outcome(points=10 - 3 / 7),
}  # fmt: skip
"""What each odd submission must get, by student; points by hand: 3/7 for each of the seven quantities of `forward`."""

HOSTILE_NAMES = (
    "<img src=x onerror=alert(1)>.py",
    "=cmd|' C calc'!A0.py",
    "[bold red]rich[.py",
    "two\nlines.py",
    "\x1b[31mred.py",
    "a b; rm -rf $HOME.py",
    "\u202egnp.py",
    "Müller Åsa.py",
    "CON.py",
    "-o.py",
    "x" * 200 + ".py",
    # Bytes that are no text; other systems refuse such a name.
    *(("al\udcff.py",) if sys.platform == "linux" else ()),
)


def notebook(*cells: str, outputs: str = "") -> str:
    """Return a notebook of format 4."""
    output = [{"output_type": "stream", "name": "stdout", "text": outputs}] if outputs else []
    code = [
        {"cell_type": "code", "metadata": {}, "execution_count": 1, "outputs": output, "source": cell}
        for cell in cells
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": code})


def old_notebook(*cells: str) -> str:
    """Return a notebook of format 3."""
    code = [{"cell_type": "code", "language": "python", "input": cell, "outputs": []} for cell in cells]
    return json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": code}]})


def small_class(folder: Path, count: int = 4) -> Path:
    """Hand in some right and some wrong work: `s0`, `s1`, ..., every second one going up the gradient."""
    folder.mkdir()
    for number in range(count):
        (folder / f"s{number}.py").write_text(ASCENT if number % 2 else RIGHT)
    return folder


def slow_class(folder: Path, count: int, seconds: float) -> Path:
    """Hand in right work that takes some time to load."""
    folder.mkdir()
    for number in range(count):
        (folder / f"s{number}.py").write_text(f"import time\ntime.sleep({seconds})\n{RIGHT}")
    return folder


def odd_class(folder: Path) -> Path:
    """Hand in the odd things of `ODD`, hostile names, and what is no submission."""
    folder.mkdir()
    _texts(folder)
    _notebooks(folder)
    _others(folder)
    for name in HOSTILE_NAMES:
        (folder / name).write_text(RIGHT)
    (folder / ".hidden.py").write_text(RIGHT)
    (folder / "__pycache__").mkdir()
    return folder


def _texts(folder: Path) -> None:
    (folder / "bom.py").write_bytes(b"\xef\xbb\xbf" + RIGHT.encode())
    (folder / "crlf.py").write_bytes(RIGHT.replace("\n", "\r\n").encode())
    (folder / "tabs.py").write_text(RIGHT.replace("    ", "\t"))
    (folder / "latin1.py").write_bytes("# von Jürgen\n".encode("latin-1") + RIGHT.encode())
    (folder / "python2.py").write_text('print "loading"\n' + RIGHT)
    (folder / "empty.py").touch()
    (folder / "five_megabytes.py").write_text(RIGHT + ("#" * 99 + "\n") * (5 * MIB // 100))
    (folder / "asks.py").write_text('name = input("Your name: ")\n' + RIGHT)
    (folder / "misnamed.py").write_text(RIGHT.replace("backward(", "backprop("))
    (folder / "quits.py").write_text(RIGHT.replace("    new = {}\n", "    import os; os._exit(0)\n"))
    (folder / "leaves.py").write_text("import os\nos._exit(0)\n" + RIGHT)
    # Not by a signal to itself, which the first process of a namespace does not hear.
    (folder / "crashes.py").write_text("import ctypes\nctypes.string_at(0)\n" + RIGHT)
    (folder / "not_finite.py").write_text(
        RIGHT.replace(
            'return {"z0": z0, "h0": h0', 'return {"z0": float("nan"), "h0": -float("inf")'
        ).replace('nodes["h0"]', "relu(w0 * x)").replace('nodes["z0"]', "(w0 * x)")
    )  # fmt: skip
    (folder / "large.py").write_text(
        "import numpy as np\n"
        + RIGHT.replace('return {"z0": z0', 'return {"z0": np.zeros((2, 50))').replace(
            'nodes["z0"]', "(w0 * x)"
        )
    )


def _notebooks(folder: Path) -> None:
    (folder / "old_notebook.ipynb").write_text(old_notebook("import numpy as np", RIGHT))
    (folder / "magics.ipynb").write_text(
        notebook("%matplotlib inline\n!pip install numpy\nimport math", "%%time\n" + RIGHT)
    )
    (folder / "outputs.ipynb").write_text(notebook(RIGHT, outputs="A" * 10 * MIB))
    (folder / "broken.ipynb").write_text('{"cells": [')


def _others(folder: Path) -> None:
    (folder / "README.txt").write_text("Homework 1\n")  # nobody's
    (folder / "notes.txt").write_text("Homework 1\n")
    (folder / "roster.csv").write_text("student,email\n")
    os.mkfifo(folder / "pipe.py")
    outside = folder.parent / "outside.py"
    outside.write_text(RIGHT)
    (folder / "link.py").symlink_to(outside)
    (folder / "carol.py").write_text(RIGHT)
    for student in ("carol", "dave"):
        (folder / student).mkdir()
        (folder / student / "main.py").write_text(RIGHT)
    (folder / "dave" / "notes.ipynb").write_text("{")
