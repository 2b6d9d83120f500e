"""Notebooks are read as leniently as Jupyter reads them, and nothing in one can harm the reader."""

from __future__ import annotations

import codecs
import json
import logging
import time
from collections.abc import Callable

import pytest
from clock import allowed
from hypothesis import given
from hypothesis import strategies as st

from grader.model import Submission
from grader.submissions.limits import UnusableError
from grader.submissions.notebook import read_notebook

HandIn = Callable[[str, bytes], Submission]


def cells_of(document: object) -> tuple[str, ...]:
    return read_notebook("a.ipynb", json.dumps(document).encode())[0].cells


def problem_of(data: bytes) -> str:
    with pytest.raises(UnusableError) as caught:
        read_notebook("a.ipynb", data)
    return str(caught.value)


def code(source: object, **more: object) -> dict[str, object]:
    return {"cell_type": "code", "source": source, **more}


def notebook(*cells: object, **more: object) -> dict[str, object]:
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells), **more}


def test_code_cells_alone_are_kept_in_order(hand_in: HandIn) -> None:
    document = notebook(
        {"cell_type": "markdown", "source": "# Title"},
        code("x = 1"),
        {"cell_type": "raw", "source": "raw"},
        code(""),
    )

    submission = hand_in("alice.ipynb", json.dumps(document).encode())

    (source,) = submission.sources
    assert source.cells == ("x = 1", "")
    assert source.is_notebook
    assert source.name == "alice.ipynb"
    assert (submission.problem, submission.notes) == (None, ())


def test_a_source_is_a_string_or_a_list_of_lines_and_may_be_absent() -> None:
    assert cells_of(notebook(code("a\r\nb"), code(["a\n", "b"]), code(None), {"cell_type": "code"})) == (
        "a\nb",
        "a\nb",
        "",
        "",
    )


@pytest.mark.parametrize(
    "document",
    [
        {"cells": [code("x = 1")]},
        {"nbformat": 4, "cells": [code("x = 1")]},
        {"nbformat": 4, "nbformat_minor": 99, "metadata": None, "cells": [code("x = 1", id=None)]},
        {"nbformat": "4", "nbformat_minor": "x", "metadata": [], "cells": [code("x = 1", outputs=None)]},
    ],
)
def test_missing_and_odd_metadata_is_tolerated(document: object) -> None:
    assert cells_of(document) == ("x = 1",)


def test_format_3_with_worksheets_is_upgraded(hand_in: HandIn) -> None:
    cells = [
        {"cell_type": "heading", "level": 1, "source": "Title"},
        {
            "cell_type": "code",
            "language": "python",
            "input": ["x = 1\n", "y = 2"],
            "outputs": [{"broken": True}],
        },
    ]
    second = {"cell_type": "code", "language": "python", "input": "z = 3", "outputs": []}
    document = {
        "nbformat": 3,
        "metadata": {"name": ""},
        "worksheets": [{"cells": cells}, {"cells": [second]}],
    }

    submission = hand_in("a.ipynb", json.dumps(document).encode())

    assert submission.sources[0].cells == ("x = 1\ny = 2", "z = 3")
    assert submission.notes == ("`a.ipynb` is in notebook format 3; it was upgraded.",)


def test_formats_1_and_2_are_upgraded() -> None:
    two = {"nbformat": 2, "worksheets": [{"cells": [{"cell_type": "code", "input": "x = 1"}]}]}
    one = {
        "nbformat": 1,
        "cells": [{"cell_type": "code", "code": "x = 1"}, {"cell_type": "text", "text": "t"}],
    }

    assert cells_of(two) == ("x = 1",)
    assert cells_of(one) == ("x = 1",)


def test_upgrading_an_old_notebook_writes_no_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        cells_of({"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": "x = 1"}]}]})

    assert caplog.records == []


@pytest.mark.parametrize(
    "metadata",
    [
        {"kernelspec": {"name": "ir", "language": "R"}},
        {"language_info": {"name": "julia"}},
        {"language": "Julia"},
    ],
)
def test_a_notebook_of_another_language_is_a_problem(metadata: object) -> None:
    problem = problem_of(json.dumps(notebook(code("x <- 1"), metadata=metadata)).encode())

    assert "Python kernel" in problem


@pytest.mark.parametrize(
    "metadata",
    [
        {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        {"kernelspec": {"language": "Python"}, "language_info": {"name": "ipython"}},
        {"kernelspec": {"language": "sage"}, "language_info": {"name": "python"}},
        {"kernelspec": "x", "language_info": 7},
    ],
)
def test_a_notebook_that_names_python_or_no_language_is_read(metadata: object) -> None:
    assert cells_of(notebook(code("x = 1"), metadata=metadata)) == ("x = 1",)


def test_broken_json_is_a_problem_with_line_and_column() -> None:
    problem = problem_of(b'{"cells": [\n  {"cell_type" "code"}]}')

    assert "line 2, column 16" in problem


@pytest.mark.parametrize(
    "document", [[], "x", 3, None, {}, {"cells": {}}, {"worksheets": [3]}, {"worksheets": [{"cells": 3}]}]
)
def test_json_that_is_no_notebook_is_a_problem(document: object) -> None:
    assert "no notebook" in problem_of(json.dumps(document).encode())


@pytest.mark.parametrize("cell", [3, None, "x", code(3), code(["a", 3]), code({"a": 1})])
def test_a_cell_without_text_is_a_problem_that_names_it(cell: object) -> None:
    assert problem_of(json.dumps(notebook(code("x = 1"), cell)).encode()).startswith("Cell 2 of `a.ipynb`")


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 200_000,
        b'{"cells":' * 100_000,
        b'{"cells": [' + b"9" * 10_000 + b"]}",
        b"[[]," * 600_000,
        b"0," * 6_000_000,
    ],
    ids=["lists", "mappings", "long integer", "many lists", "many values"],
)
def test_a_json_bomb_is_a_problem(data: bytes) -> None:
    assert problem_of(data).startswith("`a.ipynb` ")


def test_duplicate_keys_and_nan_are_read_as_jupyter_reads_them() -> None:
    data = b'{"cells": [], "x": [NaN, Infinity], "cells": [{"cell_type": "code", "source": "x = 1"}]}'

    assert read_notebook("a.ipynb", data)[0].cells == ("x = 1",)


def test_half_a_surrogate_pair_is_replaced_and_a_nul_is_a_problem() -> None:
    assert read_notebook("a.ipynb", rb'{"cells": [{"cell_type": "code", "source": "\ud800\ud83d\ude00"}]}')[
        0
    ].cells == ("\ufffd😀",)
    assert "NUL" in problem_of(rb'{"cells": [{"cell_type": "code", "source": "\u0000"}]}')


def test_marks_and_wrong_encodings_are_read() -> None:
    data = json.dumps(notebook(code("é")), ensure_ascii=False)

    assert read_notebook("a.ipynb", codecs.BOM_UTF8 + data.encode())[0].cells == ("é",)
    assert read_notebook("a.ipynb", data.encode("utf-16"))[0].cells == ("é",)
    assert read_notebook("a.ipynb", data.encode("latin-1"))[0].cells == ("é",)


@pytest.mark.parametrize("data", [b"", b" \n"])
def test_an_empty_file_is_an_empty_source_with_a_note(hand_in: HandIn, data: bytes) -> None:
    submission = hand_in("a.ipynb", data)

    assert submission.problem is None
    assert submission.sources[0].cells == ()
    assert submission.notes == ("`a.ipynb` is empty.",)


def test_a_notebook_without_code_gets_a_note(hand_in: HandIn) -> None:
    submission = hand_in("a.ipynb", json.dumps(notebook(code(" \n"))).encode())

    assert submission.notes == ("`a.ipynb` has no code in it.",)


def test_ten_megabytes_of_outputs_cost_little() -> None:
    lines = [f"step {number}: loss 0.123456\n" for number in range(200_000)]
    outputs = [{"output_type": "stream", "text": lines}, {"data": {"image/png": "A" * 5_000_000}}]
    data = json.dumps(notebook(code("x = 1", outputs=outputs, attachments={"a.png": {}}))).encode()
    assert len(data) > 10_000_000

    start = time.process_time()
    cells = read_notebook("a.ipynb", data)[0].cells

    assert time.process_time() - start < allowed(2.0)
    assert cells == ("x = 1",)


def test_more_cells_than_the_limit_are_a_problem() -> None:
    cells = [code("x = 1")] * 5_000
    assert len(cells_of(notebook(*cells))) == 5_000

    assert "more than 5,000 cells" in problem_of(json.dumps(notebook(*cells, code("x = 1"))).encode())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
CELL = st.fixed_dictionaries(
    {"cell_type": st.sampled_from(["code", "markdown", None])},
    optional=dict.fromkeys(("source", "input", "code", "language", "outputs", "metadata"), JSON),
)
NOTEBOOK = st.fixed_dictionaries(
    {},
    optional={
        "nbformat": st.sampled_from([1, 2, 3, 4, 5, "4", None]),
        "cells": st.lists(CELL | JSON, max_size=3),
        "worksheets": st.lists(
            st.fixed_dictionaries({"cells": st.lists(CELL, max_size=2)}) | JSON, max_size=2
        ),
        "metadata": JSON
        | st.dictionaries(st.sampled_from(["kernelspec", "language_info", "language"]), JSON),
    },
)


@given(st.one_of(st.binary(max_size=200), (JSON | NOTEBOOK).map(lambda value: json.dumps(value).encode())))
def test_any_bytes_are_a_notebook_or_a_problem(data: bytes) -> None:
    problem = "`a.ipynb`"
    cells: tuple[str, ...] = ()
    try:
        cells = read_notebook("a.ipynb", data)[0].cells
    except UnusableError as error:
        problem = str(error)

    assert "`a.ipynb`" in problem
    assert "\0" not in "".join(cells)
    "".join(cells).encode("utf-8")
