"""Archives for tests: made by Python's own modules, and then altered where those would refuse."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Mapping

HONEST: Mapping[str, bytes] = {
    "hw1/main.py": b"from lib.layers import relu\n",
    "hw1/lib/layers.py": b"def relu(z):\n    return z * (z > 0)\n",
    "hw1/data.csv": b"1,2,3\n",
}
COMPRESSED: Mapping[str, Callable[[bytes], bytes]] = {
    ".tar": bytes,
    ".tar.gz": gzip.compress,
    ".tgz": gzip.compress,
    ".tar.bz2": bz2.compress,
    ".tar.xz": lzma.compress,
}
"""What the suffix of a tar says was done to it."""


def zip_of(files: Iterable[tuple[str | zipfile.ZipInfo, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        for name, data in files:
            archive.writestr(name, data, method)
    return written.getvalue()


def tar_of(files: Iterable[tuple[str | tarfile.TarInfo, bytes]], form: int = tarfile.PAX_FORMAT) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=form) as archive:
        for name, data in files:
            member = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            if member.type == tarfile.REGTYPE:
                member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return written.getvalue()


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    """A member of a tar that is no regular file."""
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


def archive_of(suffix: str, names: Iterable[str], data: bytes = b"x = 1\n") -> bytes:
    """Pack files of equal content under names that may come twice."""
    files = [(name, data) for name in names]
    return zip_of(files) if suffix == ".zip" else COMPRESSED[suffix](tar_of(files))
