"""The file tree of a process holds what it was given, and what it was given for reading stays as it is."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from linux_children import PASSED, enter_own_tree, in_child, linux_only, names_in, needs_namespaces, refusal

from grader.sandbox.linux import mounts
from grader.sandbox.linux.mounts import Flag

pytestmark = linux_only


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return a folder to mount on, beside `shown`, which holds a file and a folder."""
    needs_namespaces()
    for folder in ("shown/deep", "root"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "shown" / "file").write_text("honest", encoding="ascii")
    return tmp_path


def in_own_tree(work: Callable[[], object]) -> object:
    def entered() -> object:
        enter_own_tree()
        mounts.make_private()
        return work()

    return in_child(entered)


def test_a_tmpfs_is_seen_inside_only(place: Path) -> None:
    target = place / "root"

    def work() -> list[str]:
        mounts.mount_tmpfs(str(target), size=1 << 20, inodes=10, mode=0o700)
        (target / "x").write_text("x", encoding="ascii")
        return names_in(target)

    assert in_own_tree(work) == ["x"]
    assert names_in(target) == []


def test_a_tmpfs_holds_so_many_bytes_and_files_and_no_more(place: Path) -> None:
    target = place / "root"

    def work() -> list[object]:
        mounts.mount_tmpfs(str(target), size=1 << 16, inodes=5, mode=0o750)
        too_large = refusal((target / "large").write_bytes, bytes((1 << 16) + 1))
        (target / "large").unlink()
        fits = refusal((target / "fits").write_bytes, bytes(1 << 16))
        made = [refusal((target / name).mkdir) for name in "abcd"]
        return [too_large, fits, made, oct(target.stat().st_mode & 0o7777)]

    passed = [PASSED] * 3  # the folder itself, the file and these three are the five
    assert in_own_tree(work) == ["ENOSPC", PASSED, [*passed, "ENOSPC"], "0o750"]


def test_a_tmpfs_belongs_to_whom_it_is_made_for(place: Path) -> None:
    target = place / "root"
    us = os.geteuid()

    def work() -> list[int]:
        mounts.mount_tmpfs(str(target), size=1 << 16, inodes=5, mode=0o700, uid=us)
        return [target.stat().st_uid, target.stat().st_gid]

    expected_group = us if us == os.getegid() else None
    if expected_group is None:
        pytest.skip("user and group of this process have different numbers")
    assert in_own_tree(work) == [us, us]


@pytest.mark.parametrize(("executable", "expected"), [(False, "EACCES"), (True, PASSED)])
def test_programs_in_a_tmpfs_run_only_where_that_was_asked_for(
    place: Path, executable: bool, expected: str
) -> None:
    target = place / "root"

    def run() -> None:
        program = target / "program"
        program.write_bytes(Path("/bin/true").read_bytes())
        program.chmod(0o700)
        child = os.fork()
        if child == 0:
            answer = refusal(os.execv, str(program), ["true"])
            os._exit(getattr(errno, answer, 255))
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        if code:
            raise OSError(code, "exec")

    def work() -> str:
        mounts.mount_tmpfs(str(target), size=1 << 24, inodes=5, mode=0o700, executable=executable)
        return refusal(run)

    assert in_own_tree(work) == expected


def test_a_folder_bound_for_reading_can_be_read_and_not_changed(place: Path) -> None:
    target = place / "root" / "new" / "deeper"

    def work() -> list[str]:
        mounts.bind_read_only(str(place / "shown"), str(target))
        file = target / "file"
        return [
            file.read_text(encoding="ascii"),
            refusal(file.write_text, "x"),
            refusal(file.chmod, 0o777),
            refusal(file.unlink),
            refusal(os.utime, file),
            refusal((target / "other").mkdir),
            refusal((target / "deep" / "x").touch),
        ]

    assert in_own_tree(work) == ["honest", *["EROFS"] * 6]


def test_a_single_file_is_bound_for_reading(place: Path) -> None:
    target = place / "root" / "etc" / "name"

    def work() -> list[str]:
        mounts.bind_read_only(str(place / "shown" / "file"), str(target))
        return [target.read_text(encoding="ascii"), refusal(target.write_text, "x")]

    assert in_own_tree(work) == ["honest", "EROFS"]


def _bind_with(restrict: Callable[[str, Flag], None], place: Path) -> list[object]:
    """Bind a folder in which something is mounted, and return what can be changed in it and what its mounts forbid."""
    below = place / "shown" / "deep"
    mounts.mount_tmpfs(str(below), size=1 << 16, inodes=5, mode=0o700)
    target = place / "root"
    mounts._mount(str(place / "shown"), str(target), None, mounts._MS_BIND | mounts._MS_REC)
    restrict(str(target), Flag.READ_ONLY)
    kept = os.statvfs(target / "deep").f_flag & (Flag.NO_SUID | Flag.NO_DEV | Flag.NO_EXEC)
    return [
        refusal((target / "x").touch),
        refusal((target / "deep" / "x").touch),
        refusal((below / "x").touch),
        kept,
    ]


@pytest.mark.parametrize("restrict", [mounts._restrict_tree, mounts._restrict_each])
def test_what_is_mounted_below_is_closed_too_and_keeps_what_it_forbade(
    place: Path, restrict: Callable[[str, Flag], None]
) -> None:
    forbidden_before = Flag.NO_SUID | Flag.NO_DEV | Flag.NO_EXEC

    def work() -> list[object]:
        return _bind_with(restrict, place)

    assert in_own_tree(work) == ["EROFS", "EROFS", PASSED, forbidden_before]


@pytest.mark.parametrize("restrict", [mounts._restrict_tree, mounts._restrict_each])
def test_flags_that_a_user_namespace_locked_are_kept(
    place: Path, restrict: Callable[[str, Flag], None]
) -> None:
    target = place / "root"

    def work() -> list[object]:
        mounts.mount_tmpfs(str(target), size=1 << 16, inodes=5, mode=0o700)
        enter_own_tree()  # one further in: what came along is locked
        mounts.make_private()
        mounts._mount(str(target), str(target), None, mounts._MS_BIND)
        without = refusal(
            mounts._mount, None, str(target), None, mounts._MS_REMOUNT | mounts._MS_BIND | Flag.READ_ONLY
        )
        restrict(str(target), Flag.READ_ONLY)
        return [without, mounts._flags_of(str(target)) == mounts._ALL_FLAGS]

    assert in_own_tree(work) == ["EPERM", True]


def test_mounts_below_are_found_whatever_their_names(place: Path) -> None:
    names = ["a b", "tab\there", "back\\slash", "line\nbreak", "größe", "ro"]

    def work() -> list[str]:
        for name in names:
            (place / "root" / name).mkdir()
            mounts.mount_tmpfs(str(place / "root" / name), size=4096, inodes=5, mode=0o700)
        (place / "root-beside").mkdir()
        mounts.mount_tmpfs(str(place / "root-beside"), size=4096, inodes=5, mode=0o700)
        return sorted(Path(found).name for found in mounts._mounts_below(str(place / "root")))

    assert in_own_tree(work) == sorted(names)


def test_a_mount_that_stays_writable_is_an_error(place: Path) -> None:
    def work() -> str:
        mounts._mount(str(place / "shown"), str(place / "root"), None, mounts._MS_BIND)
        return refusal(mounts._verify, str(place / "root"), Flag.READ_ONLY)

    assert in_own_tree(work) == "EROFS"


def test_a_device_can_be_written_and_not_changed(place: Path) -> None:
    target = place / "root" / "null"

    def work() -> list[object]:
        mounts.bind_device("/dev/null", str(target))
        with target.open("r+b", buffering=0) as device:
            written = device.write(b"gone")
            return [written, device.read(1), refusal(target.chmod, 0o666)]

    assert in_own_tree(work) == [4, b"", "EROFS"]


def test_a_file_is_no_device(place: Path) -> None:
    with pytest.raises(OSError, match="is no device"):
        mounts.bind_device(str(place / "shown" / "file"), str(place / "root" / "null"))


def test_after_the_pivot_only_the_new_tree_is_left(place: Path) -> None:
    root = place / "root"

    def work() -> list[object]:
        mounts.mount_tmpfs(str(root), size=1 << 16, inodes=20, mode=0o755)
        mounts.bind_read_only(str(place / "shown"), str(root / "shown"))
        (root / "box").mkdir()
        mounts.mount_tmpfs(str(root / "box"), size=1 << 16, inodes=5, mode=0o700)
        mounts.pivot(str(root))
        mounts.remount_read_only("/")
        return [
            Path.cwd(),
            names_in("/"),
            names_in("/.."),
            Path("/shown/file").read_text(encoding="ascii"),
            refusal(os.stat, "/proc"),
            refusal(Path("/x").touch),
            refusal(Path("/box/x").touch),
        ]

    tree = ["box", "shown"]
    assert in_own_tree(work) == [Path("/"), tree, tree, "honest", "ENOENT", "EROFS", PASSED]


def test_a_mount_on_what_is_not_there_says_what_was_tried() -> None:
    needs_namespaces()

    def work() -> str:
        try:
            mounts.mount_tmpfs("/no/such/folder", size=4096, inodes=5, mode=0o700)
        except FileNotFoundError as error:
            return str(error)
        return PASSED

    assert "mount tmpfs on /no/such/folder" in str(in_own_tree(work))
