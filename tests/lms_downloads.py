"""Downloads and tables of a class as learning platforms write them: zips of submissions, Moodle's worksheet, Canvas' gradebook.

The rules are those of `mod/assign/classes/downloader.php` and `mod/assign/gradingtable.php` of Moodle, and of `lib/content_zipper.rb`
and `lib/gradebook_exporter.rb` of Canvas. Run as a program it writes all of it into a folder, to be looked at.
"""

from __future__ import annotations

import csv
import io
import re
import sys
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

_FIRST = (
    "Jörg",
    "Anna",
    "Siobhán",
    "Li",
    "Zoë",
    "Ümit",
    "Łukasz",
    "María José",
    "Nguyễn",
    "Bjørn",
    "Ève",
    "Olha",
    "王",
    "Jean-Luc",
)
_LAST = (
    "Müller",
    "Schmidt",
    "O'Brien",
    "Wei",
    "García López",
    "Öztürk",
    "Kowalski",
    "van der Berg",
    "Strauß",
    "Åkesson",
    "小明",
    "De_Groot",
)
FIRST_PARTICIPANT = 1041
_DAY = "Thursday, 12 March 2026, 11:{minute:02} AM"


class Enrolled(Struct, frozen=True, kw_only=True):
    """One student of a course."""

    first: str
    last: str
    user: int
    participant: int
    files: Mapping[str, bytes]
    """What was handed in, by name; empty for nothing."""
    text: str = ""
    """What was typed into the form, as HTML."""
    late: bool = False
    team: str = ""

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def sortable_name(self) -> str:
        return f"{self.last}, {self.first}"

    @property
    def email(self) -> str:
        return f"s{self.user}@example.org"

    @property
    def handed_in(self) -> bool:
        return bool(self.files or self.text)


def course(
    count: int, works: Sequence[Mapping[str, bytes]], *, absent_every: int = 10
) -> tuple[Enrolled, ...]:
    """Return a course with accents, names of several words, and two people of one name in each dozen dozens."""
    students: list[Enrolled] = []
    for number in range(count):
        first, last = _FIRST[number % len(_FIRST)], _LAST[(number // len(_FIRST)) % len(_LAST)]
        if number % 50 == 49:
            first, last = students[-1].first, students[-1].last
        absent = number % absent_every == absent_every - 1
        students.append(
            Enrolled(
                first=first,
                last=last,
                user=70_000 + 3 * number,
                participant=FIRST_PARTICIPANT + number,
                files={} if absent else works[number % len(works)],
                text="<p>See my file.</p>" if number % 25 == 3 and not absent else "",
                late=number % 12 == 4,
            )
        )
    return tuple(students)


def in_teams(students: Iterable[Enrolled], size: int) -> tuple[Enrolled, ...]:
    """Put students into teams, one after the other; the first of each has handed in for all."""
    everybody = tuple(students)
    teams = []
    for number, student in enumerate(everybody):
        first = everybody[number - number % size]
        teams.append(replace(student, team=f"Lab_team {number // size + 1}", files=first.files, text=""))
    return tuple(teams)


# --------------------------------------------------------------------------------------------------------------
# Moodle


def _clean_filename(text: str) -> str:
    """As `clean_param` with PARAM_FILE."""
    return re.sub(r"[\x00-\x1f\x7f&<>\"`|':\\/*?]", "", text)


def moodle_folder(student: Enrolled, *, kind: str = "file", blind: bool = False) -> str:
    """Return the folder of a submission."""
    prefix = "Participant" if blind else student.name
    return _clean_filename(f"{prefix.replace('_', ' ')}_{student.participant}") + f"_assignsubmission_{kind}"


def moodle_team_folder(team: str, group: int) -> str:
    """Return the folder of a team's submission."""
    return _clean_filename(f"{team.replace('_', ' ')}_{group}") + "_assignsubmission_file"


def moodle_zip(path: Path, students: Iterable[Enrolled], *, blind: bool = False, flat: bool = False) -> Path:
    """Write the download of all submissions."""
    members: dict[str, bytes] = {}
    for student in students:
        folder = moodle_folder(student, blind=blind)
        between = "_" if flat else "/"
        members.update({f"{folder}{between}{name}": data for name, data in student.files.items()})
        if student.text:
            page = moodle_folder(student, kind="onlinetext", blind=blind)
            members[f"{page}{between}onlinetext.html"] = student.text.encode()
    return _write_zip(path, members)


def moodle_team_zip(path: Path, students: Iterable[Enrolled]) -> Path:
    """Write the download of an assignment for teams: one folder each."""
    groups: dict[str, int] = {}
    members: dict[str, bytes] = {}
    for student in students:
        folder = moodle_team_folder(student.team, groups.setdefault(student.team, 300 + len(groups)))
        members.update({f"{folder}/{name}": data for name, data in student.files.items()})
    return _write_zip(path, members)


WORKSHEET = (
    *("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade", "Grade can be changed"),
    *("Last modified (submission)", "Last modified (grade)", "Feedback comments"),
)


def moodle_worksheet(
    path: Path, students: Iterable[Enrolled], *, blind: bool = False, bom: bool = True
) -> Path:
    """Write the grading worksheet as `fputcsv` does: quoted where there is a space or a sign of its own, lines end with LF."""
    headings = [name for name in WORKSHEET if not blind or name not in ("Full name", "Email address")]
    rows = [headings]
    for student in students:
        status = "Submitted for grading - " if student.handed_in else "No submission - "
        if student.late and student.handed_in:
            status += "1 day 3 hours late"
        cells = {
            "Identifier": f"Participant {student.participant}",
            "Full name": student.name,
            "Email address": student.email,
            "Status": status,
            "Grade": "",
            "Maximum Grade": "10.00",
            "Grade can be changed": "Yes",
            "Last modified (submission)": _DAY.format(minute=student.user % 60) if student.handed_in else "-",
            "Last modified (grade)": "-",
            "Feedback comments": "",
        }
        rows.append([cells[name] for name in headings])
    text = "".join(",".join(map(_fputcsv, row)) + "\n" for row in rows)
    path.write_bytes(text.encode("utf-8-sig" if bom else "utf-8"))
    return path


def _fputcsv(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if re.search(r"[\s,\"\\]", cell) else cell


# --------------------------------------------------------------------------------------------------------------
# Canvas


def canvas_prefix(student: Enrolled) -> str:
    """Return what the names of a student's files begin with."""
    user_name = re.sub(r"_(\d+)_", r"\1", student.sortable_name).lower()
    parts = [user_name, *(["LATE"] if student.late else []), str(student.user)]
    return re.sub(r"[^\w]", "", "_".join(parts))


def canvas_files(student: Enrolled) -> dict[str, bytes]:
    """Return what is in the download of one student, by name."""
    files = {
        f"{canvas_prefix(student)}_{9_000_000 + 10 * student.user + number}_{name}": data
        for number, (name, data) in enumerate(student.files.items())
    }
    if student.text and not files:
        files[f"{canvas_prefix(student)}_text.html"] = student.text.encode()
    return files


def canvas_zip(path: Path, students: Iterable[Enrolled], *, says_utf8: bool = False) -> Path:
    """Write the download of all submissions; its names are UTF-8, and by default nothing says so."""
    members: dict[str, bytes] = {}
    for student in students:
        members.update(canvas_files(student))
    return _write_zip(path, members, says_utf8=says_utf8)


def canvas_gradebook(
    path: Path, students: Iterable[Enrolled], *, title: str = "Backpropagation (4711)"
) -> Path:
    """Write the gradebook as Canvas exports it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["Student", "ID", "SIS User ID", "SIS Login ID", "Section", title, "Current Score"])
    writer.writerow(["    Points Possible", "", "", "", "", "10.00", "(read only)"])
    for student in students:
        login = f"s{student.user}"
        writer.writerow([student.sortable_name, student.user, f"X{student.user}", login, "Monday", "", ""])
    writer.writerow(["Student, Test", 99, "", "0cc175b9c0f1b6a831c399e269772661", "Monday", "", ""])
    path.write_text(text.getvalue(), encoding="utf-8-sig", newline="")
    return path


# --------------------------------------------------------------------------------------------------------------


def _write_zip(path: Path, members: Mapping[str, bytes], *, says_utf8: bool = True) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name if says_utf8 else _Unsaid(name), data)
    return path


class _Unsaid(zipfile.ZipInfo):
    """A member whose name is UTF-8 without the flag that says so."""

    def __init__(self, name: str) -> None:
        super().__init__(name, (2026, 3, 12, 11, 0, 0))
        self.compress_type = zipfile.ZIP_DEFLATED

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802  the hook that `zipfile` calls
        return self.filename.encode("utf-8"), self.flag_bits & ~0x800


def decomposed(folder: Path) -> None:
    """Rename everything in a folder as macOS writes names: letters and accents apart."""
    for path in sorted(folder.iterdir()):
        path.rename(folder / unicodedata.normalize("NFD", path.name))


def main() -> None:
    """Write everything for a course of 400 into the folder that is named."""
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    students = course(
        400, [{"solution.py": b"def forward():\n    pass\n"}, {"a.py": b"x = 1\n", "notes.md": b"# Notes\n"}]
    )
    moodle_zip(out / "moodle.zip", students)
    moodle_zip(out / "moodle-flat.zip", students, flat=True)
    moodle_zip(out / "moodle-blind.zip", students, blind=True)
    moodle_worksheet(out / "worksheet.csv", students)
    moodle_worksheet(out / "worksheet-blind.csv", students, blind=True)
    moodle_team_zip(out / "moodle-teams.zip", in_teams(students, 3))
    canvas_zip(out / "canvas.zip", students)
    canvas_gradebook(out / "canvas.csv", students)


if __name__ == "__main__":
    main()
