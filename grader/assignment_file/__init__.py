"""Reads an assignment folder into typed values, and says what is wrong with one, where, and what to write instead.

The code of an assignment's networks is imported: an assignment is trusted like its solution. Submissions are not read here.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from grader.assignment import Assignment, ExperimentSpec, Policy, QuestionSpec, Sheet, Unit, WrittenPart
from grader.assignment_file.checker import Checker
from grader.assignment_file.code import (
    load_function,
    made_data,
    read_collect,
    read_handout,
    read_solution,
    read_template,
)
from grader.assignment_file.methods import collector
from grader.assignment_file.tables import (
    AssignmentTable,
    ExperimentTable,
    LimitsTable,
    MarkingTable,
    QuestionTable,
    UnitTable,
)
from grader.assignment_file.units import Surroundings, conventions_of, read_unit
from grader.errors import AssignmentError, UsageError
from grader.late.files import rule_of
from grader.late.rule import Rule
from grader.model import TOTAL, Limits, Source

__all__ = ["load", "made_data", "names_asked", "read", "shipped", "shipped_folder"]

# --------------------------------------------------------------------------------------------------------------
# Finding assignments


def shipped_folder() -> Path:
    """Return the folder of the assignments that come with the package, installed or in a checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "assignments"
    return installed if installed.is_dir() else package.parent / "assignments"


def shipped() -> tuple[str, ...]:
    """Return the names of the shipped assignments, sorted."""
    return tuple(sorted(path.parent.name for path in shipped_folder().glob("*/assignment.toml")))


def names_asked(name: str) -> frozenset[str]:
    """Return the functions and classes that students define for a shipped assignment; its networks are not looked at.

    Parameters
    ----------
    name : str
        A shipped name.

    Returns
    -------
    frozenset of str
    """
    raw = tomllib.loads((shipped_folder() / name / "assignment.toml").read_text(encoding="utf-8"))
    tables = [*raw.get("units", {}).values(), raw]
    functions = [entry for table in tables for entry in table.get("functions", {}).items()]
    named = [entry.get("uses", [function.partition(".")[0]]) for function, entry in functions]
    return frozenset(used for names in named for used in names)


def load(name: str) -> Assignment:
    """Read a shipped assignment by name, or any by its folder.

    Parameters
    ----------
    name : str
        A shipped name (`skip_network`) or the path of a folder with an `assignment.toml`.

    Returns
    -------
    Assignment

    Raises
    ------
    UsageError
        Where there is no such assignment.
    AssignmentError
        Where it cannot be used as it is written.
    """
    if name in shipped():
        return read(shipped_folder() / name)
    folder = Path(name)
    # The functions of `os.path` do not raise where the name is too long for a file.
    if os.path.isfile(folder / "assignment.toml"):  # noqa: PTH113
        return read(folder)
    from difflib import get_close_matches  # noqa: PLC0415  (only for what is misspelt)

    close = get_close_matches(name, shipped(), n=1)
    hint = f"did you mean `{close[0]}`? " if close else ""
    is_folder = name != "" and os.path.isdir(folder)  # noqa: PTH112
    raise UsageError(
        f"{name} holds no assignment.toml" if is_folder else f"there is no assignment `{name}`",
        remedy=f"{hint}shipped are: {', '.join(shipped())}; or give a folder that holds an assignment.toml",
    )


def read(folder: Path) -> Assignment:
    """Read and check the assignment in a folder.

    Parameters
    ----------
    folder : Path
        Holds `assignment.toml`, and the network's file where the network is not a shipped one.

    Returns
    -------
    Assignment

    Raises
    ------
    AssignmentError
        With file, key and remedy, for each kind of bad entry.
    """
    file = folder / "assignment.toml"
    check = Checker(file)
    text = _read_text(file)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise AssignmentError(
            f"{file}: not TOML: {error}", remedy="correct the file at this place"
        ) from error
    check.finite("", raw)
    table, tables = _tables(raw, check)
    return _Reader(folder=folder, table=table, tables=tables, check=check, text=text).assignment()


def _read_text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise AssignmentError(
            f"{file}: {error.strerror}", remedy="check the path and its permissions"
        ) from error
    except UnicodeDecodeError as error:
        raise AssignmentError(f"{file}: not UTF-8", remedy="save the file as UTF-8") from error


def _tables(raw: Mapping[str, Any], check: Checker) -> tuple[AssignmentTable, Mapping[str, UnitTable]]:
    """Separate the keys of the assignment from those of its one network, where it has only one."""
    shared = AssignmentTable.__struct_fields__
    single = {k: v for k, v in raw.items() if k in UnitTable.__struct_fields__ and k not in shared}
    rest = {key: value for key, value in raw.items() if key not in single}
    table = check.convert(rest, AssignmentTable, key="")
    if table.units and single:
        raise check.fail(next(iter(single)), "it stands beside `units`", "move it into one of the units")
    if table.units:
        return table, table.units
    return table, {"": check.convert(single, UnitTable, key="")}


class _Reader(Struct, frozen=True, kw_only=True):
    """Puts the parts of an assignment together."""

    folder: Path
    table: AssignmentTable
    tables: Mapping[str, UnitTable]
    check: Checker
    text: str

    def assignment(self) -> Assignment:
        """Check everything and return what is asked."""
        table, check = self.table, self.check
        policy = _policy(table.marking)
        collect, collectors = read_collect(table.collect, self.folder, check)
        general = conventions_of(table.conventions)
        around = Surroundings(folder=self.folder, policy=policy, collectors=collectors, conventions=general)
        read = [
            read_unit(name, entry, around, check.at(f"units.{name}") if name else check)
            for name, entry in self.tables.items()
        ]
        sheet = self._sheet({unit.name: unit for unit, _ in read})
        units = tuple(unit for unit, _ in read if unit.functions)
        experiments = tuple(
            self._experiment(name, entry, collectors) for name, entry in table.experiments.items()
        )
        self._check_names(units, experiments)
        solution = self._solution(units, experiments)
        written = "\n\n\n".join((collect, *self._methods())).strip()
        handout = read_handout(table.solution, self.folder, check)
        template = read_template(table.solution, self.folder, check)
        # What was handed out says which written answers are none; without written answers no grade depends on it.
        texts = [document.text for document in handout] + _cells(template)
        relied_on = [collect, *_cells(solution), *self._setups()]
        relied_on += texts if any(entry.text or entry.is_written for entry in table.questions) else []
        return Assignment(
            name=self.folder.resolve().name,
            title=table.title,
            folder=self.folder,
            units=units,
            questions=self._questions(units, experiments, sheet),
            limits=_limits(table.limits),
            policy=policy,
            digest=self._digest([code for _, code in read], relied_on),
            experiments=experiments,
            collect=written,
            solution=solution,
            given=self._given(solution),
            conventions=general,
            handout=handout,
            template=template,
            known_by_name=self.folder.resolve().name in shipped(),
            sheet=sheet,
            late=self._late(),
        )

    def _late(self) -> Rule | None:
        """Return what lateness costs."""
        if self.table.late is None:
            return None
        try:
            return rule_of(self.table.late, f"{self.check.file}, [late]")
        except UsageError as error:
            raise AssignmentError(error.message, remedy=error.remedy) from error

    def _sheet(self, units: Mapping[str, Unit]) -> Sheet | None:
        """Return what is asked in writing; a unit without functions is there for that alone."""
        written, check = self.table.written, self.check
        for name, unit in units.items():
            if not unit.functions and (written is None or written.unit != name):
                raise check.fail(
                    f"units.{name}" if name else "functions", "no function is asked", "add a function"
                )
        if written is None:
            if any(entry.is_written for entry in self.table.questions):
                raise check.fail("written", "it is missing", "say how values are written: [written.symbols]")
            return None
        check.known("written.unit", [written.unit], tuple(units), "unit")
        unit = units[written.unit]
        from grader.assignment_file.written import read_sheet  # noqa: PLC0415  (loads what reads formulas)

        return read_sheet(written, self.tables[written.unit], unit, self.table.questions, check)

    def _methods(self) -> Iterable[str]:
        for table in self.tables.values():
            for name, entry in table.functions.items():
                if entry.create is not None:
                    yield collector(name, entry)

    def _experiment(self, name: str, entry: ExperimentTable, collectors: Sequence[str]) -> ExperimentSpec:
        check = self.check.at(f"experiments.{name}")
        check.known("collect", [entry.collect], collectors, "function of collect.py")
        check.unique("curves, numbers", [*entry.curves, *entry.numbers])
        if not entry.curves and not entry.numbers:
            raise check.fail("curves", "nothing is asked", "name a curve or a number")
        setup, _ = load_function("setup", entry.setup, self.folder, check)
        return ExperimentSpec(
            name=name,
            function=entry.function,
            setup=setup,
            collector=entry.collect,
            uses=tuple(entry.uses),
            parts=tuple(entry.parts),
            curves=tuple(entry.curves),
            numbers=tuple(entry.numbers),
            cpu_s=entry.cpu_s,
        )

    def _check_names(self, units: Sequence[Unit], experiments: Sequence[ExperimentSpec]) -> None:
        names = [name for unit in units for name in unit.functions]
        self.check.unique("functions", [*names, *(experiment.function for experiment in experiments)])
        self.check.unique("units, experiments", [*(u.name for u in units), *(e.name for e in experiments)])

    def _solution(self, units: Sequence[Unit], experiments: Sequence[ExperimentSpec]) -> tuple[Source, ...]:
        parts = [*(unit.parts for unit in units), *(experiment.parts for experiment in experiments)]
        needed = bool(self.table.given) or any(parts)
        if needed and not self.table.solution:
            raise self.check.fail(
                "solution",
                "known-good parts are asked for, and no solution is named",
                "add solution = FOLDER",
            )
        return read_solution(self.table.solution, self.folder, self.check)

    def _given(self, solution: Sequence[Source]) -> tuple[Source, ...]:
        names = tuple(source.name for source in solution)
        self.check.known("given", self.table.given, names, "file of the solution")
        return tuple(source for source in solution if source.name in self.table.given)

    def _digest(self, networks: Sequence[bytes], texts: Sequence[str]) -> str:
        parts = [self.text.encode(), *networks, *(text.encode() for text in texts if text)]
        return hashlib.sha256(b"\0".join(parts)).hexdigest()

    def _setups(self) -> Iterable[str]:
        files = {entry.setup.partition(":")[0] for entry in self.table.experiments.values()}
        for name in sorted(files):
            if name.endswith(".py"):
                yield _read_text(self.folder / name)

    def _questions(
        self, units: Sequence[Unit], experiments: Sequence[ExperimentSpec], sheet: Sheet | None
    ) -> tuple[QuestionSpec, ...]:
        entries, check = self.table.questions, self.check
        functions = [name for unit in units for name in unit.functions]
        functions += [experiment.function for experiment in experiments]
        check.unique("questions.id", [entry.id for entry in entries])
        if any(entry.id == TOTAL for entry in entries):
            raise check.fail("questions.id", f"`{TOTAL}` means all questions together", "choose another id")
        parts = {part.question: part for part in (sheet.parts if sheet is not None else ())}
        questions = tuple(self._question(entry, parts.get(entry.id)) for entry in entries)
        asked = [name for entry in entries for name in entry.functions]
        check.known("questions.functions", asked, tuple(functions), "function of this assignment")
        check.unique("questions.functions", asked)
        for name in functions:
            if name not in asked:
                raise check.fail(
                    "questions", f"no question asks for `{name}`", "add it to a question or leave it out"
                )
        return questions

    def _question(self, entry: QuestionTable, part: WrittenPart | None) -> QuestionSpec:
        functions = tuple(entry.functions)
        if [bool(functions), bool(entry.text), part is not None].count(True) != 1:
            raise self.check.fail(
                f"questions.{entry.id}",
                "a question asks either for functions, or for formulas or numbers, or for a text",
                "give it `functions`, `formulas`, `numbers` or `text`",
            )
        if part is not None:
            functions = (*part.unit.functions, *([part.identity_function] if part.identities else []))
        return QuestionSpec(
            id=entry.id,
            title=entry.title or entry.id,
            functions=functions,
            points=entry.points,
            headings=tuple(entry.text),
        )


def _cells(sources: Sequence[Source]) -> list[str]:
    return [cell for source in sources for cell in source.cells]


def _policy(table: MarkingTable) -> Policy:
    return Policy(
        rtol=table.rtol,
        atol=table.atol,
        elementwise=table.compare == "elementwise",
        follow_share=table.follow_share,
        edge_cost=table.edge_cost,
        convention_share=table.convention_share,
        label_cost=table.label_cost,
        method_share=table.method_share,
        max_hint=table.max_hint,
    )


def _limits(table: LimitsTable) -> Limits:
    return Limits(
        call_cpu_s=table.call_cpu_s,
        submission_cpu_s=table.submission_cpu_s,
        memory_mib=table.memory_mib,
        output_kib=table.output_kib,
        imports=table.imports,
    )
