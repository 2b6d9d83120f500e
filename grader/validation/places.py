"""Where a change of the code shows first: what the first mistake must be, told from the values alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from grader.assignment import Role, Unit, updated
from grader.marking.expectations import Key
from grader.marking.trials import Trial
from grader.model import AnswerKind
from grader.validation.planting import differs


def changed_on(trials: Sequence[Trial]) -> Mapping[str, frozenset[Key]]:
    """Return by case which answers are other ones than the reference's; cases where none is are left out.

    Parameters
    ----------
    trials : sequence of Trial

    Returns
    -------
    mapping of str to set of Key
        What is no number, or has another shape, is another answer. Where a kink leaves the value open, any is as right.
        Functions that returned nothing have no answers, and are left out.
    """
    found: dict[str, frozenset[Key]] = {}
    for trial in trials:
        wrong = frozenset(key for key in trial.answers if _is_wrong(trial, key))
        if wrong and not trial.repeated:
            found[trial.reference.case.name] = wrong
    return found


def _is_wrong(trial: Trial, key: Key) -> bool:
    expectation = trial.reference.by_key[key]
    answer = trial.answers[key]
    if answer.kind is not AnswerKind.GIVEN:
        return True
    number = trial.number(key)
    return number is None or (not expectation.free and differs(number, expectation.value))


def first_places(unit: Unit, wrong: Collection[str]) -> frozenset[str]:
    """Return where the mistake behind some wrong quantities may be.

    Parameters
    ----------
    unit : Unit
    wrong : collection of str
        The quantities whose answers are other ones.

    Returns
    -------
    set of str
        The first of them in marking order, and what nobody is asked for that it comes from directly; as labels.
    """
    first = next((quantity for quantity in unit.order if quantity in wrong), None)
    if first is None:
        return frozenset()
    asked = {quantity for spec in unit.functions.values() for quantity in spec.quantities}
    found, waiting = {first}, [first]
    while waiting:
        for source in _comes_from(unit, waiting.pop()):
            if source not in asked and source not in found:
                found.add(source)
                waiting.append(source)
    return frozenset(map(unit.label, found))


def _comes_from(unit: Unit, quantity: str) -> Iterator[str]:
    """Yield the quantities that one is computed from directly."""
    graph = unit.graph
    gradients = {unit.gradient(name): name for name in graph.index}
    news = {updated(name): name for name in unit.parameters}
    if quantity in news:
        if unit.by_role(Role.STEP):
            yield unit.gradient(news[quantity])
    elif quantity in gradients:
        place = graph.index[gradients[quantity]]
        for name in graph.computed:
            if place in graph.named_sources(graph.index[name]):
                yield unit.gradient(name)
    else:
        names = {index: name for name, index in graph.index.items()}
        for source in graph.named_sources(graph.index[quantity]):
            if names[source] in graph.computed:
                yield names[source]
