"""Prints what a notebook shows, as text: nothing is drawn, rendered or kept twice."""

from __future__ import annotations

import sys

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.formatters import DisplayFormatter


class Shown(DisplayHook):  # type: ignore[misc]  # to mypy, IPython is untyped
    """Prints the last expression of a cell, and keeps it as `_` and in `Out`."""

    exec_result = None  # set twice with each cell, and observed by nobody: setting a trait takes 3 µs

    def quiet(self) -> bool:
        """Say whether the cell ends in `;`; most need no second look."""
        return ";" in self.shell.history_manager.input_hist_parsed[-1] and super().quiet()

    def write_output_prompt(self) -> None:
        """Print none: people read this beside the code, not below an `In [1]:`."""

    def log_output(self, format_dict: dict[str, object]) -> None:
        """Keep no second copy of what is printed."""


class AsText(DisplayFormatter):  # type: ignore[misc]  # the same
    """Shows values as text alone: figures are not drawn, HTML is not made."""

    def format(
        self, obj: object, *_values: object, **_options: object
    ) -> tuple[dict[str, str], dict[str, object]]:
        """Give the text of a value, unless it shows itself."""
        if self.ipython_display_formatter(obj):
            return {}, {}
        return {"text/plain": self.formatters["text/plain"](obj)}, {}


class Published(DisplayPublisher):  # type: ignore[misc]  # the same
    """Prints what is displayed, as text."""

    def publish(self, data: object, metadata: object = None, *_values: object, **_options: object) -> None:
        """Print the text of a bundle; pictures and HTML are not made."""
        self._validate_data(data, metadata)
        text = data.get("text/plain") if isinstance(data, dict) else None
        if isinstance(text, str):
            sys.stdout.write(f"{text}\n")

    def clear_output(self, wait: bool = False) -> None:
        """Clear nothing: there is no screen."""
