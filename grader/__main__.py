"""`python -m grader`: the same as the command `grader`."""

# Nothing but these two, which every interpreter has loaded by now: see below.
import os
import sys


def _leave_out_current_folder() -> None:
    """Take the current folder, which `-m` puts first, out of the places to import from.

    Among submissions a file of theirs may be called `numpy.py` or `click.py`: it would run here, past all walls. The folder
    stays where the grader itself lies in it.
    """
    own = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120  (`pathlib` may be theirs)
    if not sys.flags.safe_path and sys.path[0] != own:
        del sys.path[0]


# A worker that is spawned reads the main module again, and must not become a second grader.
if __name__ == "__main__":
    _leave_out_current_folder()
    from grader.cli import main

    main()
