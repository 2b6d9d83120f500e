"""The places of a formula, and formulas with something else in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import permutations
from typing import Any, cast

from msgspec import Struct
from msgspec.structs import replace

from grader.formulas.edits.values import Edit, Surroundings
from grader.formulas.tree import (
    Absolute,
    Application,
    Branch,
    Call,
    Cases,
    Derivative,
    Fraction,
    Index,
    Indicator,
    Kronecker,
    Negative,
    Node,
    Norm,
    Over,
    Power,
    Sum,
    Symbol,
    Tree,
    Unknown,
    walk,
)

Step = tuple[str, tuple[int, ...]]
"""The field of a node that holds a part, and where in it."""
_CLOSED = (Symbol, Unknown, Derivative, Kronecker, Application)
"""What is exchanged as a whole, never from within."""
_NOT_ENTERED = frozenset({"start", "end", "index", "conditions", "comparisons", "signs"})


class Place(Struct, frozen=True, kw_only=True):
    """A part of a formula, and where it stands."""

    node: Tree
    path: tuple[Step, ...] = ()
    parent: Node | None = None
    is_whole: bool = True
    """Whether it is a whole term, so that a factor may be missing in it; a minus before it is not part of it."""
    bound: tuple[str, ...] = ()
    """Index letters that a sum counts here."""
    within: Tree | None = None
    """The nearest call, indicator or cases that it stands in."""


def places(tree: Tree) -> tuple[Place, ...]:
    """Return a formula and all its parts, each before its own parts.

    Parameters
    ----------
    tree : Tree

    Returns
    -------
    tuple of Place
        Without the insides of names, derivatives and indices.
    """
    found: list[Place] = []
    waiting = [Place(node=tree)]
    while waiting:
        place = waiting.pop()
        if not isinstance(place.node, Branch):
            found.append(place)
        if not isinstance(place.node, _CLOSED):
            waiting += reversed(list(_parts(place)))
    return tuple(replace(one, is_whole=False) if isinstance(one.node, Negative) else one for one in found)


def _parts(place: Place) -> Iterator[Place]:
    node: Node = place.node
    for name in node.__struct_fields__:
        if name in _NOT_ENTERED:
            continue
        for at, part in _nodes(getattr(node, name)):
            is_body = isinstance(node, Over) and name == "body"
            yield Place(
                node=cast("Tree", part),
                path=(*place.path, (name, at)),
                parent=node,
                is_whole=_is_whole(place, name),
                bound=(*place.bound, *node.indices) if isinstance(node, Over) and is_body else place.bound,
                within=place.node if isinstance(node, Call | Indicator | Cases) else place.within,
            )


def _is_whole(place: Place, name: str) -> bool:
    """Whether a part is a whole term; not where a factor there is one of the term around it."""
    node: Node = place.node
    if isinstance(node, Negative):
        return place.is_whole
    if isinstance(node, Sum | Call | Absolute | Norm):
        return True
    pairs = ((Fraction, "bottom"), (Power, "base"), (Over, "body"), (Branch, "value"))
    return any(isinstance(node, kind) and name == part for kind, part in pairs)


def _nodes(value: object, at: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Node]]:
    if isinstance(value, Node):
        yield at, value
    elif isinstance(value, tuple):
        for position, part in enumerate(value):
            yield from _nodes(part, (*at, position))


def _is_sign(node: Tree | None) -> bool:
    return isinstance(node, Call) and node.function in {"sign", "step"}


def put(tree: Tree, path: tuple[Step, ...], new: Tree) -> Tree:
    """Return a formula with another part in one place."""
    if not path:
        return new
    (name, at), rest = path[0], path[1:]
    held: Any = getattr(tree, name)
    part = held
    for position in at:
        part = part[position]
    values: dict[str, Any] = {name: _put_in(held, at, put(part, rest, new))}
    return replace(tree, **values)


def _put_in(held: Any, at: tuple[int, ...], new: Node) -> Any:  # noqa: ANN401 - a node, or tuples of them
    if not at:
        return new
    first = at[0]
    return (*held[:first], _put_in(held[first], at[1:], new), *held[first + 1 :])


def rebuilt(tree: Tree, change: Callable[[Node], Node]) -> Tree:
    """Return a formula with every part changed, the innermost ones first."""
    return cast("Tree", _rebuilt(tree, change))


def _rebuilt(value: Any, change: Callable[[Node], Node]) -> Any:  # noqa: ANN401 - whatever fields hold
    if isinstance(value, tuple):
        return tuple(_rebuilt(part, change) for part in value)
    if not isinstance(value, Node):
        return value
    parts = {name: _rebuilt(getattr(value, name), change) for name in value.__struct_fields__}
    return change(replace(value, **parts))


class Formula(Struct, frozen=True, kw_only=True, dict=True):
    """A formula that is wrong, with what may be put into it."""

    tree: Tree
    around: Surroundings

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """All places of it."""
        return places(self.tree)

    @cached_property
    def wholes(self) -> tuple[Place, ...]:
        """The places of whole terms where factors may be missing, the formula itself first.

        Not those within a sign or a step: sign(h (y - y_hat)) is h's mask times the sign, and nobody means that.
        """
        return tuple(place for place in self.places if place.is_whole and not _is_sign(place.within))

    @cached_property
    def ranges(self) -> dict[str, int]:
        """How far each index letter goes, as far as what it counts tells."""
        found: dict[str, int] = {}
        for node in walk(self.tree):
            if isinstance(node, Symbol):
                for letter, length in zip(node.index, self.around.axes(node.name), strict=False):
                    if isinstance(letter, Index):
                        found.setdefault(letter.name, length)
        return found | dict(self.around.indices)

    def letters(self, place: Place) -> tuple[str, ...]:
        """Return the index letters that may stand in a place."""
        return tuple(dict.fromkeys((*self.around.indices, *place.bound)))

    def symbols(self, name: str, place: Place) -> Iterator[Symbol]:
        """Yield a name as it may stand in a place: whole, or with each choice of letters that fits its shape."""
        axes, letters = self.around.axes(name), self.letters(place)
        start, end = place.node.start, place.node.end
        if not letters or not axes:
            yield Symbol(name=name, start=start, end=end)
            return
        for chosen in permutations(letters, len(axes)):
            if all(self.ranges.get(letter) == length for letter, length in zip(chosen, axes, strict=True)):
                index = tuple(Index(name=letter, start=start, end=end) for letter in chosen)
                yield Symbol(name=name, index=index, start=start, end=end)

    def shown(self, tree: Tree) -> str:
        """Return a name or a derivative as it is shown, or a function of them."""
        if isinstance(tree, Symbol):
            return self._shown_name(tree)
        if isinstance(tree, Derivative):
            return f"∂{self.shown(tree.of)}/∂{self.shown(tree.by)}"
        if isinstance(tree, Negative):
            return f"-{self.shown(tree.operand)}"
        if isinstance(tree, Sum):
            return " ".join(self.shown(one) for one in tree.terms)
        if isinstance(tree, Call):
            return f"{self.around.spelled(tree.function)}({self.shown(tree.arguments[0])})"
        return "another value"

    def _shown_name(self, tree: Symbol) -> str:
        letters = "".join(one.name for one in tree.index if isinstance(one, Index))
        spelled = self.around.spelled(tree.name)
        if not letters:
            return spelled
        name = f"({spelled})" if "_" in spelled else spelled
        return f"{name}_{letters}" if len(letters) == 1 else f"{name}_{{{letters}}}"

    def edit(
        self, place: Place, new: Tree, slip: str, text: str, rule: str, *, marked: Node | None = None
    ) -> Edit:
        """Return the edit that puts something else in a place.

        Parameters
        ----------
        place : Place
        new : Tree
            What comes there.
        slip, text, rule : str
            As those of the edit.
        marked : Node, optional
            The part that is wrong; what stands in the place where it is not given.
        """
        wrong = marked or place.node
        tree = put(self.tree, place.path, new)
        return Edit(slip=slip, tree=tree, text=text, rule=rule, start=wrong.start, end=wrong.end)
