"""Proofs that a value does not change: every side equal, from the shifted one to the plain one, with steps between them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from grader import slips
from grader.assignment import Identity, WrittenPart
from grader.derivations.claims import Claim
from grader.derivations.compare import are_close
from grader.derivations.entries import Entry, Standing
from grader.derivations.forms import WAITS
from grader.derivations.labels import Kind
from grader.derivations.points import Points
from grader.derivations.sides import with_definitions
from grader.derivations.values import Scope
from grader.formulas.tree import Application, Index, Sum, Symbol, Tree, Unknown, free_indices, walk
from grader.formulas.values.evaluate import Definition, UnevaluableError, evaluate_over, ranges
from grader.formulas.world import World
from grader.marking.findings import Located
from grader.marking.result import Statement, UnitMarks
from grader.model import Array, Finding, Verdict


class IdentityMarks(Struct, frozen=True, kw_only=True):
    """What is said on the identities of a question."""

    marks: UnitMarks
    entries: tuple[Entry, ...] = ()
    pending: frozenset[str] = frozenset()


def mark_identities(
    part: WrittenPart, claims: Sequence[Claim], points: Points, *, refused: bool
) -> IdentityMarks:
    """Mark the proofs that a question asks for.

    Parameters
    ----------
    part : WrittenPart
    claims : sequence of Claim
        Of the question.
    points : Points
    refused : bool
        Whether some of the documents could not be read to their end.

    Returns
    -------
    IdentityMarks
        `wrong` where a side differs from the one before, or nothing stands between the two ends.
    """
    statements: list[Statement] = []
    findings: list[Located] = []
    entries: list[Entry] = []
    pending: set[str] = set()
    for identity in part.identities:
        found = list(_proofs(identity, claims, points))
        best = min(found, key=lambda one: _ORDER.index(one.standing), default=None)
        entries += [one.entry for one in found]
        statement = Statement(
            function=part.identity_function, quantity=identity.name, verdict=Verdict.MISSING
        )
        if best is None:
            if refused or any(_may_be(claim, identity) for claim in claims):
                statement = replace(statement, reason=WAITS)
                pending.add(identity.name)
        elif best.standing is Standing.UNREAD:
            pending.add(identity.name)
            statement = replace(statement, reason=best.reason)
        elif best.standing in (Standing.OFF, Standing.METHOD):
            statement = replace(statement, verdict=Verdict.WRONG, case="drawn-1", reason=best.reason)
            text = slips.unproved(identity.name, best.reason)
            finding = Finding(slip="unexplained", at=identity.name, explains=(identity.name,), text=text)
            findings.append(Located(part.identity_function, finding))
        else:
            statement = replace(statement, verdict=Verdict.CORRECT, case="drawn-1")
        if identity.name in pending:
            statement = replace(statement, verdict=Verdict.UNDECIDED, share=0.0)
        statements.append(statement)
    return IdentityMarks(
        marks=UnitMarks(statements=tuple(statements), findings=tuple(findings)),
        entries=tuple(entries),
        pending=frozenset(pending),
    )


_ORDER = (Standing.RIGHT, Standing.OFF, Standing.UNREAD, Standing.METHOD)


class _Proof(Struct, frozen=True, kw_only=True):
    entry: Entry
    reason: str = ""

    @property
    def standing(self) -> Standing:
        """How far it goes."""
        return self.entry.standing


def _proofs(identity: Identity, claims: Sequence[Claim], points: Points) -> Iterator[_Proof]:
    for claim in claims:
        if claim.is_withdrawn or not _is_about(claim, identity, points):
            continue
        standing, reason = _shown(claim, identity, points)
        yield _Proof(entry=Entry(claim=claim, quantity=identity.name, standing=standing), reason=reason)


def _is_about(claim: Claim, identity: Identity, points: Points) -> bool:
    """Whether a line goes from a shifted value to the plain one, or back: whatever stands for the plain one."""
    trees = [side.tree for side in claim.line.sides if side.tree is not None]
    if len(trees) < 2:  # noqa: PLR2004 -- the two ends
        return False
    first, last = (_is_shifted(tree, claim, identity) for tree in (trees[0], trees[-1]))
    return first is not last and _is_plain(trees[-1] if first else trees[0], claim, identity, points)


def _is_plain(tree: Tree, claim: Claim, identity: Identity, points: Points) -> bool:
    """Whether a side is the node without a shift, by its name or by its value."""
    if isinstance(tree, Application):
        tree = tree.of
    if isinstance(tree, Symbol):
        return tree.name == identity.of and not tree.primes
    target = Symbol(name=identity.of, index=tuple(Index(name=letter) for letter in free_indices(tree)))
    try:
        values = [
            [_value(one, [tree], world, claim.scope, identity) for one in (tree, target)]
            for world in points.drawn
        ]
    except UnevaluableError:
        return False
    return are_close([value for value, _ in values], [wanted for _, wanted in values])


def _is_shifted(tree: Tree, claim: Claim, identity: Identity) -> bool:
    """Whether a side holds what is added, or shifted values under another name."""
    return any(
        (
            isinstance(node, Symbol)
            and (node.name == identity.shift or (node.name == identity.leaf and node.primes))
        )
        or (isinstance(node, Unknown) and _is_added(node, claim))
        for one in with_definitions(tree, claim.scope.definitions)
        for node in walk(one)
    )


def _is_added(node: Unknown, claim: Claim) -> bool:
    """Whether a name that nobody explains may stand for what is added: a scalar."""
    return not node.index and node.name not in claim.scope.definitions


def _may_be(claim: Claim, identity: Identity) -> bool:
    """Whether a line that is no proof as it was read may be one all the same: it has the shift in it, or could not be read."""
    if claim.is_withdrawn or (claim.label is not None and claim.label.kind is Kind.OWN):
        return False
    trees = [side.tree for side in claim.line.sides if side.tree is not None]
    return not trees or any(_is_shifted(tree, claim, identity) for tree in trees)


def _shown(claim: Claim, identity: Identity, points: Points) -> tuple[Standing, str]:
    trees = [side.tree for side in claim.line.sides]
    if any(tree is None for tree in trees):
        return Standing.UNREAD, WAITS
    sides = [tree for tree in trees if tree is not None]
    try:
        values = [
            [_value(tree, sides, world, claim.scope, identity) for world in points.drawn] for tree in sides
        ]
    except UnevaluableError as error:
        return Standing.UNREAD, error.reason
    for number, (before, after) in enumerate(itertools.pairwise(values), start=2):
        if not are_close(after, before):
            return Standing.OFF, f"side {number} of the line is not what stands before it"
    between = {repr(tree) for tree in sides[1:-1] if not _says_its_name(tree, identity)}
    if len(between) < identity.steps:
        asked = f"{identity.steps} steps" if identity.steps != 1 else "one step"
        return Standing.METHOD, f"it is claimed, not shown: at least {asked} must stand between both ends"
    return Standing.RIGHT, ""


def _says_its_name(tree: Tree, identity: Identity) -> bool:
    """Whether a side is written with the node itself: that shows nothing of it."""
    return any(isinstance(node, Symbol) and node.name == identity.of for node in walk(tree))


def _value(tree: Tree, sides: Sequence[Tree], world: World, scope: Scope, identity: Identity) -> Array:
    shifted = Sum(
        terms=(Symbol(name=identity.leaf, index=(Index(name="k"),)), Symbol(name=identity.shift)),
    )
    added = Symbol(name=identity.shift)
    unknown = {
        node.name
        for one in sides
        for node in walk(one)
        if isinstance(node, Unknown) and not node.index and node.name not in scope.definitions
    }
    definitions = {
        f"{identity.leaf}'": Definition(tree=shifted, indices=("k",)),
        **(dict.fromkeys(unknown, Definition(tree=added)) if len(unknown) == 1 else {}),
        **scope.definitions,
    }
    letters = ranges(sides, world, definitions)
    found = evaluate_over(tree, world, letters, definitions=definitions, axes=scope.axes, budget=scope.budget)
    return np.asarray(found.value)
