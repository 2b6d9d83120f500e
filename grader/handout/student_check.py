"""Checks your own work: on the case of the task, and your gradients against differences of your own forward pass.

Run it beside your file, as `python check.py`, or name the file: `python check.py my_work.py`. It needs NumPy and nothing else; what it
knows stands in `check_data.json`. Exit code 0: nothing wrong was found; 1: something is wrong or missing; 2: there is nothing to check.
Marking uses other cases.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
import traceback
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable, NamedTuple  # noqa: UP035  students have older Pythons

import numpy as np

HERE = Path(__file__).resolve().parent
RTOL = 1e-4
FIRST_STEP, STEPS, SHRINK = 1e-5, 3, 8.0
SAME = 1e-5
"""Two step sizes agree when they differ by no more than this share."""
JUMP = 1e-3
"""Differences to the left and to the right that differ by more than this share have a kink between them."""
LOSSES: dict[str, Callable[..., Any]] = {
    "abs": np.abs,
    "add": np.add,
    "identity": lambda value: value,
    "mean": np.mean,
    "multiply": np.multiply,
    "subtract": np.subtract,
    "sum": np.sum,
    "sum over axis -1": lambda value: np.sum(value, axis=-1),
}


class NotGivenError(Exception):
    """A value that the student's code does not give; the message says why."""


class Row(NamedTuple):
    """What is said of one quantity."""

    name: str
    verdict: str
    yours: str = ""
    expected: str = ""
    reason: str = ""


# --------------------------------------------------------------------------------------------------------------
# The student's code


def load(paths: list[Path]) -> dict[str, Any]:
    """Run the files and return what they define."""
    names: dict[str, Any] = {}
    for path in paths:
        if path.suffix == ".ipynb":
            names.update(_notebook(path))
            continue
        inside = path.resolve().relative_to(HERE) if HERE in path.resolve().parents else None
        if inside is not None:
            parts = inside.parts[:-1] if path.name == "__init__.py" else inside.with_suffix("").parts
            module = importlib.import_module(".".join(parts))
        else:
            spec = importlib.util.spec_from_file_location(path.stem, path)
            if spec is None or spec.loader is None:
                raise ImportError(f"{path} is no Python file")
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
        names.update(vars(module))
    return names


def _notebook(path: Path) -> dict[str, Any]:
    """Run the code cells of a notebook, without what only Jupyter understands and without its own checks."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    names: dict[str, Any] = {"__name__": "notebook"}
    for cell in cells:
        lines = "".join(cell["source"]).splitlines()
        left_out = ("%", "!", "check(", "check =", "from grader.notebook")
        code = "\n".join("" if line.startswith(left_out) else line for line in lines)
        if cell["cell_type"] == "code":
            exec(compile(code, str(path), "exec"), names)  # noqa: S102  the student's own work, run by the student
    return names


class Student:
    """The student's functions, and how they are called."""

    def __init__(self, names: dict[str, Any], collectors: dict[str, Any]) -> None:
        self.names = names
        self.collectors = collectors

    def call(self, asked: dict[str, Any], arguments: list[Any]) -> dict[str, Any]:
        """Call a function and return its results by quantity; raise NotGivenError where there is none."""
        missing = [name for name in asked["uses"] if name not in self.names]
        if missing:
            raise NotGivenError(f"there is no `{missing[0]}`")
        copies = [_copied(value) for value in arguments]
        try:
            if asked["collector"]:
                student = SimpleNamespace(**{name: self.names[name] for name in asked["uses"]})
                result = self.collectors[asked["collector"]](student, *copies)
            else:
                result = self.names[asked["function"]](*copies)
        except NotImplementedError:
            raise NotGivenError(f"`{asked['function']}` is not yet written") from None
        except Exception as error:  # noqa: BLE001  whatever the student's code raises is told, and the rest is checked
            raise NotGivenError(f"`{asked['function']}` raised {_said(error)}") from None
        return _by_quantity(asked, result)


def _said(error: BaseException) -> str:
    """Say what was raised, and the last line of the student's that led there; that of a SyntaxError stands in its text."""
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    not_theirs = ("<frozen", __file__, str(Path(np.__file__).parent))
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if not frame.filename.startswith(not_theirs)]
    if isinstance(error, SyntaxError) or not theirs:
        return text
    return f"{text} ({Path(theirs[-1].filename).name}, line {theirs[-1].lineno})"


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(part) for name, part in value.items()}
    return value.copy() if isinstance(value, np.ndarray) else value


def _by_quantity(asked: dict[str, Any], result: Any) -> dict[str, Any]:
    """Return results by quantity: of a dict, a tuple, one value or an object with attributes."""
    keys, quantities = asked["keys"], asked["quantities"]
    if isinstance(result, dict):
        found = {}
        for key, quantity in zip(keys, quantities):
            spellings = [key, *asked["spellings"].get(key, [])]
            name = next((one for one in spellings if one in result), None)
            found[quantity] = None if name is None else result[name]
        return found
    if asked["single"]:
        alone = result[0] if isinstance(result, tuple) and len(result) == 1 else result
        return {quantities[0]: alone}
    if isinstance(result, (tuple, list, np.ndarray)):
        for names in (quantities, [one for one in quantities if one in asked["required"]]):
            if len(result) == len(names):
                return dict(zip(names, result))
    return {quantity: getattr(result, key, None) for key, quantity in zip(keys, quantities)}


def numbers(value: Any) -> np.ndarray:
    """Return a value as an array of float64; raise NotGivenError where it is none."""
    if value is None:
        raise NotGivenError("nothing was given")
    try:
        array = np.asarray(value)
    except ValueError:
        raise NotGivenError("it is no array: its rows have different lengths") from None
    if array.dtype.kind not in "iuf":
        raise NotGivenError(f"it is of type {array.dtype}, not numbers")
    return array.astype(np.float64)


# --------------------------------------------------------------------------------------------------------------
# The case of the task


def worked_rows(student: Student, calls: list[dict[str, Any]]) -> list[Row]:
    """Compare every call with the case of the task."""
    rows = []
    for asked in calls:
        try:
            found = student.call(asked, [decoded(value) for value in asked["arguments"]])
        except NotGivenError as error:
            rows += [
                Row(
                    label, "missing", expected=_short(decoded(asked["expected"][quantity])), reason=str(error)
                )
                for quantity, label in zip(asked["quantities"], asked["labels"])
                if quantity in asked["required"] and not asked["optional"]
            ]
            continue
        for quantity, label in zip(asked["quantities"], asked["labels"]):
            value = found.get(quantity)
            if value is not None or (quantity in asked["required"] and not asked["optional"]):
                rows.append(_compared(label, value, decoded(asked["expected"][quantity])))
    return rows


def _compared(label: str, value: Any, expected: Any) -> Row:
    wanted = np.asarray(expected, dtype=np.float64)
    try:
        given = numbers(value)
    except NotGivenError as error:
        return Row(
            label, "missing" if value is None else "invalid", expected=_short(wanted), reason=str(error)
        )
    row = Row(label, "correct", yours=_short(given), expected=_short(wanted))
    if wanted.shape == () and given.size == 1:
        given = given.reshape(())
    if given.shape != wanted.shape:
        return row._replace(
            verdict="invalid", reason=f"its shape is {given.shape}, expected is {wanted.shape}"
        )
    if not np.all(np.isfinite(given)):
        return row._replace(verdict="invalid", reason="it is not finite")
    near = np.linalg.norm(given - wanted) <= RTOL * np.linalg.norm(wanted) + 1e-9
    return row if near else row._replace(verdict="wrong")


# --------------------------------------------------------------------------------------------------------------
# Gradients against differences


def gradient_rows(student: Student, asked: dict[str, Any]) -> list[Row]:
    """Compare a backward pass with central differences of the student's own forward pass, at every point."""
    rows: list[Row] = []
    for point in asked["points"]:
        rows += _at_point(student, asked, {name: decoded(value) for name, value in point.items()})
    return _worst_of_each(rows, ("fits", "undecided", "missing", "does not fit"))


def _worst_of_each(rows: list[Row], worse: tuple[str, ...]) -> list[Row]:
    """Return one row for each quantity, the first of the worst."""
    worst: dict[str, Row] = {}
    for row in rows:
        before = worst.get(row.name)
        if before is None or worse.index(row.verdict) > worse.index(before.verdict):
            worst[row.name] = row
    return list(worst.values())


def _at_point(student: Student, asked: dict[str, Any], leaves: dict[str, Any]) -> list[Row]:
    def loss(values: dict[str, Any]) -> float:
        return float(_loss(asked["loss"], _forward(student, asked, values)))

    def along(leaf: str) -> Callable[[Any], float]:
        return lambda value: loss({**leaves, leaf: value})

    try:
        values = _forward(student, asked, leaves)
        given = student.call(asked["backward"], [values[name] for name in asked["backward"]["inputs"]])
        loss(leaves)
    except NotGivenError as error:
        return [Row(label, "missing", reason=str(error)) for label in asked["by"].values()]
    rows = []
    for leaf, label in asked["by"].items():
        quantity = asked["by_quantity"][leaf]
        try:
            yours = numbers(given.get(quantity))
            rows.append(_fits(label, yours, leaves[leaf], along(leaf)))
        except NotGivenError as error:
            rows.append(Row(label, "missing", reason=str(error)))
    return rows


def _forward(student: Student, asked: dict[str, Any], leaves: dict[str, Any]) -> dict[str, Any]:
    """Return the leaves with all values that the student's forward pass gives for them."""
    values = dict(leaves)
    for function in asked["forward"]:
        found = student.call(function, [values[name] for name in function["inputs"]])
        values.update({name: found[name] for name in function["quantities"] if found.get(name) is not None})
    return values


def _loss(recipe: Any, values: dict[str, Any]) -> Any:
    if isinstance(recipe, str):
        if recipe not in values:
            raise NotGivenError(f"your forward pass gives no `{recipe}`")
        return numbers(values[recipe])
    if isinstance(recipe, (int, float)):
        return recipe
    return LOSSES[recipe[0]](*(_loss(part, values) for part in recipe[1:]))


def _fits(label: str, yours: np.ndarray, at: Any, loss: Callable[[Any], float]) -> Row:
    """Hold one gradient against differences, entry by entry."""
    if yours.size != np.size(at) or (yours.shape != np.shape(at) and np.shape(at) != ()):
        return Row(
            label, "does not fit", reason=f"its shape is {yours.shape}, that of the value is {np.shape(at)}"
        )
    wanted = np.full(np.shape(at), np.nan)
    for index in np.ndindex(np.shape(at)):
        wanted[index] = _slope(at, index, loss)
    yours = yours.reshape(np.shape(at))
    decided = np.isfinite(wanted)
    row = Row(label, "fits", yours=_short(yours), expected=_short(wanted))
    if not decided.all() and not np.any(decided):
        return row._replace(
            verdict="undecided", reason="there is a kink at this place, or the steps do not agree"
        )
    off = np.linalg.norm(np.where(decided, yours - wanted, 0.0))
    near = off <= RTOL * np.linalg.norm(np.where(decided, wanted, 0.0)) + 1e-7
    return row if near else row._replace(verdict="does not fit")


def _slope(at: Any, index: tuple[int, ...], loss: Callable[[Any], float]) -> float:
    """Return a central difference that two step sizes agree on; not a number where none do, as at a kink."""
    step = FIRST_STEP * max(1.0, abs(float(np.asarray(at)[index])))
    for _ in range(STEPS):
        left, right = _sides(at, index, loss, step)
        nearer_left, nearer_right = _sides(at, index, loss, step / 2)
        central, nearer = (left + right) / 2, (nearer_left + nearer_right) / 2
        size = max(abs(left), abs(right), 1e-3)
        if abs(central - nearer) <= SAME * size and abs(left - right) <= JUMP * size:
            return float(central)
        step /= SHRINK
    return float("nan")


def _sides(at: Any, index: tuple[int, ...], loss: Callable[[Any], float], step: float) -> tuple[float, float]:
    here = loss(_moved(at, index, 0.0))
    above, below = loss(_moved(at, index, step)), loss(_moved(at, index, -step))
    return (here - below) / step, (above - here) / step


def _moved(at: Any, index: tuple[int, ...], by: float) -> Any:
    if not isinstance(at, np.ndarray):
        return float(at) + by
    moved = at.astype(np.float64)
    moved[index] += by
    return moved


# --------------------------------------------------------------------------------------------------------------
# What is shown


def decoded(value: Any) -> Any:
    """Return an argument as functions get it."""
    if isinstance(value, dict) and "array" in value:
        return np.array(value["array"], dtype=value["dtype"]).reshape(value["shape"])
    if isinstance(value, dict):
        return {name: decoded(part) for name, part in value.items()}
    return value


def _short(value: Any) -> str:
    if np.shape(value) == ():
        return f"{float(value) + 0.0:.6g}"
    text = np.array2string(np.asarray(value), precision=6, separator=", ", threshold=16).replace("\n", "")
    return text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004


def _table(rows: list[Row], last: str) -> str:
    cells = [("quantity", "verdict", "yours", last, ""), *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(5)]
    lines = ["   ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip() for row in cells]
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Check the named files, or those of the hand-out."""
    data = json.loads((HERE / "check_data.json").read_text(encoding="utf-8"))
    paths = [Path(argument) for argument in arguments] or [HERE / name for name in data["files"]]
    absent = [path for path in paths if not path.is_file()]
    if absent:
        print(f"error: there is no file {absent[0]}\n  what to do: name your file: python check.py FILE")
        return 2
    sys.path.insert(0, str(HERE))
    try:
        names = load(paths)
    except (Exception, SystemExit) as error:  # noqa: BLE001  whatever the student's file raises is told
        print(f"error: {_said(error)}")
        print("  what to do: correct the file until Python can run it")
        return 2
    collectors: dict[str, Any] = {}
    exec(compile(data["collect"], "check_data.json", "exec"), collectors)  # noqa: S102  it drives the student's objects
    files = dict.fromkeys(Path(file).parts[0] for file in arguments or data["files"])
    return report(data, Student(names, collectors), list(files))


def report(data: dict[str, Any], student: Student, files: list[str]) -> int:
    """Print what is found, and return the exit code."""
    print(f"{data['title']}: {', '.join(files)}")
    rows = _worst_of_each(worked_rows(student, data["calls"]), ("correct", "wrong", "missing", "invalid"))
    if rows:
        print("\nThe case of the task")
        print(_table(rows, "expected"))
    checked = [row for asked in data["gradients"] for row in gradient_rows(student, asked)]
    if any(row.verdict != "missing" for row in checked):
        print("\nYour gradients, against differences of your own forward pass")
        print(_table(checked, "by differences"))
    if data["not_checked"]:
        print(f"\nnote: not checked by differences: {', '.join(data['not_checked'])}")
    print()
    if all(row.verdict in ("correct", "fits", "undecided") for row in [*rows, *checked]):
        print("No mistake was found here; marking uses other cases.")
        return 0
    first = next((row for row in rows if row.verdict != "correct"), None)
    if first is not None:
        print(f"The first that is not correct: {first.name}.")
    print("Marking uses other cases.")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
