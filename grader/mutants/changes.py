"""The operators that make mutants: what may stand in the place of a piece of code, found in its syntax tree alone.

They are those of mutation testing (DeMillo, Lipton and Sayward 1978, "Hints on test data selection", Computer 11, 34;
Offutt et al. 1996, "An experimental determination of sufficient mutant operators", TOSEM 5, 99): operators and constants
are exchanged, variables stand for one another, operands and lines are dropped. None of them knows of a derivative.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

from msgspec import Struct

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef

MOST_VARIABLES = 4
"""Other variables that are tried in the place of one: with many, all pairs would say little more."""

OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add, ast.Div),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
}
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}


class Change(Struct, frozen=True, kw_only=True):
    """A piece of a text, and what stands in its place."""

    kind: str
    function: str
    line: int
    start: int
    """Its first byte in the text."""
    end: int
    before: str
    after: str


def changes_in(text: str) -> Iterator[Change]:
    """Yield the changes of a module: in the bodies of its functions, in the order of the text.

    Parameters
    ----------
    text : str
        Python code.

    Yields
    ------
    Change

    Raises
    ------
    SyntaxError
        Where it is no Python.
    """
    tree = ast.parse(text)
    place = _Places(text)
    for name, function in _functions(tree, ""):
        scope = _Scope.of(function)
        for statement in function.body:
            yield from _in_statement(statement, scope, place, name)


class _Places(Struct, frozen=True):
    """Where nodes stand in a text."""

    text: str

    def change(self, kind: str, function: str, node: ast.expr | ast.stmt, after: str) -> Change:
        """Return the change of a node."""
        starts = self._line_starts()
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[node.end_lineno - 1] + node.end_col_offset
        before = self.text.encode()[start:end].decode()
        return Change(
            kind=kind,
            function=function,
            line=node.lineno,
            start=start,
            end=end,
            before=before,
            after=after,
        )

    def _line_starts(self) -> list[int]:
        starts = [0]
        for line in self.text.encode().splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        return starts


class _Scope(Struct, frozen=True):
    """The names a function knows, in the order in which they come."""

    variables: tuple[str, ...]
    keys: tuple[str, ...]
    """Texts that things are looked up by."""
    attributes: tuple[str, ...]
    """Of `self`, as they are read."""

    @classmethod
    def of(cls, function: FunctionNode) -> _Scope:
        arguments = function.args
        named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        variables = dict.fromkeys(argument.arg for argument in named if argument.arg not in ("self", "cls"))
        keys: dict[str, None] = {}
        attributes: dict[str, None] = {}
        called = {
            id(node.func)
            for node in ast.walk(function)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        }
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                variables[node.id] = None
            if isinstance(node, ast.Subscript) and (key := _key(node)) is not None:
                keys[key] = None
            if _is_of_self(node) and id(node) not in called:
                assert isinstance(node, ast.Attribute)
                attributes[node.attr] = None
        return cls(tuple(variables), tuple(keys), tuple(attributes))


def _functions(tree: ast.AST, prefix: str) -> Iterator[tuple[str, FunctionNode]]:
    """Yield the functions and methods, those inside functions as part of these."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, FunctionNode):
            yield f"{prefix}{node.name}", node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{prefix}{node.name}.")
        elif isinstance(node, ast.stmt):
            yield from _functions(node, prefix)


def _in_statement(statement: ast.stmt, scope: _Scope, place: _Places, function: str) -> Iterator[Change]:
    if _is_text(statement) or isinstance(statement, ast.Raise | ast.Assert | ast.Import | ast.ImportFrom):
        return
    if isinstance(statement, ast.Assign | ast.AugAssign | ast.Expr) or (
        isinstance(statement, ast.AnnAssign) and statement.value is not None
    ):
        yield place.change("line", function, statement, "pass")
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.expr) and not _is_annotation(child, statement):
            yield from _in_expression(child, scope, place, function)
        elif isinstance(child, ast.stmt):
            yield from _in_statement(child, scope, place, function)
        elif isinstance(child, ast.ExceptHandler | ast.withitem | ast.arguments):
            for inner in ast.iter_child_nodes(child):
                if isinstance(inner, ast.stmt):
                    yield from _in_statement(inner, scope, place, function)
                elif isinstance(inner, ast.expr):
                    yield from _in_expression(inner, scope, place, function)


def _is_text(statement: ast.stmt) -> bool:
    """Whether it is a string that stands alone, such as a docstring."""
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _is_annotation(expression: ast.expr, statement: ast.stmt) -> bool:
    annotation = getattr(statement, "annotation", None)
    returns = getattr(statement, "returns", None)
    return expression is annotation or expression is returns


def _in_expression(node: ast.expr, scope: _Scope, place: _Places, function: str) -> Iterator[Change]:
    if isinstance(node, ast.JoinedStr):
        return  # before Python 3.12 its parts have no places of their own
    for kind, after in _instead(node, scope):
        yield place.change(kind, function, node, ast.unparse(after))
    for child in _read(node):
        yield from _in_expression(child, scope, place, function)


def _read(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the expressions that are read in one; what is called by its name stays what it is."""
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.Call) and child is node.func:
            if isinstance(child, ast.Attribute) and not isinstance(child.value, ast.Name):
                yield child.value
            continue
        if isinstance(child, ast.comprehension):
            yield child.iter
            yield from child.ifs
        elif isinstance(child, ast.keyword):
            yield child.value
        elif isinstance(child, ast.expr) and not _is_stored(child):
            yield child


def _is_stored(node: ast.expr) -> bool:
    return isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)


# --------------------------------------------------------------------------------------------------------------
# What may stand in the place of an expression


def _instead(node: ast.expr, scope: _Scope) -> Iterator[tuple[str, ast.expr]]:
    yield from (("operator", other) for other in _other_operators(node))
    yield from (("constant", other) for other in _other_constants(node))
    yield from (("variable", other) for other in _other_variables(node, scope))
    yield from (("operand", other) for other in _without_an_operand(node))


def _other_operators(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp):
        for operator in OPERATORS.get(type(node.op), ()):
            yield ast.BinOp(node.left, operator(), node.right)
        if isinstance(node.op, ast.Sub | ast.Div | ast.MatMult):
            yield ast.BinOp(node.right, node.op, node.left)
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        for comparison in COMPARISONS.get(type(node.ops[0]), ()):
            yield ast.Compare(node.left, [comparison()], node.comparators)
    elif isinstance(node, ast.IfExp):
        yield ast.IfExp(node.test, node.orelse, node.body)


def _other_constants(node: ast.expr) -> Iterator[ast.expr]:
    if not isinstance(node, ast.Constant):
        return
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        yield from (ast.Constant(other) for other in (value + 1, value - 1, 2 * value) if other != value)


def _other_variables(node: ast.expr, scope: _Scope) -> Iterator[ast.expr]:
    if isinstance(node, ast.Name) and node.id in scope.variables:
        for name in _others(scope.variables, node.id):
            yield ast.Name(name, ast.Load())
    elif isinstance(node, ast.Subscript) and (key := _key(node)) is not None:
        for other in _others(scope.keys, key):
            yield ast.Subscript(node.value, ast.Constant(other), ast.Load())
    elif _is_of_self(node):
        assert isinstance(node, ast.Attribute)
        for name in _others(scope.attributes, node.attr):
            yield ast.Attribute(node.value, name, ast.Load())


def _others(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    """Return the names that come next to one, around the end, as many as are tried."""
    if name not in names:
        return ()
    at = names.index(name)
    return (*names[at + 1 :], *names[:at])[:MOST_VARIABLES]


def _without_an_operand(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp):
        yield node.left
        yield node.right
    elif isinstance(node, ast.BoolOp):
        yield from node.values
    elif isinstance(node, ast.IfExp):
        yield node.body
        yield node.orelse
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield node.value
    elif isinstance(node, ast.Call):
        if len(node.args) == 1 and not isinstance(node.args[0], ast.Starred | ast.GeneratorExp):
            yield node.args[0]
        for place in range(len(node.keywords)):
            fewer = copy.copy(node)
            fewer.keywords = [*node.keywords[:place], *node.keywords[place + 1 :]]
            yield fewer


def _key(node: ast.Subscript) -> str | None:
    key = node.slice
    return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else None


def _is_of_self(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
        and isinstance(node.ctx, ast.Load)
    )
