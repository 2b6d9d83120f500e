"""Strings that stand alone in code are texts, whatever else is wrong with the code."""

from __future__ import annotations

import ast
import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.model import Document, Source, Submission
from grader.texts.strings import MOST_CHARACTERS, MOST_CODE, MOST_STRINGS, documents_of, strings_of


def module(text: str) -> list[Document]:
    return list(strings_of(Source(name="a.py", cells=(text,))))


def texts(text: str) -> list[str]:
    return [document.text.strip() for document in module(text)]


def submission(*sources: Source, documents: tuple[Document, ...] = ()) -> Submission:
    return Submission(student="s", path="s", files=(), sha256="", sources=sources, documents=documents)


def test_docstrings_and_strings_at_the_top_level_are_texts() -> None:
    code = '''"""Module."""
import numpy as np

class Layer:
    \'\'\'Class.\'\'\'
    def forward(self, x):
        r"""Method $\\frac{a}{b}$."""
        return x

"short"  # a comment
u'old';
"""
Discussion:
    It falls.
"""
'''
    assert texts(code) == [
        "Module.", "Class.", "Method $\\frac{a}{b}$.", "short", "old", "Discussion:\n    It falls."
    ]  # fmt: skip


@pytest.mark.parametrize(
    "code",
    [
        'x = "text"',
        'x = \\\n"text"',
        'print(\n"""\ntext\n"""\n)',
        'd = {"a":\n"text"}',
        'f"""text"""',
        'b"text"',
        '"text".join(x)',
        '"a" "b" + x',
        '# "text"',
        'return """text"""',
        '" "',
        '""',
    ],
)
def test_strings_that_are_part_of_code_are_no_texts(code: str) -> None:
    assert texts(code) == []


def test_lines_lose_their_common_indentation_and_keep_their_number() -> None:
    (document,) = module('x = "\\""\n\n\ndef f():\n    """First.\n\n    Second\n      third\n    """\n')

    assert document == Document(name="a.py", text="First.\n\nSecond\n  third\n", line=5, in_code=True)


@pytest.mark.parametrize(
    "before",
    ["def f(:", "x = (1, [2", "it's = 5", 'print "a', "%matplotlib inline", "if x\n\tpass"],
)
def test_a_wrong_line_before_a_function_loses_no_text_after_it(before: str) -> None:
    assert "Answer" in " ".join(texts(f'{before}\ndef g():\n    """Answer."""\n'))


def test_a_string_that_nobody_closed_is_a_text() -> None:
    assert texts('"""Discussion:\nIt falls.\n') == ["Discussion:\nIt falls."]


def test_a_string_alone_in_a_cell_is_a_text_among_the_markdown_cells() -> None:
    source = Source(
        name="a.ipynb",
        cells=('# my answer\n"""It falls."""\n', 'x = 1\n"""Doc."""', "%%markdown\n# Title\n"),
        is_notebook=True,
        places=(2, 4, 5),
    )
    markdown = (Document(name="a.ipynb", text="## Q", cell=1), Document(name="a.ipynb", text="## R", cell=3))
    report = Document(name="report.md", text="r")

    found = documents_of(submission(source, documents=(*markdown, report)))

    assert [(one.text, one.cell, one.line, one.in_code) for one in found] == [
        ("## Q", 1, 1, False),
        ("It falls.", 2, 2, False),
        ("## R", 3, 1, False),
        ("Doc.", 4, 2, True),
        ("# Title\n", 5, 2, False),
        ("r", None, 1, False),
    ]


def test_texts_of_many_strings_and_much_code_are_bounded() -> None:
    many = Source(name="a.py", cells=('"a"\n' * (MOST_STRINGS + 10),))
    long = Source(name="b.py", cells=(f'"""{"a" * MOST_CHARACTERS}"""\n"b"\n',))
    late = Source(name="c.py", cells=("x = 1\n" * (MOST_CODE // 6 + 1) + '"c"\n',))

    assert len(documents_of(submission(many))) == MOST_STRINGS
    assert sum(len(one.text) for one in documents_of(submission(long))) <= MOST_CHARACTERS
    assert documents_of(submission(late)) == ()


CODE = st.lists(
    st.sampled_from(
        ['"""a\nb"""', "'''c'''", '"d"', "x = 1", "f('e')", "# g", "def h():", "    pass", "", "{", "]"]
    )
    | st.text(max_size=10),
    max_size=8,
).map("\n".join)


@given(CODE)
def test_any_code_is_looked_through(code: str) -> None:
    for document in module(code):
        assert document.line <= code.count("\n") + 1


@given(
    st.lists(
        st.sampled_from(
            [
                '"""a\nb"""',
                "'''c'''",
                "r'd'",
                "x = 'e'",
                "f('g',\n'h')",
                "# 'i'",
                "k = [\n'l',\n]",
                'f"m"',
                "(\n'n')",
            ]
        ),
        max_size=8,
    )
)
def test_of_right_code_the_strings_are_those_that_python_sees(lines: list[str]) -> None:
    """A string in brackets is one to Python, and none here: people write answers without brackets."""
    code = "\n".join(lines)
    seen = [
        node.value.value
        for node in ast.parse(code).body
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    ]

    assert texts(code) == [text for text in seen if text != "n"]


def test_the_docstrings_of_a_module_are_found_as_python_finds_them() -> None:
    """On the code of a whole module of the standard library."""
    code = inspect.getsource(ast)
    nodes = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = [
        ast.get_docstring(node, clean=False) for node in ast.walk(ast.parse(code)) if isinstance(node, nodes)
    ]
    expected = {inspect.cleandoc(one) for one in docstrings if one}
    assert len(expected) > 20

    assert expected <= {inspect.cleandoc(text) for text in texts(code)}
