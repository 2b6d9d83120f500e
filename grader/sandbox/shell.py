"""A real IPython shell for the cells of a notebook, which keeps nothing on disk and starts no thread or program.

It is made ahead (see `shell_preload`); until a notebook takes it, the interpreter shows no sign of it.
"""

from __future__ import annotations

import atexit
import builtins
import contextlib
import importlib
import os
import re
import sys
import warnings
from collections.abc import Callable
from typing import Any

from IPython.core.builtin_trap import BuiltinTrap
from IPython.core.error import UsageError
from IPython.core.history import HistoryManager
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display
from IPython.utils.text import LSString, SList

from grader.sandbox import magics
from grader.sandbox.cell_compiler import CellCompiler
from grader.sandbox.cells import with_calls
from grader.sandbox.shell_output import AsText, Published, Shown
from grader.sandbox.standins import StandInModule

_SHOWN_WIDTH = 60
_ASYNC = re.compile("await|async")
_EXIT = "To exit: use"
"""What IPython says after `sys.exit()`, to who sits at a terminal."""
re.compile(_EXIT, re.IGNORECASE)  # `re` keeps it: otherwise each notebook compiles it for its filter
_INLINE = "module://matplotlib_inline.backend_inline"


def next_shell() -> NotebookShell:
    """Give a shell that no notebook has taken: each has its own, as in Jupyter.

    Returns
    -------
    NotebookShell
        The one that IPython calls the shell of this process.
    """
    if NotebookShell.initialized() and NotebookShell.instance().entered:
        NotebookShell.clear_instance()
    shell: NotebookShell = NotebookShell.instance()
    return shell


class _History(HistoryManager):  # type: ignore[misc]  # to mypy, IPython is untyped
    """IPython's record of inputs."""

    # Set with each cell, and observed by nobody: setting a trait takes 3 µs, and touches pages of its own.
    _i = _ii = _iii = _i00 = ""


class NotebookShell(InteractiveShell):  # type: ignore[misc]  # to mypy, IPython is untyped
    """IPython's shell without its memory, its programs and its terminal.

    What cannot run here is left out with a note, and the cell goes on.
    """

    # No traits, for the same reason.
    execution_count = 1
    last_execution_succeeded = True
    last_execution_result = None

    def __init__(self) -> None:
        self.entered = False
        """Whether a notebook has taken it."""
        self.shown: BaseException | None = None
        """The last exception that a magic showed instead of raising it."""
        self.exported: Callable[[str], bool] = lambda _: False
        """Puts a file of the submission where `%run` finds it, or runs it; says whether it ran."""
        self._note: Callable[[str], None] = lambda _: None
        self._where = ""
        super().__init__(
            ipython_dir="",
            colors="nocolor",
            display_page=True,  # help is printed, not shown in a pager
            enable_tip=False,
            compiler_class=CellCompiler,
            displayhook_class=Shown,
            display_pub_class=Published,
        )
        self._usual_transforms = self._transforms()
        atexit.unregister(self.atexit_operations)

    # ----------------------------------------------------------------------------------------------------------
    # Life

    def init_profile_dir(self, profile_dir: object) -> None:
        """Have no folder of settings."""
        del profile_dir
        self.profile_dir = None
        self.db: dict[str, object] = {}  # bookmarks and stored variables live as long as the shell

    def init_ipython_dir(self, ipython_dir: object) -> None:
        """Have no folder in the home of the user."""

    def init_virtualenv(self) -> None:
        """Leave the path for imports as it is."""

    def init_history(self) -> None:
        """Keep inputs and outputs for `In` and `Out`, in memory and without a database."""
        self.history_manager = _History(shell=self, parent=self, enabled=False, hist_file=":memory:")
        self.configurables.append(self.history_manager)

    def init_display_formatter(self) -> None:
        """Show values as text."""
        self.display_formatter = AsText(parent=self)

    def init_completer(self) -> None:
        """Have none: nobody types."""
        self.Completer = None

    def init_sys_modules(self) -> None:
        """Wait with being `__main__`; see `enter`."""

    def init_builtins(self) -> None:
        """Make what adds `get_ipython` to `builtins` while a cell runs; for the rest, see `enter`."""
        self.builtin_trap = BuiltinTrap(shell=self)
        self.builtin_trap.auto_builtins = {"get_ipython": self.get_ipython}

    def init_prompts(self) -> None:
        """Wait with what IPython adds to `sys`; see `enter`."""

    def enter(self, *, name: str, note: Callable[[str], None]) -> None:
        """Begin a notebook: take the place of `__main__`, in the folder and with the `input` of this process.

        Parameters
        ----------
        name : str
            Name of the notebook, for notes.
        note : callable
            Takes a sentence on what was left out.
        """
        self.entered = True
        self._where = name
        self._note = note
        super().init_sys_modules()
        super().init_prompts()
        vars(builtins).update(__IPYTHON__=True, display=display, get_ipython=self.get_ipython)
        self.starting_dir = self.home_dir = os.getcwd()  # noqa: PTH109  (a text is asked for)
        self.history_manager.dir_hist[:] = [self.starting_dir]
        warnings.filterwarnings("ignore", message=_EXIT)
        self._draw_inline()

    def _draw_inline(self) -> None:
        """Have figures end with their cell, as in Jupyter; shown as text, they are never drawn."""
        os.environ["MPLBACKEND"] = _INLINE
        drawing = sys.modules.get("matplotlib")
        if drawing is None or isinstance(drawing, StandInModule):
            return
        if "matplotlib.pyplot" in sys.modules:  # it looked at the variable before the fork
            with contextlib.suppress(ImportError):  # where no file can be opened any more
                support = importlib.import_module("matplotlib_inline.backend_inline")
                importlib.import_module("IPython.core.pylabtools").activate_matplotlib(_INLINE)
                support.configure_inline_support(self, _INLINE)
        else:
            drawing.use(_INLINE)

    # ----------------------------------------------------------------------------------------------------------
    # Cells

    def run_named(self, filename: str, text: str, *, store_history: bool) -> BaseException | None:
        """Run a cell whose code is called after it.

        Parameters
        ----------
        filename : str
            What tracebacks call it.
        text : str
            The cell.
        store_history : bool
            Whether it counts in `In`.

        Returns
        -------
        BaseException or None
            What ended the cell early.
        """
        before, where = self.compile.enter(filename, text), self._where
        self._where, self.shown = filename, None
        try:
            result = self.run_cell(text, store_history=store_history)
            errors: tuple[BaseException | None, ...] = (
                result.error_before_exec,
                result.error_in_exec,
                self.shown,
            )
            return next((error for error in errors if error is not None), None)
        finally:
            self._where = where
            self.compile.enter(*before)

    def transform_cell(self, raw_cell: str) -> str:
        """Make Python of a cell; see `InteractiveShell.transform_cell`.

        Most cells are Python, perhaps below a magic, and looking at each of their words would take as long as all the rest.
        """
        cleanup = self.input_transformer_manager.cleanup_transforms
        cell = with_calls(raw_cell, cleanup) if self._transforms() == self._usual_transforms else None
        if cell is None or not self.compile.parse_ahead(cell, raw_cell):
            return str(super().transform_cell(raw_cell))
        if len(cell.splitlines()) == 1:  # may be the name of a magic without its `%`
            with self.builtin_trap:
                cell = self.prefilter_manager.prefilter_lines(cell) + "\n"
        return cell

    def should_run_async(
        self, raw_cell: str, *, transformed_cell: str | None = None, **options: object
    ) -> bool:
        """Say whether a cell awaits something; see `InteractiveShell.should_run_async`, which compiles it to know."""
        if transformed_cell is not None and not _ASYNC.search(transformed_cell):
            return False
        return bool(super().should_run_async(raw_cell, transformed_cell=transformed_cell, **options))

    def _transforms(self) -> list[list[object]]:
        manager = self.input_transformer_manager
        lists = (manager.cleanup_transforms, manager.line_transforms, manager.token_transformers)
        return [list(one) for one in (*lists, self.input_transformers_post)]

    def _tee(self, channel: str) -> contextlib.AbstractContextManager[None]:
        """Keep no second copy of what is printed."""
        del channel
        return contextlib.nullcontext()

    def _format_exception_for_storage(self, *_values: object, **_options: object) -> dict[str, object]:
        """Keep no text of exceptions: we have our own."""
        return {}

    # ----------------------------------------------------------------------------------------------------------
    # Exceptions

    def showtraceback(self, exc_tuple: Any = None, *_values: object, **_options: object) -> None:  # noqa: ANN401
        """Keep the exception that ended a cell or a magic, and print one that ended nothing, as of a `repr`."""
        if exc_tuple is None:
            self.shown = sys.exc_info()[1]
        else:
            sys.stderr.write(f"{exc_tuple[0].__name__} while showing a value\n")

    def showsyntaxerror(self, *_values: object, **_options: object) -> None:
        """Keep the exception."""
        self.shown = sys.exc_info()[1]

    def ask_exit(self) -> None:
        """Go on after `exit()`: cells below may hold what is asked for."""
        self.leave_out("exit()", "later cells run while grading")

    # ----------------------------------------------------------------------------------------------------------
    # Magics and commands

    def leave_out(self, what: str, why: str) -> None:
        """Say that something did not run.

        Parameters
        ----------
        what : str
            As the student wrote it.
        why : str
            The second half of the sentence.
        """
        what = " ".join(what.split())
        if len(what) > _SHOWN_WIDTH:
            what = what[: _SHOWN_WIDTH - 1] + "…"
        self._note(f"{self._where}: `{what}` was left out; {why}")

    def run_line_magic(self, magic_name: str, line: str, _stack_depth: int = 1) -> object:
        """Run a magic, or leave it out; see `InteractiveShell.run_line_magic`."""
        reason = magics.reason_to_leave_out(magic_name, line)
        if reason is not None:
            self.leave_out(f"%{magic_name} {line}", reason)
        elif not magics.is_silent(magic_name, line) and not (magic_name == "run" and self.exported(line)):
            options = magics.once(line) if magic_name == "timeit" else line
            missing = (UsageError, ImportError) if magic_name in magics.LOADING else UsageError
            try:
                return super().run_line_magic(magic_name, options, _stack_depth=_stack_depth + 1)
            except missing:
                self.leave_out(f"%{magic_name} {line}", magics.UNKNOWN)
        return None

    def run_cell_magic(self, magic_name: str, line: str, cell: str) -> object:
        """Run a magic over a cell, or leave it out; see `InteractiveShell.run_cell_magic`."""
        reason = magics.reason_to_leave_out(magic_name, line)
        if reason is None and self.find_cell_magic(magic_name) is not None:
            options = magics.once(line) if magic_name == "timeit" else line
            try:
                return super().run_cell_magic(magic_name, options, cell)
            except PermissionError:
                if magic_name not in magics.WRITING:
                    raise
                reason = magics.NO_FILES
        self.leave_out(f"%%{magic_name} {line}", reason or magics.UNKNOWN)
        if magic_name in magics.PLAIN_BODIES:
            self.run_cell(cell).raise_error()
        return None

    def system(self, cmd: str) -> None:
        """Leave out `!cmd`."""
        self.leave_out(f"!{cmd}", magics.reason_for_command())

    system_piped = system_raw = system

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> object:
        """Leave out `!cmd` whose output is wanted; there is none."""
        del depth
        self.leave_out(f"!{cmd}", magics.reason_for_command())
        return SList() if split else LSString("")

    def enable_gui(self, gui: object = None) -> None:
        """Open no window."""

    def enable_matplotlib(self, gui: object = None) -> tuple[str, str]:
        """Change nothing: a notebook draws inline from its start, as in Jupyter."""
        del gui
        return "inline", "inline"
