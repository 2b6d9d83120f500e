"""What an assignment is: the functions, questions, cases and marking numbers that are asked for, as typed values.

Read from a folder by `assignment_file`; nothing here touches a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from grader.model import Limits
from reference.network import Graph

RATE = "lr"
"""The argument and case entry that is the learning rate."""


class Role(StrEnum):
    """What a student's function computes."""

    FORWARD = "forward"
    LOSS = "loss"
    BACKWARD = "backward"
    UPDATE = "update"
    STEP = "step"


@dataclass(frozen=True, kw_only=True, slots=True)
class FunctionSpec:
    """A function that students write, and what its result means."""

    name: str
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


@dataclass(frozen=True, kw_only=True, slots=True)
class QuestionSpec:
    """A question: some functions and the points for them."""

    id: str
    title: str
    functions: tuple[str, ...]
    points: float


@dataclass(frozen=True, kw_only=True, slots=True)
class NearRule:
    """How a target is drawn close to the network's own output, on either side."""

    near: str
    """The computed node."""
    within: float
    """Largest distance as a share of the node's size."""
    otherwise: tuple[float, float]
    """Range of the distance where the node is too close to zero for a share of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseRules:
    """How the cases of an assignment come about."""

    drawn: int
    ranges: dict[str, tuple[float, float]]
    """Uniform range of each leaf that has one, and of the learning rate."""
    near: dict[str, NearRule]
    worked: dict[str, float]
    """Leaves and learning rate as printed in the task."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
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


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """What is asked, read and checked."""

    name: str
    title: str
    folder: Path
    graph: Graph
    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    parameters: tuple[str, ...]
    functions: dict[str, FunctionSpec]
    questions: tuple[QuestionSpec, ...]
    cases: CaseRules
    limits: Limits
    policy: Policy
    digest: str
    """SHA-256 over what grades depend on: the definition and the code of the network."""

    @property
    def loss(self) -> str:
        """Name of the node that gradients are of."""
        return self.graph.loss

    @property
    def max_points(self) -> float:
        """The full sum."""
        return sum(question.points for question in self.questions)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """All quantities in marking order: forward, gradients from the loss back, updates as declared."""
        return (
            *self.graph.computed,
            *(self.gradient(name) for name in self.graph.gradient_order(self.parameters)),
            *(updated(name) for name in self.parameters),
        )

    def gradient(self, node: str) -> str:
        """Return the name of the gradient of the loss by a node, e.g. `dL/dw0`."""
        return f"d{self.loss}/d{node}"

    def by_role(self, *roles: Role) -> tuple[FunctionSpec, ...]:
        """Return the functions with one of the roles, as declared."""
        return tuple(spec for spec in self.functions.values() if spec.role in roles)


def updated(parameter: str) -> str:
    """Return the name of a parameter after the step, e.g. `w0_new`."""
    return f"{parameter}_new"
