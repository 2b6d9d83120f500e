"""Checks what is asked in writing: every spelling, the quantities of each question, and that no two of them are one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from msgspec.structs import replace

from grader.assignment import RATE, FunctionSpec, Identity, Role, Sheet, Unit, WrittenPart, updated
from grader.assignment_file.cases import read_cases
from grader.assignment_file.checker import Checker
from grader.assignment_file.tables import IdentityTable, QuestionTable, UnitTable, WrittenTable
from grader.formulas import Meaning, Name, SymbolTable, symbol_table
from grader.formulas.values.elementary import ENTRYWISE
from reference.network import Graph

FUNCTIONS = (*ENTRYWISE, "softmax", "max", "min", "sum", "mean", "diag", "tr")
"""What a function of the task may be."""
FORMULA_POINTS = 8
"""Points at which formulas are compared, where the assignment does not say how many."""
USUAL_FUNCTIONS: Mapping[str, tuple[str, ...]] = {
    "relu": ("relu", "ReLU", "Relu", "RELU"),
    "sigmoid": ("sigmoid", "Sigmoid"),
    "softmax": ("softmax", "Softmax", "SoftMax"),
    "sign": ("sign", "sgn", "Sign"),
    "step": ("step",),
}
"""Spellings that hold where the assignment gives a spelling to nothing else."""


class Asked(NamedTuple):
    """What a question asks in writing."""

    quantities: tuple[str, ...]
    required: frozenset[str]


def read_sheet(
    table: WrittenTable,
    unit_table: UnitTable,
    whole: Unit,
    questions: Sequence[QuestionTable],
    check: Checker,
) -> Sheet:
    """Check what is asked in writing.

    Parameters
    ----------
    table : WrittenTable
    unit_table : UnitTable
        Of the network, whose cases are the points at which formulas are compared.
    whole : Unit
        The network as it was read, with or without functions.
    questions : sequence of QuestionTable
    check : Checker
        Of the file.

    Returns
    -------
    Sheet

    Raises
    ------
    AssignmentError
        Where a name means nothing, a spelling means two things, or a quantity is asked that there is not.
    """
    written = [entry for entry in questions if entry.is_written]
    if not written:
        raise check.fail("written", "no question asks for formulas", "give one `formulas` or `numbers`")
    asked = {entry.id: _asked(entry, whole, check) for entry in written}
    quantities = tuple(dict.fromkeys(name for one in asked.values() for name in one.quantities))
    rated = any(name in _updates(whole) for name in quantities)
    if rated and not table.rate:
        raise check.fail(
            "written.rate", "updates are asked and the rate has no name", r'add rate = ["\\alpha"]'
        )
    drawn = {"drawn": FORMULA_POINTS, **unit_table.cases}
    cases = read_cases(msgspec.structs.replace(unit_table, cases=drawn), whole.graph, check, rated=rated)
    base = replace(whole, name="", cases=cases, functions={}, parts=())
    parts = tuple(_part(entry, asked[entry.id], base, table, check) for entry in written)
    every = Asked(quantities=quantities, required=frozenset(quantities))
    return Sheet(
        unit=replace(base, functions=_functions("written", every, base)),
        symbols=_symbols(table, whole, check),
        spellings={name: spellings[0] for name, spellings in _values(table).items()},
        parts=parts,
        hot=_hot(table, whole, check),
        shifts=tuple(table.shifts),
    )


# --------------------------------------------------------------------------------------------------------------
# What is asked


def _asked(entry: QuestionTable, unit: Unit, check: Checker) -> Asked:
    key = f"questions.{entry.id}"
    if entry.formulas and entry.numbers:
        raise check.fail(key, "it asks for formulas and for numbers", "make two questions of it")
    named = [*entry.formulas, *entry.numbers]
    check.unique(key, [*named, *entry.welcome, *(one.name for one in entry.identities)])
    known = (*unit.graph.computed, *_gradients(unit), *_updates(unit))
    check.known(key, [*named, *entry.welcome], known, "quantity of the network")
    if entry.numbers and unit.cases.worked is None:
        raise check.fail(
            key, "it asks for the numbers of the worked case, and there is none", "add [cases.worked]"
        )
    return Asked(quantities=(*named, *entry.welcome), required=frozenset(named))


def _gradients(unit: Unit) -> dict[str, str]:
    """Return the node of each gradient by its name."""
    graph = unit.graph
    return {unit.gradient(name): name for name in (*graph.computed, *graph.leaves) if name != graph.loss}


def _updates(unit: Unit) -> dict[str, str]:
    return {updated(name): name for name in unit.parameters}


def _functions(question: str, asked: Asked, unit: Unit) -> dict[str, FunctionSpec]:
    """Return what is asked as functions that nobody calls, so that it is marked like code."""
    gradients, updates = _gradients(unit), _updates(unit)
    keys: dict[Role, dict[str, str]] = {Role.FORWARD: {}, Role.BACKWARD: {}, Role.STEP: {}}
    for quantity in asked.quantities:
        if quantity in gradients:
            keys[Role.BACKWARD][quantity] = gradients[quantity]
        else:
            keys[Role.STEP if quantity in updates else Role.FORWARD][quantity] = quantity
    words = {Role.FORWARD: "values", Role.BACKWARD: "gradients", Role.STEP: "updates"}
    return {
        f"{question}.{words[role]}": FunctionSpec(
            name=f"{question}.{words[role]}",
            role=role,
            arguments=(),
            keys=tuple(by_quantity.values()),
            quantities=tuple(by_quantity),
            required=asked.required & set(by_quantity),
            optional=False,
            single=False,
        )
        for role, by_quantity in keys.items()
        if by_quantity
    }


def _part(entry: QuestionTable, asked: Asked, base: Unit, table: WrittenTable, check: Checker) -> WrittenPart:
    asks_numbers = bool(entry.numbers)
    cases = base.cases if asks_numbers else replace(base.cases, worked=None)
    return WrittenPart(
        question=entry.id,
        headings=tuple(entry.headings),
        unit=replace(base, functions=_functions(entry.id, asked, base), cases=cases),
        asks_numbers=asks_numbers,
        identities=tuple(_identity(entry.id, one, base.graph, table, check) for one in entry.identities),
    )


def _identity(
    question: str, one: IdentityTable, graph: Graph, table: WrittenTable, check: Checker
) -> Identity:
    key = f"questions.{question}.identities"
    check.known(key, [one.of], graph.computed, "computed node of the network")
    check.known(key, one.replace, graph.leaves, "leaf of the network")
    (leaf, formula), *more = one.replace.items() or [("", "")]
    terms = [term.strip() for term in formula.split("+")]
    if more or len(terms) != 2 or terms[0] != leaf:  # noqa: PLR2004 -- a leaf and what is added to it
        raise check.fail(key, "it does not say what is added to a leaf", 'write replace = { s = "s + d" }')
    check.known(key, terms[1:], tuple(table.shifts), "name in [written.shifts]")
    return Identity(name=one.name, of=one.of, leaf=leaf, shift=terms[1], steps=one.steps)


# --------------------------------------------------------------------------------------------------------------
# Names


def _values(table: WrittenTable) -> dict[str, list[str]]:
    rate = {RATE: table.rate} if table.rate else {}
    return {**table.symbols, **rate, **table.sizes, **table.shifts}


def _symbols(table: WrittenTable, unit: Unit, check: Checker) -> SymbolTable:
    graph = unit.graph
    check.known("written.symbols", table.symbols, (*graph.leaves, *graph.computed), "value of the network")
    for name in (*graph.leaves, *graph.computed):
        if not table.symbols.get(name):
            raise check.fail("written.symbols", f"`{name}` has no spelling", f'add {name} = ["..."]')
    check.known("written.functions", table.functions, tuple(FUNCTIONS), "function that formulas may have")
    check.known("written.sizes", table.sizes, tuple(unit.cases.sizes), "name in [cases].sizes")
    gradients = _gradients(unit)
    check.known("written.gradients", table.gradients, tuple(gradients), "gradient of the network")
    names = [
        *_value_names(table, unit),
        *(
            Name(name=gradients[quantity], spellings=tuple(spellings), meaning=Meaning.GRADIENT)
            for quantity, spellings in table.gradients.items()
        ),
        *_function_names(table),
    ]
    try:
        return symbol_table(
            names, loss=graph.loss, indices={*table.indices, *table.hot}, d_is_gradient=table.d_is_gradient
        )
    except ValueError as error:
        raise check.fail("written", str(error), "give every name spellings of its own") from error


def _value_names(table: WrittenTable, unit: Unit) -> Iterable[Name]:
    graph, axes = unit.graph, _axes(unit)
    behind: dict[str, frozenset[str]] = {}
    for name in graph.computed:
        direct = {graph.nodes[i].name or "" for i in graph.named_sources(graph.index[name])}
        behind[name] = frozenset(direct).union(*(behind.get(one, frozenset()) for one in direct))
    for name, spellings in _values(table).items():
        yield Name(
            name=name,
            spellings=tuple(spellings),
            is_parameter=name in unit.parameters,
            axes=axes.get(name, 0),
            inputs=behind.get(name, frozenset()),
        )


def _axes(unit: Unit) -> dict[str, int]:
    """Return how many indices each value may have, told by a pass of the largest sizes: a column or row has one."""
    rules = unit.cases
    sizes = {name: max(options) for name, options in rules.sizes.items()}
    leaves = {
        name: np.full([sizes.get(str(one)) or int(one) for one in rule.shape], 0.5)
        for name, rule in rules.leaves.items()
    }
    run = unit.graph.forward({**dict.fromkeys(rules.near, np.asarray(0.5)), **leaves})
    # A target that is drawn near an output has its shape.
    near = {name: np.full_like(unit.graph.value(run, rule.near), 0.5) for name, rule in rules.near.items()}
    run = unit.graph.forward({**near, **leaves})
    shapes = {name: np.shape(run.used[i]) for name, i in unit.graph.index.items()}
    return {name: len(shape) - min(shape.count(1), max(len(shape) - 1, 0)) for name, shape in shapes.items()}


def _function_names(table: WrittenTable) -> Iterable[Name]:
    taken = {
        spelling for names in (_values(table), table.functions) for one in names.values() for spelling in one
    }
    for name in dict.fromkeys((*table.functions, *USUAL_FUNCTIONS)):
        usual = [one for one in USUAL_FUNCTIONS.get(name, ()) if one not in taken]
        spellings = (*table.functions.get(name, ()), *usual)
        if spellings:
            yield Name(name=name, spellings=spellings, meaning=Meaning.FUNCTION)


def _hot(table: WrittenTable, unit: Unit, check: Checker) -> Mapping[str, str]:
    check.known("written.hot", table.hot.values(), unit.graph.leaves, "leaf of the network")
    return dict(table.hot)
