"""The pages per reader say what is so: whoever does what stands there sees what stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click import Context
from corpus import ASSIGNMENTS
from pages import DOCS, Command, File, fits, run_page, steps

from grader.cli import cli

READERS = ("lecturer", "student", "assistant", "authoring", "developer")
SLOW = {"lecturer", "assistant", "developer"}
"""Pages that grade a class."""
RUN = [name for name in READERS if name != "authoring"]
"""The page for authors is run beside the other tests of authoring."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in RUN]
)
def test_whoever_does_what_a_page_says_sees_what_it_shows(name: str, tmp_path: Path) -> None:
    assert run_page(DOCS / f"{name}.md", tmp_path)


@pytest.mark.parametrize("name", READERS)
def test_a_page_shows_of_every_command_what_it_prints_or_that_something_is_left_out(name: str) -> None:
    """A command that prints nothing shows nothing; that is for the run to find out."""
    found = list(steps((DOCS / f"{name}.md").read_text(encoding="utf-8")))
    calls = [step for step in found if isinstance(step, Command) and step.line.startswith("grader ")]
    assert calls
    assert [step.line for step in calls if not step.shown and " > " not in step.line] == []


def test_every_reader_has_a_page_and_finds_it_in_the_index() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    assert [name for name in READERS if f"({name}.md)" not in index] == []


def test_every_exercise_that_ships_is_in_the_index() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    names = sorted(path.parent.name for path in ASSIGNMENTS.glob("*/assignment.toml"))
    assert sorted(re.findall(r"\(\.\./assignments/(\w+)/task\.md\)", index)) == names


def test_every_file_that_the_page_for_developers_names_is_there() -> None:
    page = (DOCS / "developer.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:grader|reference|tests)/[\w./]*)`", page)
    assert len(named) > 10
    assert [name for name in named if not (DOCS.parent / name).exists()] == []


def _calls(page: str) -> list[list[str]]:
    """Return the words of each call of the grader in code on a page."""
    calls = re.findall(r"`(grader [^`\n]+)`|^\$ (grader .*)$", page, re.MULTILINE)
    return [re.split(r"[\s=]+", inline or line) for inline, line in calls]


def test_every_command_and_option_on_a_page_is_one() -> None:
    context = Context(cli)
    unknown = []
    for page in sorted(DOCS.rglob("*.md")):
        for words in _calls(page.read_text(encoding="utf-8")):
            command = cli.get_command(context, words[1])
            options = {name for one in command.params for name in one.opts} if command else set()
            named = {word for word in words if word.startswith("--")} - {"--help", "--version"}
            if words[1].islower() and (command is None or not named <= options):
                unknown.append(f"{page.name}: {' '.join(words)}")
    assert unknown == []


def test_every_option_that_a_page_for_readers_names_is_one_of_some_command() -> None:
    context = Context(cli)
    commands = [cli.get_command(context, name) for name in cli.list_commands(context)]
    options = {name for command in commands if command for one in command.params for name in one.opts}
    pages = {name: (DOCS / f"{name}.md").read_text(encoding="utf-8") for name in RUN}
    named = [(name, word) for name, page in pages.items() for word in re.findall(r"`(--[a-z-]+)", page)]
    assert len(named) > 5
    assert [(name, word) for name, word in named if word not in options] == []


# --------------------------------------------------------------------------------------------------------------
# The runner itself

PAGE = """
A file `late.toml`:

```toml
days = 1
```

`b/notes.md`:

```text
x
```

<!-- test: not run -->
```console
$ reboot
```

```python
print("no file: nothing says its name")
```

<!-- test: exit 3 -->
```console
$ echo a; echo b
a
...
$ exit 3
```
"""


def test_files_and_commands_are_done_in_the_order_of_the_page() -> None:
    assert list(steps(PAGE)) == [
        File(path="late.toml", text="days = 1\n"),
        File(path="b/notes.md", text="x\n"),
        Command(line="echo a; echo b", shown=("a", "...")),
        Command(line="exit 3", shown=(), code=3),
    ]


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        (("a", "...", "z"), "a\nb\n\nc\nz\n"),
        (("...", "z"), "z\n"),
        (("a … z",), "a 1.0 s z   \n"),
        (("...",), ""),
        ((), "\n"),
        (("a.b",), "a.b"),
        (("a", "b"), "\ufeffa\ngraded 8 of 9, 1.6 per second, 0:01 left\nb\n"),
    ],
)
def test_what_is_printed_fits_what_is_shown(shown: tuple[str, ...], printed: str) -> None:
    assert fits(shown, printed)


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        (("a",), "a\nb\n"),
        (("b", "..."), "a\nb\n"),
        (("a", "...", "c"), "c\na\n"),
        ((), "a\n"),
        (("a.b",), "axb\n"),
        (("a … z",), "a\nz\n"),
    ],
)
def test_what_is_printed_beside_what_is_shown_does_not_fit(shown: tuple[str, ...], printed: str) -> None:
    assert not fits(shown, printed)


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        ("```console\n$ echo a\nb\n```\n", re.escape("$ echo a")),
        ("```console\n$ false\n```\n", "ended with 1"),
        ("<!-- test: exit 1 -->\n```console\n$ true\n```\n", "ended with 0"),
        ("<!-- test: never -->\n```console\n$ true\n```\n", "not a word for tests: never"),
    ],
)
def test_a_page_that_says_what_is_not_so_fails(page: str, complaint: str, tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(page, encoding="utf-8")
    with pytest.raises(AssertionError, match=complaint):
        run_page(tmp_path / "page.md", tmp_path)
