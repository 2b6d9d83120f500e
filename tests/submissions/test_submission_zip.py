"""A zip that lies about itself is found out, and costs nothing."""

from __future__ import annotations

import stat
import struct
import time
import zipfile
from collections.abc import Callable

import pytest
from clock import allowed
from packed import zip_of

from grader.model import Submission

HandIn = Callable[[str, bytes], Submission]
CENTRAL, LOCAL, END = b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"
MIB = 1024 * 1024


def problem_of(submission: Submission) -> str:
    assert submission.problem is not None
    assert submission.sources == ()
    return submission.problem


def altered(data: bytes, *, flags: int | None = None, method: int | None = None) -> bytes:
    """Set general purpose flags and compression method of a zip's only member (APPNOTE.TXT, 4.3.7 and 4.3.12)."""
    changed = bytearray(data)
    for start in (data.index(LOCAL) + 6, data.index(CENTRAL) + 8):
        for offset, value in ((0, flags), (2, method)):
            if value is not None:
                struct.pack_into("<H", changed, start + offset, value)
    return bytes(changed)


def member(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, mode << 16
    return info


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_usual_methods_are_read(hand_in: HandIn, method: int) -> None:
    submission = hand_in("a.zip", zip_of([("main.py", b"x = 1\n" * 100)], method))

    assert submission.sources[0].cells == ("x = 1\n" * 100,)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, 9, 93, 99])
def test_unusual_methods_are_refused(hand_in: HandIn, method: int) -> None:
    """`zipfile` unpacks bzip2 and LZMA without a limit: 4 KiB of it become 80 MiB at once."""
    data = altered(zip_of([("main.py", b"x = 1\n")]), method=method)

    assert problem_of(hand_in("a.zip", data)) == (
        "`main.py` is compressed in an unusual way; pack the files again as an ordinary `.zip` file."
    )


@pytest.mark.parametrize("flags", [0x1, 0x41])
def test_a_file_locked_with_a_password_is_a_problem_that_says_so(hand_in: HandIn, flags: int) -> None:
    data = altered(zip_of([("main.py", b"x = 1\n")]), flags=flags)

    assert "is locked with a password; pack the files again without one" in problem_of(hand_in("a.zip", data))


def test_links_and_devices_are_left_out_with_a_note(hand_in: HandIn) -> None:
    files = [
        (member("link.py", stat.S_IFLNK | 0o777), b"/etc/passwd"),
        (member("device.py", stat.S_IFCHR | 0o666), b""),
        (member("fifo.py", stat.S_IFIFO | 0o666), b""),
        (member("setuid.py", stat.S_IFREG | 0o4755), b"x = 1\n"),
    ]

    submission = hand_in("a.zip", zip_of(files))

    assert submission.files == ("setuid.py",)
    assert submission.notes == ("Links are not followed; left out: `device.py`, `fifo.py`, `link.py`.",)


def test_a_name_with_a_nul_is_refused(hand_in: HandIn) -> None:
    r"""`zipfile` takes `main.py\0.txt` for `main.py`, other programs do not."""
    data = zip_of([("main.pyX.txt", b"x = 1\n")]).replace(b"main.pyX.txt", b"main.py\0.txt")

    assert "which has a NUL in it" in problem_of(hand_in("a.zip", data))


@pytest.mark.parametrize("claim", [0, 3, 7, 1 << 20])
def test_a_claimed_size_is_not_believed(hand_in: HandIn, claim: int) -> None:
    data = bytearray(zip_of([("main.py", b"x = 1\n")]))
    struct.pack_into("<I", data, data.index(CENTRAL) + 24, claim)

    assert "`main.py` is broken" in problem_of(hand_in("a.zip", bytes(data)))


def test_a_flipped_bit_is_found(hand_in: HandIn) -> None:
    data = zip_of([("main.py", b"x = 1\n")], zipfile.ZIP_STORED).replace(b"x = 1", b"x = 2")

    assert "`main.py` is broken: it was cut off or altered" in problem_of(hand_in("a.zip", data))


def test_a_zip_that_is_cut_off_is_a_problem(hand_in: HandIn) -> None:
    data = zip_of([("main.py", b"x = 1\n" * 1000)])

    for length in range(4, len(data), 7):
        assert "`a.zip` is broken" in problem_of(hand_in("a.zip", data[:length]))


def test_a_member_that_claims_to_be_another_one_is_found(hand_in: HandIn) -> None:
    """The table of contents says `main.py`, the member itself `evil.py`."""
    data = zip_of([("main.py", b"x = 1\n")])
    start = data.index(b"main.py")
    data = data[:start] + b"evil.py" + data[start + 7 :]

    assert "`main.py` is broken" in problem_of(hand_in("a.zip", data))


def test_zeros_are_not_unpacked_beyond_the_limit(hand_in: HandIn) -> None:
    """Once with the size it claims, once with a claim of one byte."""
    data = bytearray(zip_of([("main.py", bytes(20 * MIB))]))
    assert len(data) < 30_000
    start = time.process_time()

    assert "`main.py` is too large (20.0 MiB; the limit is 6 MiB)" in problem_of(
        hand_in("a.zip", bytes(data))
    )
    struct.pack_into("<I", data, data.index(CENTRAL) + 24, 1)
    assert "`main.py` is broken" in problem_of(hand_in("a.zip", bytes(data)))
    assert time.process_time() - start < allowed(0.1)


def test_data_beside_code_is_never_unpacked(hand_in: HandIn) -> None:
    data = zip_of([("main.py", b"x = 1\n"), ("data.bin", bytes(100 * MIB))])
    start = time.process_time()

    assert hand_in("a.zip", data).files == ("main.py",)
    assert time.process_time() - start < allowed(0.1)


def overlapping(count: int, size: int) -> bytes:
    """A zip whose members all are the same few bytes, each under a name of its own in the table of contents alone."""
    data = zip_of([("a000.py", bytes(size))])
    central, end = data.index(CENTRAL), data.index(END)
    table = b"".join(data[central:end].replace(b"a000", b"a%03d" % number) for number in range(count))
    tail = struct.pack("<4s4H2LH", END, 0, 0, count, count, len(table), central, 0)
    return data[:central] + table + tail


def test_members_that_overlap_are_broken(hand_in: HandIn) -> None:
    """Thus 10 MiB become 281 TB in a well-known zip; here a member is held against its own name."""
    data = overlapping(300, 6 * MIB)
    start = time.process_time()

    problem_of(hand_in("a.zip", data))

    assert time.process_time() - start < allowed(1.0)


def test_a_table_of_contents_of_65535_members_is_refused_unread(hand_in: HandIn) -> None:
    data = zip_of([("main.py", b"x = 1\n")])
    central, end = data.index(CENTRAL), data.index(END)
    table = data[central:end] * 65_535
    tail = struct.pack("<4s4H2LH", END, 0, 0, 65_535, 65_535, len(table), central, 0)
    start = time.process_time()

    problem = problem_of(hand_in("a.zip", data[:central] + table + tail))

    assert "holds more than 10000 files" in problem
    assert time.process_time() - start < allowed(0.1)


def test_more_members_than_may_be_are_refused_though_their_table_is_short(hand_in: HandIn) -> None:
    data = zip_of([(f"{number}", b"") for number in range(10_001)])

    assert "holds more than 10000 files" in problem_of(hand_in("a.zip", data))


@pytest.mark.parametrize("offset", [1, 1 << 31, (1 << 32) - 2])
def test_an_offset_that_leads_nowhere_is_a_problem(hand_in: HandIn, offset: int) -> None:
    for place, header in ((42, CENTRAL), (16, END), (12, END)):
        data = bytearray(zip_of([("main.py", b"x = 1\n")]))
        struct.pack_into("<I", data, data.index(header) + place, offset)

        assert "is broken" in problem_of(hand_in("a.zip", bytes(data)))


@pytest.mark.parametrize("size", [0, 1, 1 << 20, 1 << 40, (1 << 64) - 1])
def test_a_claim_in_64_bits_is_not_believed(hand_in: HandIn, size: int) -> None:
    """A zip64 locator and record (APPNOTE.TXT, 4.3.14 and 4.3.15) with a table of contents of that size."""
    data = zip_of([("main.py", b"x = 1\n")])
    central, end = data.index(CENTRAL), data.index(END)
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, size, central)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    tail = struct.pack("<4s4H2LH", END, 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    start = time.process_time()

    problem_of(hand_in("a.zip", data[:end] + record + locator + tail))

    assert time.process_time() - start < allowed(0.1)


def test_an_honest_zip_with_claims_in_64_bits_is_read(hand_in: HandIn) -> None:
    """As programs write it that pack from a pipe and do not know the size."""
    data = zip_of([("main.py", b"x = 1\n")])
    central, end = data.index(CENTRAL), data.index(END)
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, end - central, central)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    tail = struct.pack("<4s4H2LH", END, 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)

    assert hand_in("a.zip", data[:end] + record + locator + tail).files == ("main.py",)
