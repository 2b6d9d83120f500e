"""The pages on mistakes, read as a test reads them: what each names, its example, and the submission the example makes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus import ASSIGNMENTS

FOLDER = Path(__file__).parent.parent / "docs" / "slips"
HEADINGS = ("What it looks like", "Why it happens", "Example", "How to see it, and fix it")
RIGHT_ON_PAPER = "correct/cases_in_every_line.md"
"""What examples of a written line are put into, of the corpus of their assignment."""
_PAGE = re.compile(
    r"# `(?P<slip>[a-z-]+)`: (?P<phrase>.+?)\n"
    r".*^In \[`(?P<assignment>\w+)`\]\(../../assignments/(?P=assignment)/task\.md\), with everything else right"
    r"(?: and the optional `(?P<without>\w+)` left out)?:\n\n"
    r"```(?P<language>python|latex)\n(?P<example>.*?)\n```\n\n"
    r"The grader says:\n\n> (?P<said>[^\n]+)\n",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True, kw_only=True)
class SlipPage:
    """A page on one mistake."""

    name: str
    """Of the file, without its ending."""
    slip: str
    phrase: str
    headings: tuple[str, ...]
    assignment: str
    language: str
    example: str
    said: str
    """What the page says that the grader says."""
    without: str | None = None
    """A function that the submission leaves out."""

    @property
    def file_name(self) -> str:
        """What the submission of its example is called."""
        return f"{self.name}.py" if self.language == "python" else f"{self.name}.md"

    def submission(self) -> str:
        """Put the example in the place of what is right."""
        folder = ASSIGNMENTS / self.assignment
        if self.language == "python":
            solution = (folder / "solution.py").read_text(encoding="utf-8")
            return _with_functions(solution, self.example, self.without)
        return _with_line((folder / "submissions" / RIGHT_ON_PAPER).read_text(encoding="utf-8"), self.example)


def pages() -> Iterator[SlipPage]:
    """Read every page; one that has another form is an error."""
    for path in sorted(FOLDER.glob("*.md")):
        if path.stem != "README":
            text = path.read_text(encoding="utf-8")
            match = _PAGE.match(text)
            assert match is not None, f"{path.name} has not the form of the other pages"
            headings = tuple(re.findall(r"^## (.+)$", text, re.MULTILINE))
            yield SlipPage(name=path.stem, headings=headings, **match.groupdict())


def _with_functions(solution: str, example: str, without: str | None) -> str:
    """Take functions and methods out of a solution, and put those of an example there."""
    lines, new_lines = solution.splitlines(), example.splitlines()
    there, parsed = _functions(ast.parse(solution)), ast.parse(example)
    new = {name: new_lines[start - 1 : end] for name, (start, end) in _functions(parsed).items()}
    if without is not None:
        new[without] = []
    # From the end, so that the numbers of the lines before still hold.
    for name in sorted(new, key=lambda name: -there[name][0]):
        first, last = there[name]
        lines[first - 1 : last] = new[name]
    more = [ast.unparse(node) for node in parsed.body if not isinstance(node, ast.FunctionDef | ast.ClassDef)]
    # `from __future__` must stay first, so what the example has besides comes last; functions look it up when called.
    return "\n".join([*lines, *more, ""])


def _functions(tree: ast.Module) -> Mapping[str, tuple[int, int]]:
    """Return the first and the last line of each function and method."""
    found = {}
    for node in tree.body:
        inside = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
        for one in inside:
            if isinstance(one, ast.FunctionDef):
                found[prefix + one.name] = (one.lineno, one.end_lineno or one.lineno)
    return found


def _with_line(document: str, example: str) -> str:
    """Put a line in the place of the last one with the same left side."""
    left = example.partition("=")[0] + "="
    before, there, after = document.rpartition(f"\n{left}")
    assert there, f"the document has no line that begins with {left}"
    return f"{before}\n{example}\n{after.partition(chr(10))[2]}"
