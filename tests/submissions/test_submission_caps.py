"""No submission costs more than a second of CPU time or 100 MiB before it is read or refused with a reason."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import random
import struct
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from packed import tar_of, zip_of

from grader.submissions import find, read

MIB = 1024 * 1024
CPU_S = 1.5
"""A second where nothing else runs; the rest is for a machine that is not ours alone."""
MEMORY_MIB = 100.0

CHILD = """
import json, sys, time
from pathlib import Path
from grader.submissions import find, read

def memory():
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024

(found,) = find([Path(sys.argv[1])], single=True)
before, spent, submission = memory(), [], None
for _ in range(3):  # the fastest counts
    submission = None  # what came out of the last time is no cost of this one
    start = time.process_time()
    submission = read(found)
    spent.append(time.process_time() - start)
print(json.dumps([min(spent), memory() - before, submission.problem, len(submission.sources)]))
"""

Maker = Callable[[Path], Path]
MAKERS: list[Maker] = []


def maker(make: Maker) -> Maker:
    MAKERS.append(make)
    return make


def file_of(folder: Path, name: str, data: bytes) -> Path:
    (folder / name).write_bytes(data)
    return folder / name


def notebook(outputs: bytes, source: str = "x = 1") -> bytes:
    cell = b'{"cell_type": "code", "source": %s, "outputs": [%s]}' % (json.dumps(source).encode(), outputs)
    return b'{"nbformat": 4, "cells": [' + cell + b"]}"


@maker
def a_module_of_50_megabytes(folder: Path) -> Path:
    return file_of(folder, "a.py", b"x = 1\n" * (50 * MIB // 6))


@maker
def modules_of_many_characters_and_foreign_line_ends(folder: Path) -> Path:
    for number in range(3):
        file_of(folder, f"{number}.py", "# 😀\r\n".encode() + b"x\r\n" * 1_300_000)
    return folder


@maker
def a_module_of_wide_characters_and_foreign_line_ends(folder: Path) -> Path:
    return file_of(folder, "a.py", "# 😀\r\n".encode() + b"x = 1\r\r\n" * 700_000)


@maker
def modules_in_a_slow_character_set(folder: Path) -> Path:
    for number in range(2):
        file_of(folder, f"{number}.py", b"# coding: iso2022_jp_ext\n" + b"\x1b$B!!\x1b(B" * 500_000)
    return folder


@maker
def a_notebook_of_200_megabytes(folder: Path) -> Path:
    return file_of(folder, "a.ipynb", b'{"cells": "' + bytes(200 * MIB))


@maker
def a_notebook_of_63_megabytes_of_code(folder: Path) -> Path:
    return file_of(folder, "a.ipynb", notebook(b"", "é😀" + "x" * 63 * MIB))


@maker
def a_notebook_of_7_megabytes_of_code_and_wide_characters(folder: Path) -> Path:
    return file_of(folder, "a.ipynb", notebook(b"").replace(b"x = 1", "é😀\\r\\n".encode() + b"x" * 7 * MIB))


@maker
def a_notebook_that_breaks_off_after_7_megabytes(folder: Path) -> Path:
    return file_of(folder, "a.ipynb", notebook(b"").replace(b"x = 1", "é😀".encode() + b"x" * 7 * MIB)[:-3])


@maker
def a_notebook_that_takes_longest_of_all(folder: Path) -> Path:
    """As many lists as may be, a string that needs a second look, and numbers for the rest."""
    string = b'"' + b"x" * 50 * MIB + b'\\"",'
    return file_of(folder, "a.ipynb", notebook(b"{}," * 120_000 + string + b"1," * 5 * MIB + b"1"))


@maker
def a_notebook_of_backslashes(folder: Path) -> Path:
    return file_of(folder, "a.ipynb", notebook(b'"' + b"\\n" * 7_000_000 + b'\\""'))


@maker
def a_notebook_of_printed_lines(folder: Path) -> Path:
    lines = b",\n".join([b'"step 12345 of 100000: loss 0.123456789\\n"'] * 800_000)
    return file_of(folder, "a.ipynb", notebook(b'{"text": [' + lines + b"]}"))


@maker
def a_notebook_of_quotes(folder: Path) -> Path:
    return file_of(folder, "a.ipynb", b'{"cells": [' + b'"",' * 20 * MIB)


@maker
def a_notebook_of_lists_in_lists(folder: Path) -> Path:
    return file_of(folder, "a.ipynb", notebook(b"[" * 120_000 + b" " * MIB))


@maker
def a_notebook_of_outputs_without_cells(folder: Path) -> Path:
    return file_of(folder, "a.ipynb", b"{" + b'"outputs":1,' * 900_000 + b'"cells":[]}')


@maker
def a_notebook_of_100_000_cells(folder: Path) -> Path:
    cell = b'{"cell_type": "code", "source": "x", "outputs": []}'
    return file_of(folder, "a.ipynb", b'{"cells": [' + b",".join([cell] * 100_000) + b"]}")


@maker
def a_notebook_of_keys(folder: Path) -> Path:
    document = {"cells": [], "metadata": {f"k{number}": f"v{number}" for number in range(290_000)}}
    return file_of(folder, "a.ipynb", json.dumps(document).encode())


@maker
def a_notebook_of_long_numbers(folder: Path) -> Path:
    return file_of(folder, "a.ipynb", b'{"cells": [], "x": [' + (b"9" * 4299 + b",") * 1800 + b"1]}")


@maker
def hundreds_of_dense_notebooks(folder: Path) -> Path:
    for number in range(400):
        file_of(folder, f"{number}.ipynb", b'{"cells": [], "x": [' + b"1," * 10_000 + b"1]}")
    return folder


@maker
def a_folder_of_9_000_texts_beside_code(folder: Path) -> Path:
    for number in range(9_000):
        file_of(folder, f"{number}.txt", b"1 2 3\n" * 100)
    return file_of(folder, "main.py", b"x = 1\n").parent


@maker
def texts_of_as_many_bytes_as_may_be_beside_code(folder: Path) -> Path:
    for number in range(10):
        file_of(folder, f"{number}.md", "😀".encode() + b"data:image/png;base64,\r\n" * 160_000)
    return file_of(folder, "main.py", b"x = 1\n").parent


@maker
def a_notebook_of_7_megabytes_of_markdown(folder: Path) -> Path:
    cell = b'{"cell_type": "markdown", "source": "' + "é😀\\r\\n".encode() + b"x" * 1500 + b'"}'
    return file_of(folder, "a.ipynb", b'{"cells": [' + b",".join([cell] * 4_500) + b"]}")


@maker
def a_folder_of_10_000_entries(folder: Path) -> Path:
    for number in range(9_999):
        (folder / f"{number}.png").touch()
    return file_of(folder, "main.py", b"x = 1\n").parent


@maker
def a_zip_of_300_megabytes_of_zeros(folder: Path) -> Path:
    with (
        zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.py", "w") as file,
    ):
        for _ in range(300):
            file.write(bytes(MIB))
    return folder / "a.zip"


@maker
def a_zip_of_notebooks_of_zeros(folder: Path) -> Path:
    return file_of(folder, "a.zip", zip_of((f"{number}.ipynb", bytes(64 * MIB)) for number in range(3)))


@maker
def a_zip_of_broken_notebooks_that_are_unpacked_first(folder: Path) -> Path:
    """Each fails at its end, when its checksum is compared, and all the work was done by then."""
    data = bytearray(zip_of((f"{number}.ipynb", bytes(30 * MIB)) for number in range(10)))
    place = 0
    while (place := data.find(b"PK\x01\x02", place + 1)) > 0:
        struct.pack_into("<I", data, place + 16, 0xBAD)
    return file_of(folder, "a.zip", bytes(data))


@maker
def a_zip_of_broken_texts_that_are_unpacked_first(folder: Path) -> Path:
    data = bytearray(
        zip_of([("main.py", b"x = 1\n"), *((f"{number}.md", bytes(4 * MIB)) for number in range(90))])
    )
    place = 0
    while (place := data.find(b"PK\x01\x02", place + 1)) > 0:
        if b".md" in data[place + 46 : place + 52]:
            struct.pack_into("<I", data, place + 16, 0xBAD)
    return file_of(folder, "a.zip", bytes(data))


@maker
def a_zip_with_extra_fields_that_take_quadratic_time(folder: Path) -> Path:
    files = []
    for number in range(15):
        info = zipfile.ZipInfo(f"{number}.txt")
        info.extra = b"\x99\x99\0\0" * 16_000
        files.append((info, b""))
    return file_of(folder, "a.zip", zip_of(files))


@maker
def a_zip_of_10_000_members(folder: Path) -> Path:
    return file_of(folder, "a.zip", zip_of((f"folder/{number}.txt", b"") for number in range(10_000)))


@maker
def a_tar_of_300_megabytes_of_zeros_by_gzip(folder: Path) -> Path:
    return file_of(folder, "a.tar.gz", gzip.compress(tar_of([("a.bin", bytes(300 * MIB))])))


@maker
def a_tar_of_300_megabytes_of_zeros_by_bzip2(folder: Path) -> Path:
    return file_of(folder, "a.tar.bz2", bz2.compress(tar_of([("a.bin", bytes(300 * MIB))])))


@maker
def a_tar_of_300_megabytes_of_zeros_by_xz(folder: Path) -> Path:
    return file_of(folder, "a.tar.xz", lzma.compress(tar_of([("a.bin", bytes(300 * MIB))]), preset=1))


def noise(size: int) -> bytes:
    """Text that is slow to uncompress, as hardly two characters of it are alike."""
    return random.Random(1).randbytes(size // 2).hex().encode()


@maker
def a_tar_of_noise_by_bzip2(folder: Path) -> Path:
    return file_of(folder, "a.tar.bz2", bz2.compress(tar_of([("a.bin", noise(7 * MIB))])))


@maker
def a_tar_of_noise_by_xz(folder: Path) -> Path:
    return file_of(folder, "a.tar.xz", lzma.compress(tar_of([("a.bin", noise(7 * MIB))]), preset=1))


@maker
def a_tar_with_a_notebook_in_the_largest_dictionary_of_xz(folder: Path) -> Path:
    data = tar_of([("a.ipynb", notebook(b'"' + b"A" * 30 * MIB + b'"'))])
    return file_of(folder, "a.tar.xz", lzma.compress(data, preset=7))


@maker
def a_tar_with_the_slowest_notebook_and_as_many_zeros_as_may_be(folder: Path) -> Path:
    slow = notebook(b"{}," * 120_000 + b"1," * 25 * MIB + b"1")
    return file_of(
        folder, "a.tar.gz", gzip.compress(tar_of([("a.ipynb", slow), ("a.bin", bytes(70 * MIB))]), 1)
    )


@maker
def a_tar_of_as_many_members_as_may_be(folder: Path) -> Path:
    files = ((f"folder/{number}.txt", b"") for number in range(8_000))
    return file_of(folder, "a.tar", tar_of(files, tarfile.USTAR_FORMAT))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads its memory from /proc")
@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_it_costs_no_more_than_a_second_and_100_megabytes(tmp_path: Path, make: Maker) -> None:
    path = make(tmp_path)

    ran = subprocess.run(
        [sys.executable, "-c", CHILD, str(path)], capture_output=True, check=True, timeout=60, env=os.environ
    )

    cpu_s, memory_mib, problem, sources = json.loads(ran.stdout)
    assert (problem is None) == (sources > 0)
    assert cpu_s < CPU_S
    assert memory_mib < MEMORY_MIB


def fastest_ms(path: Path) -> float:
    """CPU time of reading a file once, the best of twenty."""
    (found,) = find([path], single=True)
    spent = []
    for _ in range(20):
        start = time.process_time()
        for _ in range(20):
            read(found)
        spent.append((time.process_time() - start) / 20)
    return 1000 * min(spent)


@pytest.mark.slow
def test_an_honest_module_of_5_kb_takes_a_third_of_a_millisecond(tmp_path: Path) -> None:
    """About 0.1 ms where it was measured."""
    text = b"def relu(z):\n    return z * (z > 0)  # the mask\n" * 100

    assert fastest_ms(file_of(tmp_path, "a.py", text)) < 0.3


@pytest.mark.slow
def test_an_honest_notebook_of_20_cells_and_30_kb_takes_a_millisecond(tmp_path: Path) -> None:
    """About 0.4 ms where it was measured."""
    output = {"output_type": "stream", "name": "stdout", "text": ["step 1: loss 0.123456\n"] * 40}
    cell = {"cell_type": "code", "metadata": {}, "source": ["x = 1\n"] * 8, "outputs": [output]}
    data = json.dumps({"nbformat": 4, "cells": [cell] * 20}, indent=1).encode()
    assert len(data) > 30_000

    assert fastest_ms(file_of(tmp_path, "a.ipynb", data)) < 1.2
