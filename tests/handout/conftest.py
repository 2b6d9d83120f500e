"""The hand-outs of all shipped assignments, written once by the installed command."""

from __future__ import annotations

from pathlib import Path

import pytest
from handout_leaks import SHIPPED
from installed import call, once


@pytest.fixture(scope="session")
def handouts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one hand-out, check bundle included, for each shipped assignment."""

    def make(folder: Path) -> None:
        for name in SHIPPED:
            done = call("handout", name, "-o", folder / name, "--student-kit")
            assert done.code == 0, done.err

    return once(tmp_path_factory, "handouts", make)
