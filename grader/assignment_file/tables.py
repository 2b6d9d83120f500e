"""The tables of `assignment.toml` as they are written; what they mean together is checked elsewhere."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from grader.assignment import Role

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Positive = Annotated[float, msgspec.Meta(gt=0)]
Size = Annotated[int, msgspec.Meta(ge=1, le=4096)]
Range = tuple[float, float]
Numbers = Any
"""A number, or nested lists of numbers."""


class Table(msgspec.Struct, forbid_unknown_fields=True):
    """A table in which every key has a meaning."""


class ValueTable(Table):
    """A constant among the arguments of a constructor."""

    value: str | float | int | bool | None


class FunctionTable(Table):
    """`[functions.NAME]`."""

    arguments: list[str]
    returns: str | list[str]
    welcome: list[str] = []
    optional: bool = False
    role: Role | None = None
    collect: str = ""
    uses: list[str] | None = None
    create: list[str | ValueTable] | None = None
    set: list[str] = []
    read: list[str] = []


class IdentityTable(Table):
    """An entry of `identities`."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*$")]
    of: str
    replace: dict[str, str]
    steps: Annotated[int, msgspec.Meta(ge=0, le=20)] = 2


class WrittenTable(Table):
    """`[written]`."""

    symbols: dict[str, list[str]]
    unit: str = ""
    functions: dict[str, list[str]] = {}
    gradients: dict[str, list[str]] = {}
    hot: dict[str, str] = {}
    sizes: dict[str, list[str]] = {}
    shifts: dict[str, list[str]] = {}
    rate: list[str] = []
    indices: str = "ijklmncab"
    d_is_gradient: bool = False


class QuestionTable(Table):
    """`[[questions]]`."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
    points: Positive
    functions: list[str] = []
    title: str = ""
    text: list[str] = []
    headings: list[str] = []
    formulas: list[str] = []
    numbers: list[str] = []
    welcome: list[str] = []
    identities: list[IdentityTable] = []

    @property
    def is_written(self) -> bool:
        """Whether it is answered by formulas or numbers."""
        return bool(self.formulas or self.numbers or self.identities)


class NearTable(Table, rename={"otherwise": "else"}):
    """A target near an output."""

    near: str
    within: Annotated[float, msgspec.Meta(gt=0, lt=1)]
    otherwise: Range


class CasesTable(Table):
    """`[cases]`, without the rules of targets, which stand under their own names."""

    ranges: dict[str, Range] = {}
    drawn: Annotated[int, msgspec.Meta(ge=1, le=16)] = 6
    sizes: dict[str, Annotated[list[Size], msgspec.Meta(min_length=1)]] = {}
    shapes: dict[str, list[str | Size]] = {}
    kinds: dict[str, str] = {}
    worked: dict[str, Numbers] | None = None
    edge: list[dict[str, Numbers]] = []
    unreachable: list[str] = []


class ConventionsTable(Table):
    """`[conventions]`, for all units or one."""

    reduction: Literal["mean", "sum"] | None = None
    samples: Literal["rows", "columns"] | None = None
    weights: Literal["in_out", "out_in"] | None = None
    bias: Literal["(M,)", "(1, M)", "(M, 1)"] | None = None
    labels: Literal["one_hot", "integer"] | None = None
    gradients: Literal["overwrite", "accumulate"] | None = None
    regulariser: Literal["reg W^2", "reg W^2 / 2"] | None = None


class UnitTable(Table):
    """`[units.NAME]`, or the same keys at the top level."""

    network: str
    inputs: list[str]
    targets: list[str]
    parameters: list[str]
    cases: dict[str, Any]
    functions: dict[str, FunctionTable] = {}
    loss: str = "L"
    parts: list[str] = []
    conventions: ConventionsTable = msgspec.field(default_factory=ConventionsTable)


class ExperimentTable(Table):
    """`[experiments.NAME]`."""

    setup: str
    function: str
    collect: str
    uses: list[str]
    curves: list[str] = []
    numbers: list[str] = []
    parts: list[str] = []
    cpu_s: Annotated[float, msgspec.Meta(gt=0, le=600)] = 20.0


class LimitsTable(Table):
    """`[limits]`."""

    call_cpu_s: Positive = 2.0
    submission_cpu_s: Positive = 10.0
    memory_mib: Annotated[int, msgspec.Meta(ge=64)] = 512
    output_kib: Annotated[int, msgspec.Meta(ge=1, le=96)] = (
        64  # more may not fit into one message of the sandbox
    )
    imports: tuple[str, ...] = ("numpy",)


class MarkingTable(Table):
    """`[marking]`."""

    rtol: Annotated[float, msgspec.Meta(gt=0, le=1e-2)] = 1e-4
    atol: Annotated[float, msgspec.Meta(ge=0)] | None = None
    compare: Literal["norm", "elementwise"] = "norm"
    follow_share: Share = 1.0
    edge_cost: Share = 0.2
    convention_share: Share = 0.8
    label_cost: Share = 0.25
    method_share: Share = 0.5
    max_hint: Annotated[int, msgspec.Meta(ge=0, le=3)] = 3


class AssignmentTable(Table):
    """What stands at the top level beside the units."""

    schema: Literal[1]
    title: str
    questions: Annotated[list[QuestionTable], msgspec.Meta(min_length=1)]
    units: dict[Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*$")], UnitTable] = {}
    experiments: dict[Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*$")], ExperimentTable] = {}
    collect: str = ""
    solution: str = ""
    given: list[str] = []
    conventions: ConventionsTable = msgspec.field(default_factory=ConventionsTable)
    limits: LimitsTable = msgspec.field(default_factory=LimitsTable)
    marking: MarkingTable = msgspec.field(default_factory=MarkingTable)
    written: WrittenTable | None = None
    late: dict[str, Any] | None = None
    """Read by `grader.late.files`, as in a file of its own."""
