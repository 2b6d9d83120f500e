"""A tar is read in one pass from front to back, whatever its headers say."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import time
from collections.abc import Callable

import pytest
from clock import allowed
from packed import COMPRESSED, HONEST, special, tar_of

from grader.model import Submission

HandIn = Callable[[str, bytes], Submission]
MIB = 1024 * 1024
END = bytes(1024)
MAIN = ("main.py", b"x = 1\n")


def problem_of(submission: Submission) -> str:
    assert submission.problem is not None
    assert submission.sources == ()
    return submission.problem


def header(name: str, size: int, kind: bytes = tarfile.REGTYPE) -> bytes:
    """One header block, whatever comes after it."""
    member = tarfile.TarInfo(name)
    member.size, member.type = size, kind
    return member.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_format_is_read_with_long_and_foreign_names(hand_in: HandIn, form: int) -> None:
    name = "hw/" + "x" * 90 + "/Zo\u00eb.py"

    submission = hand_in("a.tar", tar_of([MAIN, (name, b"y = 2\n")], form))

    assert submission.files == (name, "main.py")


def test_links_devices_and_sparse_files_are_left_out_with_a_note(hand_in: HandIn) -> None:
    files: list[tuple[str | tarfile.TarInfo, bytes]] = [
        MAIN,
        (special("symlink.py", tarfile.SYMTYPE, "/etc/passwd"), b""),
        (special("hardlink.py", tarfile.LNKTYPE, "main.py"), b""),
        (special("device.py", tarfile.CHRTYPE), b""),
        (special("disk.py", tarfile.BLKTYPE), b""),
        (special("fifo.py", tarfile.FIFOTYPE), b""),
        (special("sparse.py", tarfile.GNUTYPE_SPARSE), b""),
    ]

    submission = hand_in("a.tar", tar_of(files))

    assert submission.files == ("main.py",)
    (note,) = submission.notes
    assert note == (
        "Links are not followed; left out: `device.py`, `disk.py`, `fifo.py`, `hardlink.py`, `sparse.py` "
        "and 1 more."
    )


def test_a_hole_of_a_terabyte_in_a_sparse_file_is_not_made(hand_in: HandIn) -> None:
    member = tarfile.TarInfo("sparse.py")
    member.pax_headers = {"GNU.sparse.map": "0,6", "GNU.sparse.size": str(1 << 40), "GNU.sparse.major": "0"}

    submission = hand_in("a.tar", tar_of([(member, b"x = 1\n"), MAIN]))

    assert submission.files == ("main.py",)
    assert "left out: `sparse.py`" in submission.notes[0]


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE])
def test_a_name_of_50_megabytes_is_not_read(hand_in: HandIn, kind: bytes) -> None:
    """`tarfile` would take a header of any size into memory."""
    data = gzip.compress(header("x", 50 * MIB, kind) + b"a" * 50 * MIB + END)
    start = time.process_time()

    assert "holds too many files, or too long names" in problem_of(hand_in("a.tar.gz", data))
    assert time.process_time() - start < allowed(0.1)


def test_thousands_of_headers_for_one_member_are_refused(hand_in: HandIn) -> None:
    chain = (header("x", 12, tarfile.XHDTYPE) + b"12 path=a.py".ljust(512, b"\0")) * 1000

    assert "too long names" in problem_of(hand_in("a.tar", chain + header("main.py", 0) + END))


def test_settings_for_all_members_do_not_pile_up(hand_in: HandIn) -> None:
    """Each of the global headers sets 1,500 keys, and `tarfile` hands all of them to every later member."""
    parts = []
    for number in range(200):
        keys = b"".join(b"10 %05x=\n" % (number * 1500 + key) for key in range(1500))
        parts += [header("g", len(keys), tarfile.XGLTYPE), keys.ljust(-(-len(keys) // 512) * 512, b"\0")]
        parts.append(header(f"{number}.txt", 0))
    start = time.process_time()

    problem_of(hand_in("a.tar", b"".join(parts) + END))

    assert time.process_time() - start < allowed(1.0)


def test_a_header_of_git_for_all_members_is_honest(hand_in: HandIn) -> None:
    comment = b"52 comment=" + b"a" * 40 + b"\n"
    head = header("pax_global_header", len(comment), tarfile.XGLTYPE) + comment.ljust(512, b"\0")

    assert hand_in("a.tar", head + tar_of(HONEST.items())).files == ("lib/layers.py", "main.py")


@pytest.mark.parametrize("size", [7, 1 << 20, 1 << 33])
def test_a_claimed_size_is_not_believed(hand_in: HandIn, size: int) -> None:
    data = header("main.py", size) + b"x = 1\n"

    assert "is cut off in the archive" in problem_of(hand_in("a.tar", data))


def test_a_negative_size_leads_nowhere(hand_in: HandIn) -> None:
    """`tarfile` without a fix went round in circles: each member ends before it began."""
    block = bytearray(header("main.py", 0))
    block[124:136] = (-1024).to_bytes(12, "big", signed=True)
    block[148:156] = b"        "
    block[148:156] = b"%06o\0 " % sum(block)

    problem_of(hand_in("a.tar", tar_of([MAIN])[:1024] + bytes(block) + END))


@pytest.mark.parametrize("suffix", [".tar.gz", ".tar.bz2", ".tar.xz"])
def test_a_compressed_tar_that_is_cut_off_or_altered_is_a_problem(hand_in: HandIn, suffix: str) -> None:
    data = COMPRESSED[suffix](tar_of([("main.py", bytes(range(256)).hex().encode())]))

    for length in range(10, len(data), 11):
        assert "broken archive" in problem_of(hand_in(f"a{suffix}", data[:length]))
    middle = len(data) // 2
    flipped = data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :]
    problem_of(hand_in(f"a{suffix}", flipped))


@pytest.mark.parametrize(
    ("suffix", "compress"),
    [(".tar.gz", gzip.compress), (".tar.bz2", bz2.compress), (".tar.xz", lzma.compress)],
)
def test_several_streams_as_parallel_programs_write_them_are_one_tar(
    hand_in: HandIn, suffix: str, compress: Callable[[bytes], bytes]
) -> None:
    data = tar_of(HONEST.items())
    streams = b"".join(compress(data[start : start + 1000]) for start in range(0, len(data), 1000))

    assert hand_in(f"a{suffix}", streams + bytes(512)).files == ("lib/layers.py", "main.py")


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_a_hundred_thousand_empty_streams_are_refused(
    hand_in: HandIn, compress: Callable[[bytes], bytes]
) -> None:
    start = time.process_time()

    assert "more than 100 parts" in problem_of(hand_in("a.tar.gz", compress(b"") * 100_000))
    assert time.process_time() - start < allowed(0.2)


def test_a_file_name_in_a_gzip_header_that_never_ends_costs_little(hand_in: HandIn) -> None:
    """`gzip` looks for its end byte by byte; RFC 1952, section 2.3.1, flag FNAME."""
    data = b"\x1f\x8b\x08\x08" + bytes(6) + b"x" * 20 * MIB
    start = time.process_time()

    assert "it is cut off" in problem_of(hand_in("a.tar.gz", data))
    assert time.process_time() - start < allowed(0.5)


def test_a_bomb_of_zeros_is_passed_over_until_the_limit(hand_in: HandIn) -> None:
    data = bz2.compress(tar_of([("data.bin", bytes(40 * MIB)), MAIN]))
    assert len(data) < 1000
    start = time.process_time()

    assert "holds too much data" in problem_of(hand_in("a.tar.bz2", data))
    assert time.process_time() - start < allowed(0.5)


def test_more_members_than_may_be_are_a_problem(hand_in: HandIn) -> None:
    block = header("d/x.txt", 0)

    assert "holds too many files" in problem_of(hand_in("a.tar", block * 10_001 + END))


@pytest.mark.parametrize("data", [b"\x1f\x8b", b"BZh9", b"\xfd7zXZ\0", b"\x1f\x8b\x08" + b"\xff" * 100])
def test_a_head_alone_is_a_problem(hand_in: HandIn, data: bytes) -> None:
    assert "is a broken archive" in problem_of(hand_in("a.tar.gz", data))


def test_what_is_packed_but_no_tar_is_a_problem(hand_in: HandIn) -> None:
    assert "is a broken archive" in problem_of(hand_in("a.tar.gz", gzip.compress(b"x = 1\n")))
