"""Points: each mistake costs once, and who shows more work is never worse off (marking policy, section 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from msgspec import Struct

from grader.assignment import Policy
from grader.model import Finding, Verdict

FREE_OF_COST = frozenset({"input-changed"})
"""Findings that are told and never cost anything by themselves."""
OTHER_CONVENTION = "other-convention"
"""The finding whose every quantity earns the share of its own, and of which none loses its weight."""
STAYS_WRONG = frozenset({"mislabelled"})
"""Findings after which an answer keeps its verdict: its number is no step from an earlier mistake."""


class Marked(Struct, frozen=True, kw_only=True):
    """A quantity with its verdict before points are given."""

    name: str
    verdict: Verdict
    required: bool
    only_edges: bool = False


class Credit(Struct, frozen=True, kw_only=True):
    """What a quantity ends with."""

    verdict: Verdict
    share: float
    """Share of the weight that is earned."""


def credit(
    marked: Sequence[Marked],
    findings: Sequence[Finding],
    behind: Mapping[str, AbstractSet[str]],
    policy: Policy,
) -> dict[str, Credit]:
    """Give each quantity of a question its final verdict and share.

    Parameters
    ----------
    marked : sequence of Marked
        In marking order, with the first mistake also where nobody gave it.
    findings : sequence of Finding
        All of the question.
    behind : mapping of str to set of str
        For each quantity those that are computed from it.
    policy : Policy

    Returns
    -------
    dict of str to Credit
        What a finding explains counts as `follows`, except where the mistake happened; of it, the first required
        quantity loses its weight. A wrong welcome quantity costs the first required one behind it.
    """
    cause = {
        name: finding for finding in findings for name in finding.explains if finding.slip != "unexplained"
    }
    result = {entry.name: _own_credit(entry, cause.get(entry.name), policy) for entry in marked}
    for name in _bearers(marked, findings, behind):
        result[name] = Credit(verdict=result[name].verdict, share=0.0)
    return result


def _own_credit(entry: Marked, cause: Finding | None, policy: Policy) -> Credit:
    if entry.only_edges:
        return Credit(verdict=entry.verdict, share=1.0 - policy.edge_cost)
    if cause is not None and cause.slip == OTHER_CONVENTION:
        verdict = entry.verdict if entry.name == cause.at else Verdict.FOLLOWS
        return Credit(verdict=verdict, share=policy.convention_share)
    if cause is not None and cause.slip not in FREE_OF_COST:
        stays = cause.slip in STAYS_WRONG or entry.name == cause.at
        return Credit(verdict=entry.verdict if stays else Verdict.FOLLOWS, share=policy.follow_share)
    shares = {Verdict.CORRECT: 1.0, Verdict.FOLLOWS: policy.follow_share}
    return Credit(verdict=entry.verdict, share=shares.get(entry.verdict, 0.0))


def _bearers(
    marked: Sequence[Marked], findings: Sequence[Finding], behind: Mapping[str, AbstractSet[str]]
) -> set[str]:
    """Return the required quantities that lose their weight for a finding."""
    required = [entry.name for entry in marked if entry.required]
    at_edges = {entry.name for entry in marked if entry.only_edges}
    charged: set[str] = set()
    bearers: set[str] = set()
    for finding in findings:
        if (
            finding.slip in (*FREE_OF_COST, OTHER_CONVENTION)
            or not finding.explains
            or finding.slip in charged
        ):
            continue
        if at_edges.issuperset(finding.explains):
            continue  # its share is taken off already
        if finding.slip != "unexplained":
            charged.add(finding.slip)  # the same slip at a further place costs nothing more
        explained = [name for name in required if name in finding.explains]
        later = [name for name in required if name in behind.get(finding.at, frozenset())]
        # Where nothing required lies behind, the last required quantity pays: a wrong gradient never earns full marks.
        bearer = next(iter([*explained, *later, *required[-1:]]), None)
        if bearer is not None:
            bearers.add(bearer)
    return bearers
