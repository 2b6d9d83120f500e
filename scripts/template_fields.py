"""Writes the part of docs/templates.md between the markers: every field that a template can show, from the views themselves."""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
import typing
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from grader.reports.class_view import ClassView  # noqa: E402  (from the clone, installed or not)
from grader.reports.view import StudentView  # noqa: E402

PAGE = ROOT / "docs" / "templates.md"
START, END = "<!-- generated: fields -->\n", "<!-- end of generated part -->"
ROOTS = (StudentView, ClassView)


def views() -> list[type[Struct]]:
    """Return the views and all that they hold, each once, from the outside in."""
    found: list[type[Struct]] = []
    waiting: list[type[Struct]] = list(ROOTS)
    while waiting:
        view = waiting.pop(0)
        if view in found:
            continue
        found.append(view)
        hints = typing.get_type_hints(view)
        waiting += [inner for field in view.__struct_fields__ for inner in _inside(hints[field])]
        waiting += [
            inner
            for getter in _properties(view).values()
            for inner in _inside(typing.get_type_hints(getter)["return"])
        ]
    return found


def _inside(kind: object) -> Iterator[type[Struct]]:
    """Yield the views in a type: `tuple[QuestionView, ...]` holds one."""
    if isinstance(kind, type) and issubclass(kind, Struct) and kind.__module__.startswith("grader.reports"):
        yield kind
    for inner in typing.get_args(kind):
        yield from _inside(inner)


def _properties(view: type) -> dict[str, typing.Callable[..., object]]:
    found = {}
    for name, member in vars(view).items():
        getter = getattr(member, "fget", None) or getattr(member, "func", None)
        if getter is not None and not name.startswith("_"):
            found[name] = getter
    return found


def _said(view: type) -> dict[str, str]:
    """Return the text under each field of a class, by its name."""
    [body] = ast.parse(textwrap.dedent(inspect.getsource(view))).body
    assert isinstance(body, ast.ClassDef)
    found = {}
    for field, text in zip(body.body, body.body[1:], strict=False):
        is_text = isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
        if is_text and isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            found[field.target.id] = " ".join(str(text.value.value).split())  # type: ignore[attr-defined]
    return found


def fields_text() -> str:
    """Write a table for each view."""
    parts = []
    for view in views():
        said, hints = _said(view), inspect.get_annotations(view)
        rows = [(field, str(hints[field]), said.get(field, "")) for field in view.__struct_fields__]
        rows += [
            (name, str(inspect.get_annotations(getter)["return"]), (getter.__doc__ or "").split("\n")[0])
            for name, getter in _properties(view).items()
        ]
        head = f"### {view.__name__}\n\n{(view.__doc__ or '').splitlines()[0]}\n\n| name | type | |\n|---|---|---|\n"
        parts.append(
            head
            + "".join(
                f"| `{name}` | `{kind.replace('|', 'or')}` | {_cell(text)} |\n" for name, kind, text in rows
            )
        )
    return "\n" + "\n".join(parts) + "\n"


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|")


def with_fields(page: str) -> str:
    """Put the tables into the text of the page."""
    before, _, rest = page.partition(START)
    return f"{before}{START}{fields_text()}{END}{rest.partition(END)[2]}"


def main() -> None:
    """Write the page again."""
    PAGE.write_text(with_fields(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
