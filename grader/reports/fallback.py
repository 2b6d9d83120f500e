"""What becomes of a report where an instructor's template fails: ours is taken, and what failed is told."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

from jinja2 import TemplateNotFound, TemplateSyntaxError


def with_ours(render: Callable[[Path | None], str], templates: Path | None) -> tuple[str, str | None]:
    """Render with an instructor's templates; where one fails, with ours: a report is not worth a grade.

    Parameters
    ----------
    render : callable
        Takes the folder of the templates, or None for ours.
    templates : Path or None

    Returns
    -------
    (str, str or None)
        The text, and what failed; None where nothing did.
    """
    if templates is None:
        return render(None), None
    try:
        return render(templates), None
    except Exception as error:  # noqa: BLE001  the edge: a template may do anything that an expression can do
        return render(None), what_failed(error, templates)


def what_failed(error: Exception, templates: Path) -> str:
    """Say in one line which template failed, where in it, and why.

    Parameters
    ----------
    error : Exception
        What it raised.
    templates : Path
        The folder of the templates.

    Returns
    -------
    str
        `FILE:LINE: reason`.
    """
    why = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, TemplateNotFound):
        why = f"there is no template {why}"
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or templates}:{error.lineno}: {why}"
    if isinstance(error, UnicodeDecodeError):
        return f"{_undecodable(templates)}: it is not UTF-8"
    own = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).parent == templates
    ]
    return f"{own[-1].filename}:{own[-1].lineno}: {why}" if own else f"{templates}: {why}"


def _undecodable(templates: Path) -> Path:
    """Return the file that is no text; the folder where all are."""

    def broken() -> Iterator[Path]:
        for path in sorted(templates.iterdir()):
            try:
                path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                yield path
            except OSError:
                continue

    return next(broken(), templates)
