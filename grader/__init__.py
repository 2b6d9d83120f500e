"""The grader: from a submission to a grade, its findings and a report.

`grader.inputs` and `grader.mark` are for other programs; they are imported when they are asked for, so that `import grader`
and the command line start fast. `__init__.pyi` has their types.
"""

__version__ = "0.1.0"
__all__ = ["Grade", "GraderError", "__version__", "inputs", "mark", "result_document"]

_LAZY = {
    "Grade": "grader.model",
    "GraderError": "grader.errors",
    "inputs": "grader.api",
    "mark": "grader.api",
    "result_document": "grader.reports.result",
}
"""Where each public name is defined; none is the name of a module of this package, which would take its place."""


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415  only where it is needed

    return getattr(import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
