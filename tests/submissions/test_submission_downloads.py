"""Class folders of learning platforms are read by the names in them."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from lms_downloads import (
    canvas_zip,
    course,
    decomposed,
    in_teams,
    moodle_folder,
    moodle_team_zip,
    moodle_zip,
)

from grader.errors import UsageError
from grader.model import Origin, Platform
from grader.submissions import Found, find, read, resolve_conflicts, told_apart
from grader.submissions.class_archives import unpacked
from grader.submissions.downloads import canvas, classroom_prefix, moodle, recognised

WORKS = (
    {"solution.py": b"x = 1\n"},
    {"main.py": b"from layers import relu\n", "layers.py": b"def relu(z):\n    return z\n"},
)
CLASS = course(400, WORKS)
HANDED_IN = [student for student in CLASS if student.handed_in]


def found_in(path: Path) -> tuple[Found, ...]:
    with unpacked([path]) as folders:
        return find([path], single=False, unpacked=folders)


def extracted(path: Path) -> Path:
    folder = path.with_suffix("")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    return folder


def by_participant(found: tuple[Found, ...]) -> dict[str, Found]:
    return {one.origin.participant: one for one in found if one.origin is not None}


def write(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {name}\n")
    return folder


def students(found: tuple[Found, ...]) -> list[str]:
    return [one.student for one in found]


@pytest.mark.parametrize("flat", [False, True])
def test_a_moodle_zip_of_400_has_everybody_who_handed_in_once(tmp_path: Path, flat: bool) -> None:
    path = moodle_zip(tmp_path / "lab.zip", CLASS, flat=flat)
    with unpacked([path]) as folders:
        found = by_participant(find([path], single=False, unpacked=folders))
        assert {str(student.participant) for student in HANDED_IN} == found.keys()
        for student in HANDED_IN:
            one = found[str(student.participant)]
            submission = read(one)
            assert one.student == student.name.replace("_", " ").replace("'", "")
            assert submission.problem is None
            assert {source.name for source in submission.sources} == student.files.keys()
            assert one.origin is not None
            assert one.origin.folder == moodle_folder(student)
            assert any("onlinetext" in name for name in submission.unread) == bool(student.text)


def test_a_canvas_zip_of_400_has_everybody_with_their_late_marks(tmp_path: Path) -> None:
    """The names are UTF-8, and nothing in the zip says so."""
    path = canvas_zip(tmp_path / "submissions.zip", CLASS)
    with unpacked([path]) as folders:
        found = by_participant(find([path], single=False, unpacked=folders))
        assert {str(student.user) for student in HANDED_IN} == found.keys()
        for student in HANDED_IN:
            one = found[str(student.user)]
            assert one.origin is not None
            assert one.origin.late == student.late
            assert one.origin.platform is Platform.CANVAS
            assert {source.name for source in read(one).sources} == student.files.keys()
    assert found[str(CLASS[0].user)].student == "müllerjörg"


def test_an_unpacked_download_is_read_like_its_zip(tmp_path: Path) -> None:
    path = moodle_zip(tmp_path / "lab.zip", CLASS[:40])

    assert students(found_in(path)) == students(found_in(extracted(path)))


def test_names_as_macos_writes_them_are_the_same_students(tmp_path: Path) -> None:
    path = moodle_zip(tmp_path / "lab.zip", CLASS[:40])
    folder = extracted(path)
    decomposed(folder)

    assert sorted(students(found_in(folder))) == sorted(students(found_in(path)))


def test_a_folder_around_the_download_and_what_macos_leaves_do_not_matter(tmp_path: Path) -> None:
    path = moodle_zip(tmp_path / "lab.zip", CLASS[:20])
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(tmp_path / "again.zip", "w") as again:
        for name in archive.namelist():
            again.writestr(f"Lab 3/{name}", archive.read(name))
            again.writestr(f"__MACOSX/Lab 3/._{name}", b"x")

    assert students(found_in(tmp_path / "again.zip")) == students(found_in(path))
    assert students(found_in(extracted(tmp_path / "again.zip"))) == students(found_in(path))


def test_people_of_one_name_are_told_apart_by_their_numbers(tmp_path: Path) -> None:
    write(tmp_path, "Anna Ek_7_assignsubmission_file/a.py", "Anna Ek_8_assignsubmission_file/a.py")
    write(tmp_path, "Bo Ek_9_assignsubmission_file/a.py")

    assert students(told_apart(found_in(tmp_path))) == ["Anna Ek (7)", "Anna Ek (8)", "Bo Ek"]


def test_who_was_graded_first_keeps_the_name_when_a_namesake_hands_in(tmp_path: Path) -> None:
    write(tmp_path, "Anna Ek_7_assignsubmission_file/a.py", "Anna Ek_8_assignsubmission_file/a.py")
    write(tmp_path, "Bo Ek_9_assignsubmission_file/a.py")
    known = {"Anna Ek": Origin(platform=Platform.MOODLE, participant="8", name="Anna Ek")}

    assert students(told_apart(found_in(tmp_path), known)) == ["Anna Ek (7)", "Anna Ek", "Bo Ek"]


def test_in_blind_marking_everybody_is_a_number(tmp_path: Path) -> None:
    path = moodle_zip(tmp_path / "lab.zip", CLASS[:6], blind=True)

    assert students(found_in(path)) == [f"Participant {number}" for number in range(1041, 1047)]


def test_one_blind_participant_alone_is_a_number_too(tmp_path: Path) -> None:
    write(tmp_path, "Participant_12_assignsubmission_file/a.py")

    assert students(found_in(tmp_path)) == ["Participant 12"]


def test_a_team_is_one_submission_under_its_name(tmp_path: Path) -> None:
    found = found_in(moodle_team_zip(tmp_path / "lab.zip", in_teams(CLASS[:9], 3)))

    assert students(found) == ["Lab team 1", "Lab team 2", "Lab team 3"]


def test_those_in_no_team_are_one_group_without_a_number(tmp_path: Path) -> None:
    write(tmp_path, "Default group_assignsubmission_file/a.py", "Red_31_assignsubmission_file/a.py")

    assert students(found_in(tmp_path)) == ["Default group", "Red"]


def test_tables_beside_a_download_are_no_submissions_and_work_of_others_is(tmp_path: Path) -> None:
    write(tmp_path, "Bo Ek_9_assignsubmission_file/a.py", "Grades-Lab-4711.csv", "carl.py")

    assert students(found_in(tmp_path)) == ["Bo Ek", "carl"]


def test_what_was_typed_in_beside_files_is_named_and_waits_for_a_person(tmp_path: Path) -> None:
    write(
        tmp_path, "Bo Ek_9_assignsubmission_file/a.py", "Bo Ek_9_assignsubmission_onlinetext/onlinetext.html"
    )
    (found,) = found_in(tmp_path)
    submission = read(found)

    assert found.path.name == "Bo Ek_9_assignsubmission_file"
    assert submission.unread == ("Bo Ek_9_assignsubmission_onlinetext",)
    assert submission.notes == ("Handed in as well, and not read: `Bo Ek_9_assignsubmission_onlinetext`.",)


def test_folders_of_moodle_may_be_named_one_by_one(tmp_path: Path) -> None:
    write(tmp_path, "Bo Ek_9_assignsubmission_file/a.py", "Cy Ek_10_assignsubmission_file/a.py")

    found = find(sorted(tmp_path.iterdir()), single=False)

    assert sorted(students(found)) == ["Bo Ek", "Cy Ek"]


def test_files_of_canvas_may_be_named_one_by_one(tmp_path: Path) -> None:
    write(tmp_path, "ekbo_123_45678_a.py", "ekbo_123_45679_b.py", "ekcy_124_45680_a.py")

    found = find(sorted(tmp_path.iterdir()), single=False)

    assert students(found) == ["ekbo", "ekcy"]
    assert read(found[0]).files == ("a.py", "b.py")


@pytest.mark.parametrize(
    ("name", "is_folder", "student", "number", "file"),
    [
        ("Jane Doe_123456_assignsubmission_file", True, "Jane Doe", "123456", ""),
        ("Jane Doe_123456_assignsubmission_file_", True, "Jane Doe", "123456", ""),
        ("Jane Doe_1_assignsubmission_file_main_2.py", False, "Jane Doe", "1", "main_2.py"),
        ("jdoe_Jane Doe_1_assignsubmission_file", True, "jdoe_Jane Doe", "1", ""),
        ("Team 7_31_assignsubmission_file", True, "Team 7", "31", ""),
    ],
)
def test_moodle_names_have_a_name_a_number_and_a_file(
    name: str, is_folder: bool, student: str, number: str, file: str
) -> None:
    one = moodle(name, is_folder=is_folder)

    assert one is not None
    assert (one.name, one.participant, one.file) == (student, number, file)


@pytest.mark.parametrize(
    "name", ["Jane Doe_1_assignsubmission_file", "Jane Doe_1", "a_assignsubmission_file"]
)
def test_a_file_that_is_called_like_a_folder_of_moodle_is_none(name: str) -> None:
    assert moodle(name, is_folder=False) is None


@pytest.mark.parametrize(
    ("name", "student", "number", "late", "file"),
    [
        ("doejane_12345_678901_main.py", "doejane", "12345", False, "main.py"),
        ("doejane_LATE_12345_678901_main.py", "doejane", "12345", True, "main.py"),
        ("doejane_5_678901_lab_2024_1105_x.py", "doejane", "5", False, "lab_2024_1105_x.py"),
        ("de_grootjan_12345_678901_a b.py", "de_grootjan", "12345", False, "a b.py"),
        ("anon_aB3dE_678901_main.py", "anon_aB3dE", "anon_aB3dE", False, "main.py"),
        ("LATE_anon_aB3dE_678901_main.py", "anon_aB3dE", "anon_aB3dE", True, "main.py"),
        ("doejane_LATE_12345_text.html", "doejane", "12345", True, "text.html"),
        ("LATE_anon_aB3dE_link.html", "anon_aB3dE", "anon_aB3dE", True, "link.html"),
    ],
)
def test_canvas_names_have_a_name_a_late_mark_a_number_and_a_file(
    name: str, student: str, number: str, late: bool, file: str
) -> None:
    one = canvas(name)

    assert one is not None
    assert (one.name, one.participant, one.late, one.file) == (student, number, late, file)


@pytest.mark.parametrize(
    "names",
    [
        ["lab_3_1_a.py", "lab_3_2_b.py"],
        ["alice_2024_1105_hw.py", "bob_2024_1105_hw.py"],
        ["alice_2024_1105_hw.py", "bob_2024_1106_hw.py"],
        ["anna_1_1_x.py", "bob_2_2_x.py"],
        ["Alice_123_45678_x.py", "Bob_124_45679_x.py"],
        ["alice.py", "bob.py", "ekcy_124_45680_a.py"],
        [],
    ],
    ids=["sheets", "one date", "two dates", "short numbers", "capitals", "one of three", "nothing"],
)
def test_names_with_numbers_of_their_own_are_no_canvas_download(names: list[str]) -> None:
    assert recognised(dict.fromkeys(names, False)) == {}


def test_a_file_handed_in_again_on_canvas_has_its_own_name_again(tmp_path: Path) -> None:
    """A module `layers-1.py` could not be imported."""
    write(tmp_path, "ekbo_123_45678_main.py", "ekbo_123_45679_layers-1.py", "ekbo_123_45680_data-2.csv")
    write(tmp_path, "ekcy_124_45681_main.py", "ekcy_124_45682_main-1.py")
    bo, cy = found_in(tmp_path)

    assert read(bo).files == ("layers.py", "main.py")
    assert read(cy).files == ("main-1.py", "main.py")
    assert bo.origin is not None
    assert bo.origin.files[0] == "ekbo_123_45678_main.py"


def test_work_handed_in_in_time_and_late_waits_for_a_person_or_the_later_counts(tmp_path: Path) -> None:
    write(tmp_path, "ekbo_123_45678_main.py", "ekbo_LATE_123_45699_main.py", "ekcy_124_45681_main.py")
    os.utime(tmp_path / "ekbo_123_45678_main.py", (1000, 1000))
    os.utime(tmp_path / "ekbo_LATE_123_45699_main.py", (2000, 2000))
    found = found_in(tmp_path)

    bo, _ = resolve_conflicts(found, latest=False)
    assert read(bo).conflict == (
        f"two submissions of `ekbo`: {tmp_path}/ekbo_123_45678_main.py and {tmp_path}/ekbo_LATE_123_45699_main.py; "
        "remove one or use --latest"
    )
    bo, _ = resolve_conflicts(found, latest=True)
    assert bo.origin is not None
    assert bo.origin.late
    assert read(bo).conflict is None


def test_a_zip_that_a_student_handed_in_flat_is_opened(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "Bo Ek_9_assignsubmission_file_lab.zip", "w") as archive:
        archive.writestr("lab/main.py", "x = 1\n")
    (found,) = found_in(tmp_path)

    assert read(found).files == ("main.py",)


def test_links_in_a_flat_download_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("x = 1\n")
    folder = write(tmp_path / "class", "Bo Ek_9_assignsubmission_file_b.py")
    (folder / "Bo Ek_9_assignsubmission_file_a.py").symlink_to(tmp_path / "secret.py")
    (found,) = found_in(folder)
    submission = read(found)

    assert submission.files == ("b.py",)
    assert submission.notes == ("Links are not followed; left out: `a.py`.",)


def test_an_expression_for_the_student_goes_before_what_a_platform_says(tmp_path: Path) -> None:
    write(
        tmp_path, "jdoe_Jane Doe_12_assignsubmission_file/a.py", "lwei_Li Wei_13_assignsubmission_file/a.py"
    )

    found = find([tmp_path], single=False, student_from=r"^(?P<student>[a-z]+)_")

    assert students(found) == ["jdoe", "lwei"]
    assert [one.origin.participant for one in found if one.origin] == ["12", "13"]


# --------------------------------------------------------------------------------------------------------------
# Zips of a class


def test_the_zip_of_one_student_is_left_alone(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "alice.zip", "w") as archive:
        archive.writestr("lab_3_1_a.py", "x = 1\n")
    with unpacked([tmp_path / "alice.zip", tmp_path / "nowhere.zip", tmp_path]) as folders:
        assert folders == {}


def test_a_zip_is_gone_when_the_run_is_over_and_messages_name_it(tmp_path: Path) -> None:
    path = moodle_zip(tmp_path / "lab.zip", CLASS[:3])
    with unpacked([path]) as folders:
        (folder,) = folders.values()
        found = find([path], single=False, unpacked=folders)
        assert [one.place for one in found] == sorted(f"{path}/{moodle_folder(one)}" for one in CLASS[:3])
    assert not folder.exists()


@pytest.mark.parametrize("name", ["../../evil.py", "/etc/evil.py", "C:evil.py"])
def test_a_zip_with_a_name_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    path = moodle_zip(tmp_path / "lab.zip", CLASS[:3])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, "x = 1\n")
    with pytest.raises(UsageError, match="leads out of the archive"), unpacked([path]):
        pass


def test_a_zip_that_is_cut_off_is_refused_or_no_class(tmp_path: Path) -> None:
    path = moodle_zip(tmp_path / "lab.zip", CLASS[:3])
    data = path.read_bytes()
    damaged = bytearray(data)
    damaged[60:70] = b"\xff" * 10
    path.write_bytes(damaged)
    with pytest.raises(UsageError, match="cannot be unpacked"), unpacked([path]):
        pass
    path.write_bytes(data[: len(data) // 2])
    with unpacked([path]) as folders:
        assert folders == {}


def test_what_nobody_would_read_takes_no_room(tmp_path: Path) -> None:
    """A data set of 65 MiB is there by name and size alone."""
    path = tmp_path / "lab.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Bo Ek_9_assignsubmission_file/a.py", "x = 1\n")
        archive.writestr("Bo Ek_9_assignsubmission_file/data.bin", bytes(65 * 1024 * 1024))
    with unpacked([path]) as folders:
        (folder,) = folders.values()
        status = (folder / "Bo Ek_9_assignsubmission_file" / "data.bin").stat()
        assert status.st_size == 65 * 1024 * 1024
        assert status.st_blocks * 512 < 1024 * 1024


# --------------------------------------------------------------------------------------------------------------
# Gradescope and GitHub Classroom

METADATA = """---
submission_301:
  :submitters:
  - :name: Bo Ek
    :sid: '0071'
    :email: bo@example.org
  :created_at: 2026-03-12 11:30:00.5 Z
  :score: 0.0
submission_302:
  :submitters:
  - :name: Cy Ek
    :sid: 72
    :email: cy@example.org
  - :name: Dua Ek
    :sid: '73'
    :email: dua@example.org
"""


def export(folder: Path, metadata: str = METADATA) -> Path:
    write(folder, "submission_301/a.py", "submission_302/a.py")
    (folder / "submission_metadata.yml").write_text(metadata)
    return folder


def test_a_gradescope_export_says_who_handed_in_together_and_when(tmp_path: Path) -> None:
    bo, pair = found_in(export(tmp_path / "assignment_1_export"))

    assert bo.student == "Bo Ek"
    assert bo.origin is not None
    assert (bo.origin.id, bo.origin.email) == ("0071", "bo@example.org")
    assert bo.origin.submitted_at == 1773315000.5  # date -u -d '2026-03-12 11:30:00.5' +%s.%N
    assert [(member.student, member.origin.id) for member in pair.members] == [
        ("Cy Ek", "72"),
        ("Dua Ek", "73"),
    ]


def test_a_gradescope_zip_with_its_folder_is_read(tmp_path: Path) -> None:
    folder = export(tmp_path / "assignment_1_export")
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        for path in sorted(folder.rglob("*.*")):
            archive.write(path, path.relative_to(tmp_path))

    assert students(found_in(tmp_path / "export.zip")) == ["Bo Ek", "Cy Ek"]


@pytest.mark.parametrize(
    "metadata",
    ["a: [", "- 1\n- 2\n", "!!python/object/apply:os.system ['echo']", "[" * 5000],
    ids=str.__len__,
)
def test_broken_metadata_is_a_usage_error_that_names_the_file(tmp_path: Path, metadata: str) -> None:
    with pytest.raises(UsageError, match=r"submission_metadata\.yml"):
        found_in(export(tmp_path, metadata))


def test_without_pyyaml_an_export_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "yaml", None)
    with pytest.raises(UsageError) as caught:
        found_in(export(tmp_path))
    assert "backprop-grader[gradescope]" in str(caught.value.remedy)


def test_clones_of_github_classroom_are_their_students(tmp_path: Path) -> None:
    for name in ("ex3-anna", "ex3-annika-b", "ex3-bo"):
        write(tmp_path, f"{name}/main.py", f"{name}/.git/HEAD")

    assert students(found_in(tmp_path)) == ["anna", "annika-b", "bo"]


def test_folders_without_a_repository_keep_their_names(tmp_path: Path) -> None:
    write(tmp_path, "ex3-anna/main.py", "ex3-bo/main.py")

    assert students(found_in(tmp_path)) == ["ex3-anna", "ex3-bo"]


@pytest.mark.parametrize(
    ("names", "parent", "prefix"),
    [
        (["lab-2-ann", "lab-2-anna"], "class", "lab-2-"),
        (["lab-2-x-ann", "lab-2-x-bo"], "lab-2-submissions", "lab-2-"),
        (["lab-2-ann"], "lab-2-submissions", "lab-2-"),
        (["lab-2-ann"], "class", None),
        (["ann", "anna"], "class", None),
        (["lab-", "lab-bo"], "class", None),
    ],
)
def test_repositories_of_an_assignment_begin_alike(names: list[str], parent: str, prefix: str | None) -> None:
    assert classroom_prefix(names, parent) == prefix


def test_two_submissions_of_members_of_a_team_are_one_conflict(tmp_path: Path) -> None:
    bo, pair = found_in(export(tmp_path))
    alone = Found(student="Dua Ek", path=tmp_path / "dua.py", modified=9e9)

    found = resolve_conflicts((bo, pair, alone), latest=True)

    assert [one.students for one in found] == [("Bo Ek",), ("Cy Ek", "Dua Ek")]
    assert found[1].conflict is not None
    assert found[1].conflict == "two submissions of one team that are not of the same students; remove one"


def test_names_of_students_stay_distinct_whatever_they_look_like() -> None:
    """What cannot be shown is replaced, and two names do not become one."""
    names = ["A\x1b_1_assignsubmission_file", "A\u202e_2_assignsubmission_file"]
    read_names = recognised(dict.fromkeys(names, True))

    assert len({one.name for one in read_names.values()}) == 2
