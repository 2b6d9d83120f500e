"""Reads an assignment folder into typed values, and says what is wrong with one, where, and what to write instead.

The network of an assignment is code and is imported: an assignment is trusted like its solution. Submissions are not read here.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib
import importlib.util
import math
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from grader.assignment import (
    RATE,
    Assignment,
    CaseRules,
    FunctionSpec,
    NearRule,
    Policy,
    QuestionSpec,
    Role,
    updated,
)
from grader.errors import AssignmentError, UsageError
from grader.model import Limits
from reference.network import Graph, NetworkError, trace

_T = TypeVar("_T")


# --------------------------------------------------------------------------------------------------------------
# The file as written


class _FunctionTable(msgspec.Struct, forbid_unknown_fields=True):
    arguments: list[str]
    returns: str | list[str]
    welcome: list[str] = []
    optional: bool = False
    role: Role | None = None


class _QuestionTable(msgspec.Struct, forbid_unknown_fields=True):
    id: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
    functions: Annotated[list[str], msgspec.Meta(min_length=1)]
    points: Annotated[float, msgspec.Meta(gt=0)]
    title: str = ""


class _NearTable(msgspec.Struct, forbid_unknown_fields=True, rename={"otherwise": "else"}):
    near: str
    within: Annotated[float, msgspec.Meta(gt=0, lt=1)]
    otherwise: tuple[float, float]


class _LimitsTable(msgspec.Struct, forbid_unknown_fields=True):
    call_cpu_s: Annotated[float, msgspec.Meta(gt=0)] = 2.0
    submission_cpu_s: Annotated[float, msgspec.Meta(gt=0)] = 10.0
    memory_mib: Annotated[int, msgspec.Meta(ge=64)] = 512
    output_kib: Annotated[int, msgspec.Meta(ge=1, le=96)] = (
        64  # more may not fit into one message of the sandbox
    )
    imports: tuple[str, ...] = ("numpy",)


class _MarkingTable(msgspec.Struct, forbid_unknown_fields=True):
    rtol: Annotated[float, msgspec.Meta(gt=0, le=1e-2)] = 1e-4
    atol: Annotated[float, msgspec.Meta(ge=0)] | None = None
    compare: Literal["norm", "elementwise"] = "norm"
    follow_share: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0
    edge_cost: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.2


class _AssignmentTable(msgspec.Struct, forbid_unknown_fields=True):
    schema: Literal[1]
    title: str
    network: str
    inputs: list[str]
    targets: list[str]
    parameters: Annotated[list[str], msgspec.Meta(min_length=1)]
    functions: Annotated[dict[str, _FunctionTable], msgspec.Meta(min_length=1)]
    questions: Annotated[list[_QuestionTable], msgspec.Meta(min_length=1)]
    cases: dict[str, Any]
    loss: str = "L"
    limits: _LimitsTable = msgspec.field(default_factory=_LimitsTable)
    marking: _MarkingTable = msgspec.field(default_factory=_MarkingTable)


class _CasesTable(msgspec.Struct, forbid_unknown_fields=True):
    ranges: dict[str, tuple[float, float]]
    worked: dict[str, float]
    drawn: Annotated[int, msgspec.Meta(ge=1, le=16)] = 6


# --------------------------------------------------------------------------------------------------------------
# Finding assignments


def shipped_folder() -> Path:
    """Return the folder of the assignments that come with the package, installed or in a checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "assignments"
    return installed if installed.is_dir() else package.parent / "assignments"


def shipped() -> tuple[str, ...]:
    """Return the names of the shipped assignments, sorted."""
    return tuple(sorted(path.parent.name for path in shipped_folder().glob("*/assignment.toml")))


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
    if (folder / "assignment.toml").is_file():
        return read(folder)
    close = difflib.get_close_matches(name, shipped(), n=1)
    hint = f"did you mean `{close[0]}`? " if close else ""
    raise UsageError(
        f"there is no assignment `{name}`",
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
    check = _Checker(file)
    text = _read_text(file)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise AssignmentError(
            f"{file}: not TOML: {error}", remedy="correct the file at this place"
        ) from error
    check.finite("", raw)
    table = check.convert(raw, _AssignmentTable, key="")
    graph, network_code = _network(table, folder, check)
    check.leaves(table, graph)
    functions = {name: _function(name, entry, table, graph, check) for name, entry in table.functions.items()}
    return Assignment(
        name=folder.resolve().name,
        title=table.title,
        folder=folder,
        graph=graph,
        inputs=tuple(table.inputs),
        targets=tuple(table.targets),
        parameters=tuple(table.parameters),
        functions=functions,
        questions=_questions(table, functions, check),
        cases=_cases(table, graph, check),
        limits=Limits(
            call_cpu_s=table.limits.call_cpu_s,
            submission_cpu_s=table.limits.submission_cpu_s,
            memory_mib=table.limits.memory_mib,
            output_kib=table.limits.output_kib,
            imports=table.limits.imports,
        ),
        policy=Policy(
            rtol=table.marking.rtol,
            atol=table.marking.atol,
            elementwise=table.marking.compare == "elementwise",
            follow_share=table.marking.follow_share,
            edge_cost=table.marking.edge_cost,
        ),
        digest=hashlib.sha256(text.encode() + b"\0" + network_code).hexdigest(),
    )


def _read_text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise AssignmentError(
            f"{file}: {error.strerror}", remedy="check the path and its permissions"
        ) from error
    except UnicodeDecodeError as error:
        raise AssignmentError(f"{file}: not UTF-8", remedy="save the file as UTF-8") from error


# --------------------------------------------------------------------------------------------------------------
# Checking what was read


@dataclass(frozen=True, slots=True)
class _Checker:
    """Raises errors that name the file and the key."""

    file: Path

    def fail(self, key: str, message: str, remedy: str) -> AssignmentError:
        return AssignmentError(f"{self.file}: {key}: {message}", remedy=remedy)

    def convert(self, raw: object, kind: type[_T], *, key: str) -> _T:
        try:
            return msgspec.convert(raw, kind)
        except msgspec.ValidationError as error:
            message, _, path = str(error).partition(" - at `$")
            where = ".".join(part for part in (key, path.rstrip("`").lstrip(".")) if part) or "top level"
            raise self.fail(where, message, "see docs/authors.md for what the key may be") from error

    def finite(self, key: str, entry: object) -> None:
        """Refuse `inf` and `nan`, which TOML has and no entry means."""
        if isinstance(entry, dict):
            for name, value in entry.items():
                self.finite(f"{key}.{name}" if key else name, value)
        elif isinstance(entry, list):
            for value in entry:
                self.finite(key, value)
        elif isinstance(entry, float) and not math.isfinite(entry):
            raise self.fail(key, f"`{entry}` is not finite", "write a number")

    def known(self, key: str, names: Iterable[str], allowed: Sequence[str], what: str) -> None:
        for name in names:
            if name not in allowed:
                raise self.fail(key, f"`{name}` is no {what}", f"use one of: {', '.join(allowed)}")

    def unique(self, key: str, names: Sequence[str]) -> None:
        for name in names:
            if names.count(name) > 1:
                raise self.fail(key, f"`{name}` stands more than once", "name each once")

    def leaves(self, table: _AssignmentTable, graph: Graph) -> None:
        named = [*table.inputs, *table.targets, *table.parameters]
        self.unique("inputs, targets, parameters", named)
        self.known("inputs, targets, parameters", named, graph.leaves, "leaf of the network")
        for leaf in graph.leaves:
            if leaf not in named:
                raise self.fail(
                    "inputs, targets, parameters",
                    f"the network reads `{leaf}`, which is none of them",
                    f"add `{leaf}` to one of the three, or set it in the network",
                )


def _network(table: _AssignmentTable, folder: Path, check: _Checker) -> tuple[Graph, bytes]:
    module_name, _, function_name = table.network.partition(":")
    if not function_name:
        raise check.fail(
            "network", f"`{table.network}` has no `:NAME`", 'write "package.module:NAME" or "file.py:NAME"'
        )
    try:
        if module_name.endswith(".py"):
            path = folder / module_name
            spec = importlib.util.spec_from_file_location(f"_network_of_{folder.name}", path)
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
        else:
            module = importlib.import_module(module_name)
    except Exception as error:  # the author's file may raise anything, and is named either way
        raise check.fail(
            "network",
            f"`{module_name}` cannot be loaded: {type(error).__name__}: {error}",
            "correct the name or the file",
        ) from error
    function: Callable[[Any], None] | None = getattr(module, function_name, None)
    if not callable(function):
        raise check.fail("network", f"`{module_name}` has no function `{function_name}`", "correct the name")
    try:
        graph = trace(function, loss=table.loss)
    except NetworkError as error:
        raise check.fail("network", str(error), "correct the network function") from error
    return graph, Path(module.__file__ or "").read_bytes() if module.__file__ else b""


def _function(
    name: str, entry: _FunctionTable, table: _AssignmentTable, graph: Graph, check: _Checker
) -> FunctionSpec:
    key = f"functions.{name}"
    if not name.isidentifier():
        raise check.fail(key, "the name is no Python name", "name the function as students write it")
    role = entry.role or next((role for role in Role if role == name), None)
    if role is None:
        raise check.fail(
            key, "what the function computes is not said", f"add role = one of: {', '.join(Role)}"
        )
    single = isinstance(entry.returns, str)
    keys = [entry.returns] if isinstance(entry.returns, str) else entry.returns
    check.unique(f"{key}.returns", keys)
    if role in (Role.FORWARD, Role.LOSS):
        check.known(f"{key}.returns", keys, graph.computed, "computed node of the network")
        quantities = list(keys)
    elif role is Role.BACKWARD:
        check.known(f"{key}.returns", keys, (*graph.computed, *graph.leaves), "node of the network")
        quantities = [f"d{table.loss}/d{node}" for node in keys]
    else:
        check.known(f"{key}.returns", keys, [updated(p) for p in table.parameters], "updated parameter")
        quantities = list(keys)
    check.known(f"{key}.welcome", entry.welcome, keys, "entry of `returns`")
    check.known(
        f"{key}.arguments", entry.arguments, _arguments(role, table, graph), f"argument of a {role} function"
    )
    required = frozenset(q for k, q in zip(keys, quantities, strict=True) if k not in entry.welcome)
    if not required:
        raise check.fail(f"{key}.welcome", "no result is required", "leave at least one out of `welcome`")
    return FunctionSpec(
        name=name,
        role=role,
        arguments=tuple(entry.arguments),
        keys=tuple(keys),
        quantities=tuple(quantities),
        required=required,
        optional=entry.optional,
        single=single,
    )


def _arguments(role: Role, table: _AssignmentTable, graph: Graph) -> tuple[str, ...]:
    if role is Role.UPDATE:
        return ("weights", "gradients", RATE)
    leaves = (*table.inputs, *table.targets, *table.parameters)
    if role is Role.LOSS:
        return (*leaves, *graph.computed)
    return (*leaves, RATE) if role is Role.STEP else leaves


def _questions(
    table: _AssignmentTable, functions: dict[str, FunctionSpec], check: _Checker
) -> tuple[QuestionSpec, ...]:
    check.unique("questions.id", [entry.id for entry in table.questions])
    asked = [name for entry in table.questions for name in entry.functions]
    check.known("questions.functions", asked, tuple(functions), "function of this assignment")
    check.unique("questions.functions", asked)
    for name in functions:
        if name not in asked:
            raise check.fail(
                "questions", f"no question asks for `{name}`", "add it to a question or leave it out"
            )
    return tuple(
        QuestionSpec(
            id=entry.id,
            title=entry.title or entry.id,
            functions=tuple(entry.functions),
            points=entry.points,
        )
        for entry in table.questions
    )


def _cases(table: _AssignmentTable, graph: Graph, check: _Checker) -> CaseRules:
    raw = dict(table.cases)
    leaves = (*table.inputs, *table.targets, *table.parameters)
    near = {
        leaf: check.convert(raw.pop(leaf), _NearTable, key=f"cases.{leaf}")
        for leaf in table.targets
        if leaf in raw
    }
    cases = check.convert(raw, _CasesTable, key="cases")
    needed = [*leaves, RATE]
    check.known("cases.worked", cases.worked, needed, "leaf of the network")
    check.known("cases.ranges", cases.ranges, needed, "leaf of the network")
    for name in needed:
        if name not in cases.worked:
            raise check.fail("cases.worked", f"`{name}` has no value", f"add {name} = NUMBER")
        if name not in cases.ranges and name not in near:
            raise check.fail("cases.ranges", f"`{name}` has no range", f"add {name} = [LOW, HIGH]")
    for name, (low, high) in [*cases.ranges.items(), *((n, rule.otherwise) for n, rule in near.items())]:
        if not low < high:
            raise check.fail(
                f"cases.{name}", f"the range [{low}, {high}] is empty", "write the lower bound first"
            )
    for leaf, rule in near.items():
        check.known(f"cases.{leaf}.near", [rule.near], graph.computed, "computed node of the network")
    return CaseRules(
        drawn=cases.drawn,
        ranges=cases.ranges,
        near={
            leaf: NearRule(near=rule.near, within=rule.within, otherwise=rule.otherwise)
            for leaf, rule in near.items()
        },
        worked=cases.worked,
    )
