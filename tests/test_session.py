"""What all submissions of a class share, and which files of the course go with one of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.assignment_file import read
from grader.examination import _apart
from grader.model import Source, Submission
from grader.session import Session, job_of, session

MODULES = Path(__file__).parent.parent / "assignments" / "numpy_modules"


@pytest.fixture(scope="module")
def asked() -> Session:
    return session(read(MODULES), "seed 1")


def files_of_job(asked: Session, files: dict[str, str]) -> list[str]:
    sources = tuple(Source(name=name, cells=(text,)) for name, text in files.items())
    submission = Submission(student="ada", path="ada", files=tuple(files), sha256="0", sources=sources)
    return [source.name for source in job_of(asked, submission).sources]


def test_a_given_file_goes_with_work_that_imports_it_and_does_not_hold_it(asked: Session) -> None:
    files = {"lib/network.py": "from .network_base import Module\n"}
    assert files_of_job(asked, files) == ["lib/network_base.py", "lib/network.py"]


def test_a_given_file_that_was_handed_in_is_the_students_own(asked: Session) -> None:
    files = {"network_base.py": "class Module: ...\n", "network.py": "from network_base import Module\n"}
    assert files_of_job(asked, files) == ["network_base.py", "network.py"]


def test_given_files_stay_away_from_work_that_defines_everything_itself(asked: Session) -> None:
    assert files_of_job(asked, {"all.py": "class Parameter: ...\nclass Module: ...\n"}) == ["all.py"]


def test_the_file_of_a_package_goes_with_work_that_imports_by_its_name(asked: Session) -> None:
    files = {"network.py": "from lib.losses import CrossEntropyLoss\n"}
    assert files_of_job(asked, files) == ["lib/__init__.py", "network.py"]


def test_what_is_marked_as_a_composition_is_no_known_good_part_of_the_same_run(asked: Session) -> None:
    """`Sequential` is asked about in two units and a part of three."""
    together = [[everything.unit.name for everything in group] for group in _apart(asked.compositions)]
    assert together == [
        ["sigmoid_network", "relu_network"],
        ["sigmoid_training", "relu_training", "check"],
    ]
