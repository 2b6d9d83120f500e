"""Landlock closes what is not named, leaves open what is, and says why where there is none."""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from linux_children import (
    PASSED,
    enter_own_tree,
    in_child,
    linux_only,
    names_in,
    needs_namespaces,
    refusal,
)

from grader.sandbox.linux import bpf, calls, landlock, mounts, process, seccomp

pytestmark = linux_only

needs_landlock = pytest.mark.skipif(
    not calls.supported() or landlock.abi() == 0, reason=f"no Landlock: {landlock.why_not()}"
)
needs_scopes = pytest.mark.skipif(landlock.abi() < 6, reason="Landlock here knows no signals and sockets")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name in ("readable", "writable", "closed"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name, encoding="ascii")
    return tmp_path


def restricted(place: Path) -> None:
    process.no_new_privileges()
    landlock.restrict(read=[str(place / "readable"), "/no/such/path"], write=[str(place / "writable")])


@needs_landlock
def test_what_is_not_named_can_be_neither_read_nor_listed_nor_changed(place: Path) -> None:
    def work() -> list[str]:
        restricted(place)
        closed = place / "closed"
        return [
            refusal((closed / "file").read_text),
            refusal(os.listdir, closed),
            refusal((closed / "file").write_text, "x"),
            refusal((closed / "file").unlink),
            refusal((closed / "new").mkdir),
            refusal(os.listdir, "/"),
            refusal((place / "writable" / "file").rename, closed / "moved"),
        ]

    assert in_child(work) == ["EACCES"] * 7


@needs_landlock
def test_what_is_named_for_reading_can_be_read_and_listed_only(place: Path) -> None:
    def work() -> list[object]:
        restricted(place)
        readable = place / "readable"
        return [
            (readable / "file").read_text(encoding="ascii"),
            names_in(readable),
            refusal((readable / "file").write_text, "x"),
            refusal((readable / "file").unlink),
            refusal((readable / "new").touch),
        ]

    assert in_child(work) == ["readable", ["file"], "EACCES", "EACCES", "EACCES"]


@needs_landlock
def test_where_writing_is_allowed_files_folders_and_links_can_be_made_and_no_devices_and_sockets(
    place: Path,
) -> None:
    def work() -> list[str]:
        restricted(place)
        os.chdir(place / "writable")
        Path("folder").mkdir()
        return [
            refusal(Path("file").rename, "folder/file"),
            refusal(os.symlink, "x", "link"),
            refusal(os.truncate, "folder/file", 1),
            refusal(os.mkfifo, "pipe"),
            refusal(Path("folder/file").unlink),
            refusal(Path("folder").rmdir),
            refusal(socket.socket(socket.AF_UNIX).bind, "socket"),
            refusal(os.mknod, "device", stat.S_IFCHR | 0o600, os.makedev(1, 3)),
        ]

    *allowed, bound, device = in_child(work)
    assert allowed == [PASSED] * 6
    assert bound == "EACCES"
    assert device in {"EACCES", "EPERM"}  # a user may not anyway


@needs_landlock
def test_a_single_file_can_be_named(place: Path) -> None:
    def work() -> list[str]:
        process.no_new_privileges()
        landlock.restrict(read=[str(place / "closed" / "file")], write=[])
        return [
            (place / "closed" / "file").read_text(encoding="ascii"),
            refusal(os.listdir, place / "closed"),
        ]

    assert in_child(work) == ["closed", "EACCES"]


@needs_landlock
def test_a_library_is_loaded_where_only_reading_is_allowed_and_no_program_is_run() -> None:
    library = next(Path("/usr/lib").glob("*/libm.so.6"), None) or next(Path("/lib").glob("*/libm.so.6"), None)
    if library is None:
        pytest.skip("no libm.so.6 where one is looked for")

    def work() -> list[object]:
        process.no_new_privileges()
        landlock.restrict(read=["/usr", "/lib", "/lib64"], write=[])
        loaded = ctypes.CDLL(str(library))
        loaded.cos.restype = ctypes.c_double
        child = os.fork()
        if child == 0:
            os._exit(getattr(errno, refusal(os.execv, "/usr/bin/env", ["env"]), 255))
        return [loaded.cos(ctypes.c_double(0.0)), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])]

    assert in_child(work) == [1.0, errno.EACCES]


@needs_landlock
@pytest.mark.skipif(landlock.abi() < 4, reason="Landlock here knows no TCP")
def test_tcp_is_closed_in_both_directions() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()

        def work() -> list[str]:
            process.no_new_privileges()
            landlock.restrict(read=["/"], write=[])
            with socket.socket() as one, socket.socket() as other:
                return [refusal(one.connect, address), refusal(other.bind, ("127.0.0.1", 0))]

        assert in_child(work) == ["EACCES", "EACCES"]


@needs_landlock
@needs_scopes
def test_no_signal_leaves_and_signals_to_itself_arrive() -> None:
    us = os.getpid()

    def work() -> list[str]:
        process.no_new_privileges()
        landlock.restrict(read=[], write=[])
        return [refusal(os.kill, us, 0), refusal(os.kill, os.getpid(), 0)]

    assert in_child(work) == ["EPERM", PASSED]


@needs_landlock
@needs_scopes
def test_abstract_sockets_of_others_are_closed() -> None:
    name = f"\0test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(name)
        listener.listen()

        def connect() -> str:
            with socket.socket(socket.AF_UNIX) as one:
                return refusal(one.connect, name)

        def work() -> str:
            process.no_new_privileges()
            landlock.restrict(read=[], write=[])
            return connect()

        assert in_child(connect) == PASSED
        assert in_child(work) == "EPERM"


@needs_landlock
def test_one_set_of_rules_serves_many_children_and_cannot_be_widened(place: Path) -> None:
    rules = landlock.ruleset(read=[str(place / "readable")], write=[])

    def work() -> list[str]:
        process.no_new_privileges()
        landlock.apply(rules)
        landlock.restrict(read=[str(place)], write=[str(place)])
        return [
            refusal(os.listdir, place / "closed"),
            refusal(os.listdir, place / "readable"),
            refusal((place / "readable" / "new").touch),
        ]

    try:
        assert [in_child(work) for _ in range(2)] == [["EACCES", PASSED, "EACCES"]] * 2
        assert names_in(place / "closed") == ["file"]
    finally:
        os.close(rules)


@needs_landlock
@pytest.mark.parametrize(("named", "told"), [("writable", PASSED), ("writable/below", "EACCES")])
def test_what_is_mounted_later_is_open_where_the_folder_above_is_named_and_not_where_its_place_is(
    place: Path, named: str, told: str
) -> None:
    """Or each job would have to make its own rules once its folder is mounted."""
    needs_namespaces()
    below = place / "writable" / "below"
    below.mkdir()

    def work() -> list[str]:
        enter_own_tree()
        rules = landlock.ruleset(read=["/"], write=[str(place / named)])
        mounts.mount_tmpfs(str(below), size=1 << 20, inodes=10, mode=0o700)
        for name in ("from", "to"):
            (below / name).mkdir()
        (below / "from" / "file").touch()
        process.no_new_privileges()
        landlock.apply(rules)
        return [
            refusal((below / "file").write_text, "x"),
            refusal((below / "from" / "file").rename, below / "to" / "file"),
            refusal((place / "closed" / "file").write_text, "x"),
        ]

    assert in_child(work) == [told, told, "EACCES"]


@needs_landlock
def test_without_no_new_privileges_a_user_may_not() -> None:
    def work() -> str:
        process.drop_capabilities()
        return refusal(lambda: landlock.restrict(read=[], write=[]))

    assert in_child(work) == "EPERM"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSYS, "built without"),
        (errno.EOPNOTSUPP, "when the kernel was started"),
        (errno.EPERM, "container"),
        (errno.EBUSY, os.strerror(errno.EBUSY)),
    ],
)
def test_where_there_is_no_landlock_the_reason_is_told(number: int, words: str) -> None:
    create_ruleset = calls.NUMBERS["landlock_create_ruleset"]
    steps: list[bpf.Line] = [
        bpf.load(0),
        bpf.if_equal(create_ruleset, "refuse"),
        bpf.answer(0x7FFF0000),
        bpf.Label("refuse"),
        bpf.answer(0x00050000 | number),
    ]

    def work() -> tuple[int, str | None]:
        process.no_new_privileges()
        seccomp.load(bpf.assemble(steps))
        return landlock.abi(), landlock.why_not()

    version, reason = in_child(work)
    assert version == 0
    assert words in reason


@needs_landlock
def test_where_there_is_landlock_there_is_no_reason() -> None:
    assert landlock.why_not() is None


def test_a_version_asks_for_the_rights_that_it_knows() -> None:
    # The table of landlock(7): REFER with 2, TRUNCATE with 3, IOCTL_DEV with 5.
    assert [int(landlock._handled(version)).bit_length() for version in (1, 2, 3, 4, 5, 6, 7)] == [
        *(13, 14, 15, 15, 16, 16, 16)
    ]


@needs_landlock
def test_importing_numpy_needs_reading_only() -> None:
    prefixes = sorted(
        {sys.prefix, sys.base_prefix, "/usr", "/lib", "/lib64", "/etc/ld.so.cache", *sys.path} - {""}
    )
    code = (
        "from grader.sandbox.linux import landlock, process\n"
        "process.no_new_privileges()\n"
        f"landlock.restrict(read={prefixes!r}, write=[])\n"
        "import numpy\n"
        "print(numpy.ones((2, 2)) @ numpy.ones((2, 2)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[[2. 2.]\n [2. 2.]]\n", "")
