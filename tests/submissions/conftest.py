"""What the tests of submissions share: reading one path as `grade --single` does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.model import Submission
from grader.submissions import find, read


@pytest.fixture
def hand_in(tmp_path: Path) -> Callable[[str, bytes], Submission]:
    """Write one file and read it as a submission."""

    def write_and_read(name: str, data: bytes) -> Submission:
        path = tmp_path / name
        path.write_bytes(data)
        return read_path(path)

    return write_and_read


def read_path(path: Path) -> Submission:
    (found,) = find([path], single=True)
    return read(found)


@pytest.fixture
def read_one() -> Callable[[Path], Submission]:
    """Read one path, a folder as one submission."""
    return read_path
