"""Hand-ins of written work in every form, and an assignment that asks for code and formulas of one network."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

from corpus import ASSIGNMENTS

BY_HAND = ASSIGNMENTS / "skip_network_by_hand" / "submissions"
REPORT = ASSIGNMENTS / "mlp_lab_report" / "submissions"
PDF = (BY_HAND / "awaiting" / "only_a_scan.pdf").read_bytes()

FORMS = {
    "markdown": (2.0, 2.0),
    "text": (2.0, 2.0),
    "tex": (2.0, 2.0),
    "notebook": (2.0, 2.0),
    "folder": (2.0, 2.0),
    "archive": (2.0, 2.0),
    "pdf": (None, None),
    "picture": (None, None),
    "scans": (None, None),
    "packed_scan": (None, None),
    "half_on_paper": (None, None),
}
"""Points of the derivation and of the numbers by student; None where a person must look."""


def every_form(folder: Path) -> Path:
    """Hand in right work as each kind of file that is read, and as some that are not."""
    folder.mkdir()
    right = BY_HAND / "correct"
    shutil.copy(right / "in_german.md", folder / "markdown.md")
    shutil.copy(right / "delta_for_partial.txt", folder / "text.txt")
    shutil.copy(right / "document_with_macros.tex", folder / "tex.tex")
    shutil.copy(right / "notebook.ipynb", folder / "notebook.ipynb")
    shutil.copytree(right / "two_files", folder / "folder")
    with zipfile.ZipFile(folder / "archive.zip", "w") as archive:
        archive.write(right / "in_german.md", "sheet/mine.md")
    (folder / "pdf.pdf").write_bytes(PDF)
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n")
    (folder / "scans").mkdir()
    (folder / "scans" / "page.jpg").write_bytes(b"\xff\xd8")
    with zipfile.ZipFile(folder / "packed_scan.zip", "w") as archive:
        archive.writestr("scan.pdf", PDF)
    (folder / "half_on_paper").mkdir()
    shutil.copy(BY_HAND / "mixed" / "half_finished.md", folder / "half_on_paper" / "typed.md")
    (folder / "half_on_paper" / "rest.pdf").write_bytes(PDF)
    return folder


NETWORK = """\
from reference.operations import sigmoid, square


def neuron(n):
    n.z = n.w * n.x + n.b
    n.a = sigmoid(n.z)
    n.L = square(n.a - n.y)
"""
ASSIGNMENT = """\
schema = 1
title = "One neuron, in code and by hand"
network = "network.py:neuron"
inputs = ["x"]
targets = ["y"]
parameters = ["w", "b"]

[functions.forward]
arguments = ["x", "w", "b"]
returns = ["z", "a"]

[functions.backward]
arguments = ["x", "y", "w", "b"]
returns = ["w", "b"]

[written.symbols]
x = ["x"]
y = ["y"]
w = ["w"]
b = ["b"]
z = ["z"]
a = ["a"]
L = ["L"]

[written.functions]
sigmoid = ['\\sigma']

[[questions]]
id = "code"
functions = ["forward", "backward"]
points = 4

[[questions]]
id = "derivation"
headings = ["Derivation"]
formulas = ["z", "a", "L", "dL/dz", "dL/dw"]
points = 5

[[questions]]
id = "why"
text = ["Why a sigmoid"]
points = 1

[cases]
ranges = { x = [-2.0, 2.0], w = [-1.5, 1.5], b = [-1.0, 1.0] }
y = { near = "a", within = 0.4, else = [0.1, 0.5] }
worked = { x = 2.0, y = 1.0, w = 0.5, b = -1.0 }
"""
CODE = """\
import numpy as np


def forward(x, w, b):
    z = w * x + b
    return z, 1 / (1 + np.exp(-z))


def backward(x, y, w, b):
    _, a = forward(x, w, b)
    d = 2 * (a - y) * a * (1 - a)
    return d * x, d
"""
WRITING = r"""## Derivation

$$z = w x + b \qquad a = \sigma(z) \qquad L = (a - y)^2$$

$$\frac{\partial L}{\partial z} = 2 (a - y) a (1 - a)$$

$$\frac{\partial L}{\partial w} = \frac{\partial L}{\partial z} x$$

## Why a sigmoid

It has a slope everywhere, and its values can be read as probabilities.
"""


def neuron(folder: Path) -> Path:
    """Write the assignment that asks for code, formulas and a text."""
    folder.mkdir()
    (folder / "network.py").write_text(NETWORK, encoding="utf-8")
    (folder / "assignment.toml").write_text(ASSIGNMENT, encoding="utf-8")
    return folder


def notebook(code: str, writing: str) -> str:
    """Return a notebook that holds both."""
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": writing},
        {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": code},
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})


def mixed_class(folder: Path) -> Path:
    """Hand in both, one of both, both with a slip in each, and neither to be read."""
    folder.mkdir()
    (folder / "both.ipynb").write_text(notebook(CODE, WRITING), encoding="utf-8")
    wrong_code = CODE.replace("d = 2 *", "d = -2 *")
    wrong_writing = WRITING.replace("(a - y) a (1", "(a - y) (1")
    (folder / "slips.ipynb").write_text(notebook(wrong_code, wrong_writing), encoding="utf-8")
    (folder / "folder").mkdir()
    (folder / "folder" / "mine.py").write_text(CODE, encoding="utf-8")
    (folder / "folder" / "mine.md").write_text(WRITING, encoding="utf-8")
    (folder / "code_alone.py").write_text(CODE, encoding="utf-8")
    (folder / "writing_alone.md").write_text(WRITING, encoding="utf-8")
    (folder / "scan.pdf").write_bytes(PDF)
    return folder
