"""Claims on taking magics out of notebook cells; expected cells are written by hand."""

from __future__ import annotations

import pytest

from grader.sandbox.cells import clean_cell
from grader.sandbox.survey import survey


def cleaned(text: str) -> str:
    return clean_cell(text, where="a.ipynb, cell 1").text


@pytest.mark.parametrize(
    "text",
    ["x = 1\n", "s = '''\n%matplotlib inline\n!ls\n'''", "y = (7\n% 2)", "y = 7 \\\n% 2", "", "# %time\n"],
)
def test_python_stays_to_the_letter(text: str) -> None:
    assert clean_cell(text, where="a.ipynb, cell 1").text == text
    assert clean_cell(text, where="a.ipynb, cell 1").notes == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%matplotlib inline\nx = 1", "pass\nx = 1"),
        ("!pip install numpy\nx = 1", "pass\nx = 1"),
        ("pip install numpy\nx = 1", "pass\nx = 1"),
        ("?print\nx = 1", "pass\nx = 1"),
        ("np.dot?\nx = 1", "pass\nx = 1"),
        ("print??", "pass"),
        ("files = !ls", "files = None"),
        ("here = %pwd\nx = 1", "here = None\nx = 1"),
        ("if True:\n    !ls\n    x = 1", "if True:\n    pass\n    x = 1"),
        ("%time x = 1", "x = 1"),
        ('!echo "it\'s"\nx = 1', "pass\nx = 1"),
        ("!echo a \\\n  b\nx = 1", "pass\n\nx = 1"),
        ("%%time\nx = 1", "\nx = 1"),
        ("\n%%capture out\n%matplotlib inline\nx = 1", "\n\npass\nx = 1"),
        ("%%bash\nrm -rf x\nls", "\n\n"),
        ("%%writefile a.py\nx = 1", "\n"),
    ],
)
def test_a_magic_is_taken_out_and_lines_keep_their_numbers(text: str, expected: str) -> None:
    assert cleaned(text) == expected


@pytest.mark.parametrize(
    "inside",
    ["s = '''\n%in string\n!ls?\n'''", "y = (7\n% 2)", "y = 7 \\\n% 2", "s = 'it\\'s' # '''", "s = \"'''\""],
)
def test_what_only_looks_like_a_magic_stays_when_the_cell_has_a_real_one(inside: str) -> None:
    assert cleaned(f"!ls\n{inside}\n!ls") == f"pass\n{inside}\npass"


def test_notes_name_cell_and_line() -> None:
    notes = clean_cell("x = 1\n%matplotlib inline", where="a.ipynb, cell 4").notes
    assert notes == ("a.ipynb, cell 4, line 2: `%matplotlib inline` was taken out",)
    notes = clean_cell("%%html\n<b>", where="a.ipynb, cell 4").notes
    assert notes == ("a.ipynb, cell 4: a `%%html` cell was skipped",)


def test_broken_python_stays_broken() -> None:
    assert cleaned("def f(:\n  pass") == "def f(:\n  pass"


def test_a_survey_names_all_that_the_top_level_binds() -> None:
    text = (
        "import numpy as np\nfrom a import b as c\nx, (y, z) = 1, (2, 3)\nw: int = 3\nv: int\n"
        "def f(): inner = 1\nclass K: attribute = 1\ng = lambda: 0\n"
        "try:\n    import d.e\nexcept ImportError:\n    h = None\n"
        "if x:\n    async def k(): pass\n"
    )
    read = survey(text)
    assert read.names == {"np", "c", "x", "y", "z", "w", "f", "K", "g", "d", "h", "k"}
    assert read.functions == ("f", "g", "k")
