"""Templates of an instructor's own: which files of a folder stand for ours, and what is wrong with them before a class is graded."""

from __future__ import annotations

import hashlib
from pathlib import Path

from jinja2 import Environment, meta, nodes

from grader.errors import UsageError
from grader.reports.class_rows import class_row
from grader.reports.conditions import Feedback
from grader.reports.course import class_html
from grader.reports.environments import html_environment, markdown_environment
from grader.reports.fallback import what_failed
from grader.reports.sample import FACTS, GRADES
from grader.reports.student import student_html, student_markdown
from grader.reports.view import public_view

_ENDINGS = (".j2", ".css")
OVERRIDABLE = frozenset(
    path.name
    for path in (Path(__file__).parent / "templates").iterdir()
    if path.suffix in _ENDINGS and not path.name.startswith("cell.")
)
"""The names of the templates that a folder may replace."""


def check_templates(templates: Path) -> None:
    """Make sure that reports can be written with the templates of a folder, by writing some of a made-up class.

    Parameters
    ----------
    templates : Path
        The folder.

    Raises
    ------
    UsageError
        Where it is no folder, where a file has a name that nothing uses, or where a template fails: with file and line.
    """
    if not templates.is_dir():
        raise UsageError(f"{templates} is no folder", remedy="name a folder with templates of your own")
    try:
        _look_through(templates)
        for feedback in Feedback:
            for grade in GRADES:
                view = public_view(grade, feedback, facts=FACTS)
                student_html(view, templates)
                student_markdown(view, templates)
        rows = [class_row(f"student-{number}", grade) for number, grade in enumerate(GRADES)]
        class_html(rows, assignment="sample", facts=FACTS, templates=templates)
    except UsageError:
        raise
    except Exception as error:  # the edge: a template may do anything that an expression can do
        raise UsageError(
            f"a template fails: {what_failed(error, templates)}",
            remedy="mend the template; docs/templates.md of the grader lists what may stand in one",
        ) from error


def digest_of(templates: Path) -> str:
    """Name the content of the templates of a folder, so that a change can be told.

    Parameters
    ----------
    templates : Path

    Returns
    -------
    str
        SHA-256 over names and contents.
    """
    digest = hashlib.sha256()
    for path in _files(templates):
        for part in (path.name.encode(errors="surrogateescape"), path.read_bytes()):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _files(templates: Path) -> list[Path]:
    return sorted(path for path in templates.iterdir() if path.suffix in _ENDINGS and path.is_file())


def _look_through(templates: Path) -> None:
    """Refuse a file that nothing uses, which is mostly a slip in its name, and one that turns escaping off."""
    used = set(OVERRIDABLE)
    for path in _files(templates):
        tree = _environment(path, templates).parse(path.read_text(encoding="utf-8"), path.name, str(path))
        used |= {name for name in meta.find_referenced_templates(tree) if name is not None}
        for node in tree.find_all(nodes.ScopedEvalContextModifier):
            raise UsageError(
                f"{path}:{node.lineno}: escaping cannot be turned off",
                remedy="take the `autoescape` block out: what students write must stay text",
            )
    for path in _files(templates):
        if path.name not in used:
            raise UsageError(
                f"{path} stands for no template of ours, and no other one includes it",
                remedy=f"call it one of {', '.join(sorted(OVERRIDABLE))}",
            )


def _environment(path: Path, templates: Path) -> Environment:
    return markdown_environment(templates) if ".md." in path.name else html_environment(templates)
