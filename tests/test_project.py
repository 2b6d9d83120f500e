"""The project agrees with itself: versions, pages and code name the same things, and nothing names one machine."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

import grader
from grader import assignment_file
from grader.assignment import Role
from grader.assignment_file import tables
from grader.cases import drawn_cases, worked_case
from grader.derivations import mark_written, points_of
from grader.levels import Level
from grader.model import Document, LineVerdict, Status, Verdict
from grader.slips import SLIPS
from reference import operations

ROOT = Path(__file__).resolve().parent.parent
AUTHORS = ROOT / "docs" / "authors.md"
GLOSSARY = ROOT / "docs" / "glossary.md"
DECISIONS = ROOT / "docs" / "decisions"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

TABLES: tuple[tuple[str, type[msgspec.Struct]], ...] = (
    ("", tables.AssignmentTable),
    ("", tables.UnitTable),
    ("functions.NAME.", tables.FunctionTable),
    ("functions.NAME.create.", tables.ValueTable),
    ("questions.", tables.QuestionTable),
    ("questions.identities.", tables.IdentityTable),
    ("written.", tables.WrittenTable),
    ("cases.", tables.CasesTable),
    ("cases.TARGET.", tables.NearTable),
    ("experiments.NAME.", tables.ExperimentTable),
    ("conventions.", tables.ConventionsTable),
    ("limits.", tables.LimitsTable),
    ("marking.", tables.MarkingTable),
)
"""What each table of an `assignment.toml` may hold, by the prefix of its keys on the page for authors."""

REGISTRY_HOST = rb"pypi[.]org|pythonhosted[.]org|anaconda[.]org|pytorch[.]org/whl|npmjs[.]org"
MACHINE_PATH = rb"/(?:home|Users|root)/\w|[A-Z]:\\+Users"
HEAVY = {"torch", "torchvision", "jax", "jaxlib", "tensorflow", "playwright", "selenium"}


def _section(page: Path, heading: str) -> str:
    """Return the text between a heading and the next one of any level."""
    text = page.read_text(encoding="utf-8")
    match = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", text, flags=re.MULTILINE | re.DOTALL)
    assert match is not None, f"{page.name} has no section `{heading}`"
    return match[1]


def _rows(text: str) -> dict[str, list[str]]:
    """Return the cells of each table row by the code word it starts with; each may stand once."""
    rows = [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in text.splitlines()
        if line.startswith("| `")
    ]
    names = [row[0].strip("` ") for row in rows]
    assert len(names) == len(set(names)), "an entry stands twice"
    return dict(zip(names, (row[1:] for row in rows), strict=True))


def _fields() -> Iterator[tuple[str, msgspec.structs.FieldInfo]]:
    for prefix, table in TABLES:
        for field in msgspec.structs.fields(table):
            yield prefix + field.encode_name, field


def _toml(value: object) -> str:
    """Write a default as an author would."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_toml(entry) for entry in value)}]"
    return (
        str(value).lower()
        if isinstance(value, bool)
        else f'"{value}"'
        if isinstance(value, str)
        else str(value)
    )


def _files() -> list[Path]:
    """Return the files of the project, as version control or else the folders have them."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        return [path for name in os.fsdecode(listed.stdout).split("\0") if (path := ROOT / name).is_file()]
    folders = ("grader", "reference", "assignments", "tests", "docs", "benchmarks", "scripts")
    nested = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    return [path for path in (*ROOT.glob("*"), *nested) if path.is_file() and "__pycache__" not in path.parts]


def _naming(pattern: bytes) -> list[str]:
    """Return which files hold a match of a pattern, with the first of them."""
    found = ((path, re.search(pattern, path.read_bytes())) for path in _files())
    return [f"{path.relative_to(ROOT)}: {match[0].decode()}" for path, match in found if match is not None]


# --------------------------------------------------------------------------------------------------------------
# Versions


def test_the_package_and_its_metadata_have_one_version() -> None:
    assert grader.__version__ == PYPROJECT["project"]["version"]


def test_the_newest_entry_of_the_changelog_is_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[(\d[^\]]*)\]", text, flags=re.MULTILINE)
    assert versions[0] == grader.__version__


# --------------------------------------------------------------------------------------------------------------
# The page for authors


def test_every_table_of_an_assignment_is_known_here() -> None:
    there = {
        value
        for _, value in inspect.getmembers(tables, inspect.isclass)
        if issubclass(value, tables.Table) and value is not tables.Table
    }
    assert there == {kind for _, kind in TABLES}


def test_every_key_of_an_assignment_has_an_entry_and_every_entry_is_a_key() -> None:
    assert set(_rows(AUTHORS.read_text(encoding="utf-8"))) == {key for key, _ in _fields()}


def test_every_default_on_the_page_for_authors_is_the_one_in_force() -> None:
    rows = _rows(AUTHORS.read_text(encoding="utf-8"))
    told, right = {}, {}
    for key, field in _fields():
        told[key] = rows[key][1].strip("`")
        if field.required:
            right[key] = "required"
        elif isinstance(field.default, (bool, int, float, str, list, tuple)) and field.default != "":
            right[key] = _toml(field.default)
        elif field.default_factory is list:
            right[key] = "[]"
        elif field.default_factory is dict or (
            isinstance(field.default_factory, type) and issubclass(field.default_factory, msgspec.Struct)
        ):
            right[key] = "{}"
        else:
            assert told[key], f"{key} says in words what happens without it"
            right[key] = told[key]
    assert told == right


def test_every_entry_of_the_page_for_authors_says_type_meaning_and_remedy() -> None:
    for key, cells in _rows(AUTHORS.read_text(encoding="utf-8")).items():
        assert len(cells) == 4, key
        assert all(cells), key


def test_every_role_of_a_function_is_named_on_the_page_for_authors() -> None:
    row = _rows(AUTHORS.read_text(encoding="utf-8"))["functions.NAME.role"]
    assert set(re.findall(r"`(\w+)`", row[2])) == {role.value for role in Role}


def test_every_operation_is_on_the_page_for_authors() -> None:
    section = AUTHORS.read_text(encoding="utf-8").partition("## Operations")[2].partition("\n## ")[0]
    told = {name for cell in re.findall(r"`([^`]+)`", section) for name in re.findall(r"\w+", cell)}
    helpers = {"OPERATIONS", "ForwardSlip", "Operation", "Rule", "Slip", "scaled", "unbroadcast"}
    assert helpers < set(operations.__all__)
    assert set(operations.__all__) - helpers <= told


def _blocks(kind: str) -> list[str]:
    """Return the code blocks of one language on the page for authors."""
    return re.findall(rf"```{kind}\n(.*?)```", AUTHORS.read_text(encoding="utf-8"), re.DOTALL)


def test_the_units_on_the_page_for_authors_are_read_as_they_stand(tmp_path: Path) -> None:
    (tmp_path / "collect.py").write_text(_blocks("python")[1], encoding="utf-8")
    text = _blocks("toml")[1].replace("[units", 'collect = "collect.py"\n\n[units', 1)
    (tmp_path / "assignment.toml").write_text(text, encoding="utf-8")
    [unit] = assignment_file.read(tmp_path).units
    assert [unit.label(quantity) for spec in unit.functions.values() for quantity in spec.quantities] == [
        "relu.Y",
        "relu.dL/dX",
    ]


def test_the_assignment_on_the_page_for_authors_can_be_graded_with(tmp_path: Path) -> None:
    code, text = (_blocks(kind)[0] for kind in ("python", "toml"))
    (tmp_path / "network.py").write_text(code, encoding="utf-8")
    (tmp_path / "assignment.toml").write_text(text, encoding="utf-8")
    asked = assignment_file.read(tmp_path)
    [unit] = asked.units
    worked = worked_case(unit)
    assert worked is not None
    # By hand: z = 0.5 * 2 - 1 = 0, a = 1/2, L = (1/2 - 1)^2 = 1/4, dL/dz = 2 (a - y) a (1 - a) = -1/4.
    assert float(unit.graph.forward(worked.leaves).used[unit.graph.index["L"]]) == pytest.approx(0.25)
    assert float(worked.given_gradients["w"]) == pytest.approx(-0.5)
    assert float(worked.given_gradients["b"]) == pytest.approx(-0.25)
    assert len(drawn_cases(unit, np.random.default_rng(1))) == 6


BY_HAND = r"""
# Derivation

$$z = \omega x + b \qquad \hat{y} = \sigma(z) \qquad \delta = 2 (a - t) a (1 - a)$$

$$w \leftarrow w - \eta \delta x$$
"""
"""Half of a derivation of the neuron on the page for authors, in the spellings that the page gives."""


def test_the_sheet_on_the_page_for_authors_can_be_graded_with(tmp_path: Path) -> None:
    (tmp_path / "network.py").write_text(_blocks("python")[0], encoding="utf-8")
    [sheet] = [text for text in _blocks("toml") if 'title = "One neuron, by hand"' in text]
    (tmp_path / "assignment.toml").write_text(sheet, encoding="utf-8")
    asked = assignment_file.read(tmp_path)
    assert asked.sheet is not None
    assert not asked.has_code
    points = points_of(asked.sheet, np.random.default_rng(1))
    marked = mark_written(points, (Document(name="mine.md", text=BY_HAND),))
    right = {entry.quantity for entry in marked.parts[0].marks.statements if entry.verdict is Verdict.CORRECT}
    # The derivative by b is that by z, so that the line for one answers for the other.
    assert right == {"z", "a", "dL/dz", "dL/db", "w_new"}


def test_the_identity_on_the_page_for_authors_is_read_as_it_stands(tmp_path: Path) -> None:
    """Put into the sheet that it is taken from, in the place of that one's own."""
    report = ROOT / "assignments" / "mlp_lab_report"
    (tmp_path / "network.py").write_text(
        (report / "network.py").read_text(encoding="utf-8"), encoding="utf-8"
    )
    text = (report / "assignment.toml").read_text(encoding="utf-8")
    [block] = [text for text in _blocks("toml") if "shift_invariance" in text]
    shifts, _, question = block.partition("[[questions]]")
    text = text.replace("[written.shifts]\nd = ['d']\n", shifts).replace('id = "shift"', 'id = "another"')
    text = text.replace('[written.hot]\nc = "t"', '[written.hot]\nk = "t"')
    (tmp_path / "assignment.toml").write_text(f"{text}\n[[questions]]{question}", encoding="utf-8")
    part = assignment_file.read(tmp_path).part_of["shift"]
    assert [(one.of, one.leaf, one.shift, one.steps) for one in part.identities] == [("p", "s", "d", 2)]


# --------------------------------------------------------------------------------------------------------------
# The glossary


def test_the_glossary_has_every_slip_with_its_phrase_in_the_order_of_preference() -> None:
    rows = _rows(_section(GLOSSARY, "Slips"))
    assert list(rows.items()) == [(name, [text.phrase]) for name, text in SLIPS.items()]


def test_the_glossary_has_every_status_and_no_other() -> None:
    assert set(_rows(_section(GLOSSARY, "Statuses"))) == {status.value for status in Status}


def test_the_glossary_has_every_verdict_and_no_other() -> None:
    assert set(_rows(_section(GLOSSARY, "Verdicts"))) == {verdict.value for verdict in Verdict}


def test_the_glossary_has_every_verdict_of_a_line_and_no_other() -> None:
    assert set(_rows(_section(GLOSSARY, "Verdicts of lines"))) == {verdict.value for verdict in LineVerdict}


def test_the_glossary_has_every_level_of_isolation() -> None:
    assert set(Level) <= set(_rows(_section(GLOSSARY, "Isolation levels")))


# --------------------------------------------------------------------------------------------------------------
# Pages


def test_links_between_pages_lead_somewhere() -> None:
    pages = [path for path in _files() if path.suffix == ".md" and "assignments" not in path.parts]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert ROOT / "CONTRIBUTING.md" in pages
    assert broken == []


def test_decisions_are_numbered_without_gaps_and_all_listed() -> None:
    names = sorted(path.name for path in DECISIONS.glob("*.md"))
    assert [name[:5] for name in names] == [f"{number:04}-" for number in range(1, len(names) + 1)]
    listed = re.findall(r"\(decisions/([^)]+)\)", (ROOT / "docs" / "README.md").read_text(encoding="utf-8"))
    assert sorted(listed) == names


@pytest.mark.parametrize("page", sorted(DECISIONS.glob("*.md")), ids=lambda page: page.stem)
def test_a_decision_says_situation_choice_alternatives_and_consequences(page: Path) -> None:
    headings = re.findall(r"^## (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert headings == ["Situation", "Choice", "What else was weighed", "What follows"]


# --------------------------------------------------------------------------------------------------------------
# Files and dependencies


def test_no_file_names_a_registry_host() -> None:
    assert _naming(REGISTRY_HOST) == []


def test_no_file_names_a_path_of_one_machine() -> None:
    here = re.escape(os.fsencode(ROOT)) + rb"\b" if len(ROOT.parts) > 2 else MACHINE_PATH
    assert _naming(MACHINE_PATH + rb"|" + here) == []


def test_the_search_for_names_reads_every_kind_of_file() -> None:
    assert {".py", ".toml", ".md", ".ipynb", ""} <= {path.suffix for path in _files()}
    # Put together here, so that this file is not found itself.
    assert re.search(MACHINE_PATH, b"/".join((b"", b"home", b"alice")))
    assert re.search(REGISTRY_HOST, b".".join((b"https://pypi", b"org")))
    assert any(entry.startswith("LICENSE") for entry in _naming(rb"Permission\s+is hereby granted"))


def _requirements(extra: str | None) -> set[str]:
    """Return the packages that the project asks for with an extra, those of extras it refers to included."""
    project = PYPROJECT["project"]
    lines = list(project["dependencies"])
    waiting = [extra] if extra else []
    while waiting:
        for line in project["optional-dependencies"][waiting.pop()]:
            own = re.fullmatch(rf"{re.escape(project['name'])}\[([\w,]+)\]", line)
            waiting.extend(own[1].split(",") if own else [])
            lines.extend([] if own else [line])
    return {re.split(r"[^\w.-]", line, maxsplit=1)[0].lower() for line in lines}


@pytest.mark.parametrize("extra", [None, *PYPROJECT["project"]["optional-dependencies"]])
def test_no_installation_asks_for_a_deep_learning_framework_or_a_browser(extra: str | None) -> None:
    assert {"numpy", "click"} <= _requirements(extra)
    # What drives the browser of a developer's machine is no browser, and nobody else is asked for it.
    allowed = {"playwright"} if extra in ("browser", "dev") else set()
    assert not _requirements(extra) & (HEAVY - allowed)


def test_everything_optional_includes_what_the_tests_need() -> None:
    assert {"pytest", "hypothesis", "autograd"} <= _requirements("all")


def test_modules_of_tests_have_names_of_their_own() -> None:
    """They are imported by their bare names: one of two would stand for both."""
    names = Counter(path.name for path in (ROOT / "tests").rglob("*.py") if path.name != "conftest.py")
    assert [name for name, count in names.items() if count > 1] == []
