"""A small made-up class as Moodle gives it out: two exercises, each a zip of submissions and a grading worksheet.

The submissions are samples that ship with the assignments. It is for trying the way of a class, from a download to the
grades that go back, without anybody's data.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct, field

from grader.assignment_file import shipped_folder

CODE, SHEET = "skip_network", "skip_network_by_hand"
_MAXIMUM = {CODE: "10.00", SHEET: "7.00"}
_ZIP_TIME = (2026, 3, 13, 8, 0, 0)
_HEADINGS = (
    *("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade", "Grade can be changed"),
    *("Last modified (submission)", "Last modified (grade)", "Feedback comments"),
)
"""Those of Moodle's worksheet, in their order."""


class _Student(Struct, frozen=True, kw_only=True):
    """One student: a name, and what was handed in for each exercise."""

    name: str
    participant: int
    login: str
    samples: Mapping[str, str] = field(default_factory=dict)
    """By exercise, a sample's path below `submissions/`; what is not there was not handed in."""
    late: str = ""
    """What Moodle's worksheet says of it."""


_CLASS = (
    _Student(
        name="Anna Ek",
        participant=1041,
        login="ek",
        samples={CODE: "correct/plain_dicts.py", SHEET: "correct/in_german.md"},
    ),
    # Two people of one name.
    _Student(
        name="Anna Ek",
        participant=1042,
        login="annaek",
        samples={CODE: "wrong/w1_for_ws_in_dh0.py", SHEET: "mixed/two_small_slips.md"},
    ),
    _Student(
        name="Jörg Müller",
        participant=1043,
        login="jmueller",
        samples={CODE: "wrong/skip_path_dropped.py", SHEET: "awaiting/only_a_scan.pdf"},
    ),
    _Student(
        name="Siobhán O'Brien",
        participant=1044,
        login="sobrien",
        samples={CODE: "wrong/second_mask_forgotten.ipynb", SHEET: "mixed/a_line_that_cannot_be_read.md"},
    ),
    _Student(
        name="Li Wei",
        participant=1045,
        login="liwei",
        samples={CODE: "wrong/first_mask_missing.py", SHEET: "wrong/mask_of_the_wrong_unit.tex"},
        late="1 day 3 hours late",
    ),
    _Student(
        name="Łukasz Kowalski",
        participant=1046,
        login="lkowalski",
        samples={CODE: "unreadable/broken_notebook.ipynb"},
    ),
    _Student(
        name="María José García",
        participant=1047,
        login="mgarcia",
        samples={CODE: "wrong/rate_missing.py", SHEET: "follows/second_mask_left_out.md"},
    ),
    _Student(
        name="Olha van der Berg",
        participant=1048,
        login="oberg",
        samples={CODE: "failed/raises_in_backward.py"},
        late="2 hours 10 mins late",
    ),
    _Student(name="Zoë Strauß", participant=1049, login="zstrauss"),
)


def moodle_downloads() -> dict[str, bytes]:
    """Return the files of the sample class, as Moodle would give them out.

    Returns
    -------
    dict of str to bytes
        By name: `NAME.zip`, the submissions, and `Grades-NAME.csv`, the worksheet, of each of two assignments.
    """
    files: dict[str, bytes] = {}
    for assignment in (CODE, SHEET):
        files[f"{assignment}.zip"] = _archive(assignment)
        files[f"Grades-{assignment}.csv"] = _worksheet(assignment)
    return files


def _archive(assignment: str) -> bytes:
    samples = shipped_folder() / assignment / "submissions"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in _members(assignment, samples):
            archive.writestr(zipfile.ZipInfo(name, _ZIP_TIME), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _members(assignment: str, samples: Path) -> Iterator[tuple[str, Path]]:
    """Yield each file under Moodle's name of its folder; everybody called it alike, as students do."""
    for student in _CLASS:
        if assignment in student.samples:
            path = samples / student.samples[assignment]
            # Moodle takes out what some file system does not allow.
            name = student.name.replace("'", "")
            yield f"{name}_{student.participant}_assignsubmission_file/solution{path.suffix}", path


def _worksheet(assignment: str) -> bytes:
    rows = [list(_HEADINGS)]
    for student in _CLASS:
        handed_in = assignment in student.samples
        status = "Submitted for grading - " if handed_in else "No submission - "
        cells = {
            "Identifier": f"Participant {student.participant}",
            "Full name": student.name,
            "Email address": f"{student.login}@example.org",
            "Status": status + (student.late if handed_in else ""),
            "Maximum Grade": _MAXIMUM[assignment],
            "Grade can be changed": "Yes",
            "Last modified (submission)": "Thursday, 12 March 2026, 11:05 AM" if handed_in else "-",
            "Last modified (grade)": "-",
        }
        rows.append([cells.get(heading, "") for heading in _HEADINGS])
    return "".join(f"{','.join(map(_cell, row))}\n" for row in rows).encode("utf-8-sig")


def _cell(text: str) -> str:
    """Quote as PHP's `fputcsv` does, which writes Moodle's sheets: also where there is a blank."""
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if re.search(r'[\s,"\\]', text) else text
