"""Makes what students start from: modules, a notebook, written templates, the task and a page on how to check oneself.

Values alone: files are names and texts here, and it is the command line that writes them.
"""

from __future__ import annotations

from msgspec import Struct

from grader.assignment import Assignment
from grader.errors import AssignmentError
from grader.handout.cells import NoCellsError
from grader.handout.files import HandOutFile, tool_code
from grader.handout.notebook import Cell, notebook_cells, notebook_text
from grader.handout.texts import answers_text, readme
from grader.handout.unchanged import Given, given_of
from grader.model import Document, Source, Submission
from grader.texts import documents_of

__all__ = ["Given", "HandOut", "HandOutFile", "given", "hand_out"]

README = "README.md"
TASK = "task.md"


class HandOut(Struct, frozen=True, kw_only=True):
    """What students start from."""

    files: tuple[HandOutFile, ...]
    sources: tuple[Source, ...]
    """Its code, the notebook's included."""
    documents: tuple[Document, ...]
    """Its texts, the notebook's cells included: no line of them is an answer."""
    page: Document
    """The one of them on how to check oneself."""
    notes: tuple[str, ...]
    """What the author should know."""


def hand_out(assignment: Assignment, *, student_kit: bool = False) -> HandOut:
    """Make the hand-out of an assignment.

    Parameters
    ----------
    assignment : Assignment
    student_kit : bool
        Whether the page on checking oneself names the check bundle, which is made apart.

    Returns
    -------
    HandOut
        The same for the same assignment.

    Raises
    ------
    AssignmentError
        Where code is asked for and none is handed out.
    """
    if assignment.has_code and not assignment.template:
        raise AssignmentError(
            f"{assignment.name}: there is no code to hand out",
            remedy="enclose what students write in solution.py in `# BEGIN SOLUTION` and `# END SOLUTION`, or add a template.py",
        )
    return _made(assignment, student_kit=student_kit)


def given(assignment: Assignment) -> Given:
    """Return what marking must know of the hand-out: what of a submission is no student's work.

    Parameters
    ----------
    assignment : Assignment

    Returns
    -------
    Given
        Also where there is no code to hand out.
    """
    made = _made(assignment, student_kit=False)
    strings = documents_of(Submission(student="", path="", files=(), sha256="", sources=made.sources))
    page = Document(name=README, text=_made(assignment, student_kit=True).page.text)
    pages = (page, made.page, *(one for one in made.documents if one.name == TASK))
    return given_of((page, *made.documents, *strings), pages, made.sources, tools=(tool_code(),))


def _made(assignment: Assignment, *, student_kit: bool) -> HandOut:
    given = {document.name: document for document in assignment.handout}
    task = given.pop(TASK, None)
    written = tuple(given.values()) or _made_answers(assignment)
    cells, notes = _cells(assignment, written)
    stem = assignment.stem
    texts = {source.name: "\n".join(source.cells) for source in assignment.template}
    if cells:
        texts[f"{stem}.ipynb"] = notebook_text(cells)
    texts |= {document.name: document.text for document in written}
    page = Document(name=README, text=readme(assignment, tuple(texts), student_kit=student_kit))
    pages = (*((task,) if task is not None else ()), page)
    return HandOut(
        files=tuple(
            HandOutFile(name=name, content=text.encode())
            for name, text in (texts | {one.name: one.text for one in pages}).items()
        ),
        sources=(*assignment.template, *_notebook_source(cells, f"{stem}.ipynb")),
        documents=(*pages, *written, *_notebook_documents(cells, f"{stem}.ipynb")),
        page=page,
        notes=notes,
    )


def _cells(assignment: Assignment, written: tuple[Document, ...]) -> tuple[tuple[Cell, ...], tuple[str, ...]]:
    try:
        return notebook_cells(assignment, written), ()
    except NoCellsError as error:
        return (), (f"no notebook is made: {error}",)


def _made_answers(assignment: Assignment) -> tuple[Document, ...]:
    text = answers_text(assignment)
    return (Document(name=f"{assignment.stem}.md", text=text),) if text else ()


def _notebook_source(cells: tuple[Cell, ...], name: str) -> tuple[Source, ...]:
    places = tuple(number for number, cell in enumerate(cells, start=1) if cell.kind == "code")
    if not places:
        return ()
    texts = tuple(cell.text for cell in cells if cell.kind == "code")
    return (Source(name=name, cells=texts, is_notebook=True, places=places),)


def _notebook_documents(cells: tuple[Cell, ...], name: str) -> tuple[Document, ...]:
    return tuple(
        Document(name=name, text=cell.text, cell=number)
        for number, cell in enumerate(cells, start=1)
        if cell.kind == "markdown"
    )
