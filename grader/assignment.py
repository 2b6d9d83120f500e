"""What an assignment is: the functions, questions, cases and marking numbers that are asked for, as typed values.

Read from a folder by `assignment_file`; nothing here touches a file.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from grader.late.rule import Rule
from grader.model import Array, Document, Limits, Source
from reference.network import Graph

if TYPE_CHECKING:
    # Half of what a check would load, and most assignments ask for no formula.
    from grader.formulas import SymbolTable

RATE = "lr"
"""The argument and case entry that is the learning rate."""


class Role(StrEnum):
    """What a student's function computes."""

    FORWARD = "forward"
    LOSS = "loss"
    BACKWARD = "backward"
    UPDATE = "update"
    STEP = "step"


class FunctionSpec(Struct, frozen=True, kw_only=True):
    """A function that students write, and what its result means."""

    name: str
    """As students read it: `forward`, `ReLULayer.delta`."""
    role: Role
    arguments: tuple[str, ...]
    keys: tuple[str, ...]
    """Dict keys of the result as documented, in the order of a tuple."""
    quantities: tuple[str, ...]
    """The quantity each key stands for."""
    required: frozenset[str]
    """Those of the quantities that carry points; the others are welcome."""
    optional: bool
    single: bool
    """Whether the result is the one value itself."""
    collector: str = ""
    """The function of the assignment's `collect.py` that obtains the answers; empty where the student's own is called."""
    uses: tuple[str, ...] = ()
    """Top-level names of the student's that are needed for it."""


class QuestionSpec(Struct, frozen=True, kw_only=True):
    """A question: some functions, or a text to be written, and the points for it."""

    id: str
    title: str
    functions: tuple[str, ...]
    points: float
    headings: tuple[str, ...] = ()
    """Where a text is looked for that a person reads; empty where functions or formulas are asked."""


class NearRule(Struct, frozen=True, kw_only=True):
    """How a target is drawn close to the network's own output, on either side."""

    near: str
    """The computed node."""
    within: float
    """Largest distance as a share of the node's size."""
    otherwise: tuple[float, float]
    """Range of the distance where the node is too close to zero for a share of it."""


class Kind(StrEnum):
    """What the entries of a leaf are."""

    UNIFORM = "uniform"
    ONE_HOT = "one_hot"
    """Each row has a single one, at the row's class."""
    LABELS = "labels"
    """Whole numbers, the classes of the samples."""
    PROBABILITIES = "probabilities"
    """Each row is positive and sums to one."""


class LeafRule(Struct, frozen=True, kw_only=True):
    """How a leaf is drawn."""

    range: tuple[float, float] | None = None
    """Of uniform entries; None where the leaf is drawn otherwise."""
    shape: tuple[str | int, ...] = ()
    """Of numbers and names of sizes."""
    kind: Kind = Kind.UNIFORM
    classes: str | int = 1
    """Number of classes of labels, or the size that is it."""


class CaseRules(Struct, frozen=True, kw_only=True):
    """How the cases of a unit come about."""

    drawn: int
    leaves: Mapping[str, LeafRule]
    """By leaf, in the order of the network, without those drawn near an output."""
    near: Mapping[str, NearRule]
    sizes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """What each named size may be."""
    rate: tuple[float, float] | None = None
    """Range of the learning rate; None where nothing is updated."""
    worked: Mapping[str, Array] | None = None
    """Leaves as printed in the task, and the learning rate; None where nothing is printed."""
    edges: tuple[Mapping[str, Array], ...] = ()
    """Leaves of further cases, as they are, where failing alone costs only a share."""
    unreachable: tuple[str, ...] = ()
    """What never occurs, and the author accepts: `z0 < 0`, `dL/dw0 != 0`."""


class Policy(Struct, frozen=True, kw_only=True):
    """The numbers of the marking policy that an author may change."""

    rtol: float = 1e-4
    """Allowed relative error of a tensor's norm (or of each entry)."""
    atol: float | None = None
    """Allowed absolute error on top; None: from dtype, reduction length and size of what was summed."""
    elementwise: bool = False
    follow_share: float = 1.0
    """Share of its weight that a quantity earns when it follows from an earlier mistake."""
    edge_cost: float = 0.2
    """What a quantity loses when only edge cases fail."""
    convention_share: float = 0.8
    """What a question earns that is right throughout in another convention."""
    label_cost: float = 0.25
    """What a quantity loses whose line has the right value under another label."""
    method_share: float = 0.5
    """What a quantity earns of which only the chain rule is written, without a formula."""
    max_hint: int = 3
    """The last hint that a student's own check gives: 0 none, 1 where, 2 what kind, 3 the rule."""


class Conventions(Struct, frozen=True, kw_only=True):
    """What means different things in different courses, as far as the assignment declares it; None where it does not."""

    reduction: str | None = None
    """`mean` or `sum` of the loss over the samples."""
    samples: str | None = None
    """`rows` or `columns`."""
    weights: str | None = None
    """`in_out` or `out_in`, the axes of a weight matrix."""
    bias: str | None = None
    """`(M,)`, `(1, M)` or `(M, 1)`."""
    labels: str | None = None
    """`one_hot` or `integer`."""
    gradients: str | None = None
    """`overwrite` or `accumulate`."""
    regulariser: str | None = None
    """`reg W^2` or `reg W^2 / 2`."""


class Unit(Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """A network with the functions asked of it and the cases they are asked on."""

    name: str
    """Stands before its quantities; empty where it is the assignment's only one."""
    where: str
    """Where it is written, for messages."""
    graph: Graph
    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    parameters: tuple[str, ...]
    functions: Mapping[str, FunctionSpec]
    cases: CaseRules
    policy: Policy
    parts: tuple[str, ...] = ()
    """The student's own names that a composition is built of, which known-good ones may replace; empty for a unit proper."""
    conventions: Conventions = Conventions()

    @property
    def loss(self) -> str:
        """Name of the node that gradients are of."""
        return self.graph.loss

    @cached_property
    def order(self) -> tuple[str, ...]:
        """All quantities in marking order: forward, gradients from the loss back, updates as declared."""
        return (
            *self.graph.computed,
            *(self.gradient(name) for name in self.graph.gradient_order(self.parameters)),
            *(updated(name) for name in self.parameters),
        )

    @cached_property
    def silent(self) -> tuple[str, ...]:
        """Inputs and targets whose gradients nobody is asked for."""
        asked = {key for spec in self.by_role(Role.BACKWARD) for key in spec.keys}
        return tuple(leaf for leaf in (*self.inputs, *self.targets) if leaf not in asked)

    def gradient(self, node: str) -> str:
        """Return the name of the gradient of the loss by a node, e.g. `dL/dw0`."""
        return f"d{self.loss}/d{node}"

    def by_role(self, *roles: Role) -> tuple[FunctionSpec, ...]:
        """Return the functions with one of the roles, as declared."""
        return tuple(spec for spec in self.functions.values() if spec.role in roles)

    def asks_about(self, spec: FunctionSpec) -> frozenset[str]:
        """Return the student's names that one of the functions shows right or wrong: a part, or what is built of parts, not both."""
        return frozenset(spec.uses).difference(self.parts) or frozenset(spec.uses)

    @cached_property
    def built(self) -> frozenset[str]:
        """The functions that are built of the parts; a part may be asked for in the same unit, as `forward` beside what calls it."""
        return frozenset(
            name for name, spec in self.functions.items() if self.asks_about(spec).isdisjoint(self.parts)
        )

    def label(self, quantity: str) -> str:
        """Return a quantity's name among those of all units, e.g. `relu.dL/dX`."""
        return f"{self.name}.{quantity}" if self.name else quantity


class ExperimentSpec(Struct, frozen=True, kw_only=True):
    """A training run, or another longer computation, whose curves and final numbers are asked for."""

    name: str
    """Stands before its quantities."""
    function: str
    """As questions and students name it."""
    setup: Callable[[], object]
    """Gives arguments and what is expected; see `grader.experiments`."""
    collector: str
    uses: tuple[str, ...]
    parts: tuple[str, ...]
    curves: tuple[str, ...]
    numbers: tuple[str, ...]
    cpu_s: float

    def label(self, quantity: str) -> str:
        """Return a quantity's name among those of the assignment, e.g. `xor.losses`."""
        return f"{self.name}.{quantity}"


class Identity(Struct, frozen=True, kw_only=True):
    """That a node does not change when something is added to a leaf, to be shown in writing."""

    name: str
    """Its name among the quantities: `shift_invariance`."""
    of: str
    """The node."""
    leaf: str
    shift: str
    """What is added to the leaf: one of the sheet's shifts."""
    steps: int
    """Sides that must stand between the first and the last."""


class WrittenPart(Struct, frozen=True, kw_only=True, eq=False):
    """A question that is answered by formulas, or by numbers, line by line."""

    question: str
    headings: tuple[str, ...]
    """Where its lines are looked for first."""
    unit: Unit
    """What is asked, as functions that nobody calls: of values, gradients and updates."""
    asks_numbers: bool
    """Whether the numbers of the worked case are asked for; else formulas."""
    identities: tuple[Identity, ...] = ()

    @property
    def asked(self) -> tuple[str, ...]:
        """The quantities it asks for, the welcome ones too; without identities."""
        return tuple(quantity for spec in self.unit.functions.values() for quantity in spec.quantities)

    @property
    def required(self) -> frozenset[str]:
        """Those of them that carry points."""
        return frozenset(quantity for spec in self.unit.functions.values() for quantity in spec.required)

    @property
    def identity_function(self) -> str:
        """What identities are asked under, as quantities are under functions."""
        return f"{self.question}.identities"


class Sheet(Struct, frozen=True, kw_only=True, eq=False):
    """What may be written by hand about a network, and what is asked."""

    unit: Unit
    """All that is asked in any part."""
    symbols: SymbolTable
    spellings: Mapping[str, str]
    """How each value is written in the task."""
    parts: tuple[WrittenPart, ...]
    hot: Mapping[str, str] = field(default_factory=dict)
    """Letters for the true class, with the one-hot leaf that says which it is."""
    shifts: tuple[str, ...] = ()
    """Further values of a formula, which are no part of the network."""


class Assignment(Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """What is asked, read and checked."""

    name: str
    title: str
    folder: Path
    units: tuple[Unit, ...]
    questions: tuple[QuestionSpec, ...]
    limits: Limits
    policy: Policy
    digest: str
    """SHA-256 over what grades depend on: the definition and the code of the networks."""
    experiments: tuple[ExperimentSpec, ...] = ()
    collect: str = ""
    """Text of `collect.py`; empty where every function is called as it is."""
    solution: tuple[Source, ...] = ()
    """The right work, for known-good parts; empty where no composition or experiment needs any."""
    given: tuple[Source, ...] = ()
    """Files that were handed out complete, added where a submission has none of that name."""

    conventions: Conventions = Conventions()
    """Those of the units that declare no others."""
    handout: tuple[Document, ...] = ()
    """Texts that were handed out, whose lines are no answer."""
    template: tuple[Source, ...] = ()
    """Code that was handed out; what its docstrings say is no answer either."""
    known_by_name: bool = False
    """Whether it ships with the grader, so that students can check themselves without its folder."""
    sheet: Sheet | None = None
    """What is asked in formulas; None where nothing is."""
    late: Rule | None = None
    """What lateness costs; None where the assignment does not say."""

    @property
    def stem(self) -> str:
        """What files of a hand-out are called that have no name of their own."""
        return file_stem(self.name)

    @property
    def max_points(self) -> float:
        """The full sum."""
        return math.fsum(question.points for question in self.questions)

    @property
    def parts(self) -> tuple[WrittenPart, ...]:
        """The questions that are answered in formulas."""
        return self.sheet.parts if self.sheet is not None else ()

    @cached_property
    def part_of(self) -> Mapping[str, WrittenPart]:
        """The questions that are answered in formulas, by their id."""
        return {part.question: part for part in self.parts}

    @cached_property
    def marked_units(self) -> tuple[Unit, ...]:
        """All units whose quantities are marked: of code, then of written parts."""
        return (*self.units, *(part.unit for part in self.parts))

    @cached_property
    def unit_of(self) -> Mapping[str, Unit]:
        """The unit of each function, those included that stand for what is asked in writing."""
        return {name: unit for unit in self.marked_units for name in unit.functions}

    @cached_property
    def identities_of(self) -> Mapping[str, tuple[Identity, ...]]:
        """The identities asked under each name that stands for a function."""
        return {part.identity_function: part.identities for part in self.parts if part.identities}

    @cached_property
    def experiment_of(self) -> Mapping[str, ExperimentSpec]:
        """The experiment behind each name that questions use for one."""
        return {experiment.function: experiment for experiment in self.experiments}

    @property
    def has_code(self) -> bool:
        """Whether anything is run."""
        return bool(self.units or self.experiments)

    @property
    def has_writing(self) -> bool:
        """Whether anything is answered in writing: texts that a person reads, or formulas."""
        return self.sheet is not None or any(question.headings for question in self.questions)


def updated(parameter: str) -> str:
    """Return the name of a parameter after the step, e.g. `w0_new`."""
    return f"{parameter}_new"


def file_stem(name: str) -> str:
    """Return the name of an assignment as Python can import it: `lab_3` for `lab 3`, `_3rd` for `3rd`."""
    stem = re.sub(r"\W", "_", name)
    return f"_{stem}" if stem[:1].isdigit() else stem
