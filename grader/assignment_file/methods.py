"""Writes the collector of a method that a table describes: make the object, set its attributes, call, read attributes.

So there is one way in which answers are obtained from objects, whether an author writes it in Python or in the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.assignment_file.tables import FunctionTable, ValueTable


def collector_name(function: str) -> str:
    """Return the name of the collector written for a method, e.g. `collect_ReLULayer_forward`."""
    return f"collect_{function.replace('.', '_')}"


def collector_arguments(table: FunctionTable) -> tuple[str, ...]:
    """Return all values that the collector is called with: those of the method, the constructor and the attributes."""
    made = [name for name in table.create or () if isinstance(name, str)]
    return tuple(dict.fromkeys([*table.arguments, *made, *table.set]))


def collector(function: str, table: FunctionTable) -> str:
    """Write the collector of a method.

    Parameters
    ----------
    function : str
        `Class.method`; checked to be two names.
    table : FunctionTable
        With `create`; its names are checked.

    Returns
    -------
    str
        Python.

    Examples
    --------
    >>> table = FunctionTable(arguments=["X"], returns="Y", create=[ValueTable(value="relu")])
    >>> print(collector("ReLULayer.forward", table))
    def collect_ReLULayer_forward(student, X):
        subject = student.ReLULayer('relu')
        return subject.forward(X)
    """
    owner, _, method = function.partition(".")
    given = ", ".join(("student", *collector_arguments(table)))
    lines = [
        f"def {collector_name(function)}({given}):",
        f"    subject = student.{owner}({', '.join(_created(table.create or ()))})",
        *(f"    subject.{name} = {name}" for name in table.set),
        *_ending(method, table),
    ]
    return "\n".join(lines)


def _created(entries: Sequence[str | ValueTable]) -> Iterator[str]:
    for entry in entries:
        yield entry if isinstance(entry, str) else repr(entry.value)


def _ending(method: str, table: FunctionTable) -> Iterator[str]:
    call = f"subject.{method}({', '.join(table.arguments)})"
    if not table.read:
        yield f"    return {call}"
        return
    keys = [table.returns] if isinstance(table.returns, str) else table.returns
    read = ", ".join(f"{key!r}: subject.{path}" for key, path in zip(keys, table.read, strict=True))
    yield f"    {call}"
    yield f"    return {{{read}}}"
