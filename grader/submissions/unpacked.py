"""Reads a file from front to back, uncompressing it on the way, and never yields more than it may.

The streams of `gzip` and `tarfile` are not used: a header of either, made for it, keeps them busy for minutes or
unpacks hundreds of megabytes at once.
"""

from __future__ import annotations

import bz2
import lzma
import os
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Protocol

from msgspec import Struct

from grader.submissions.limits import KIB, MIB, UnusableError
from grader.submissions.names import quoted

MAX_STREAMS = 100
"""Parallel compressors write one stream per block; thousands of empty ones only cost time."""
_LZMA_MEMORY = 32 * MIB
"""Enough for what `xz -7` writes; its default is -6."""
_PACKED_BLOCK = 16 * KIB
_BLOCK = 64 * KIB


class Uncompressor(Protocol):
    """What `bz2` and `lzma` offer for uncompressing in steps."""

    @property
    def eof(self) -> bool:
        """Whether the end of the stream was reached."""

    @property
    def needs_input(self) -> bool:
        """Whether nothing more comes out without more input."""

    @property
    def unused_data(self) -> bytes:
        """What came after the end of the stream."""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Take input and return at most so many bytes of output."""


class _Gunzip:
    """`zlib` with the methods of `bz2` and `lzma`."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)  # 31: with a gzip header, as zlib.h says of inflateInit2

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


class Compression(Struct, frozen=True, kw_only=True):
    """A way to compress a stream, and what may come of it."""

    magic: bytes
    """How such a file begins."""
    start: Callable[[], Uncompressor]
    max_packed: int
    max_unpacked: int
    """Bytes. What takes long to uncompress may hold less."""


COMPRESSIONS = (
    Compression(magic=b"\x1f\x8b", start=_Gunzip, max_packed=64 * MIB, max_unpacked=128 * MIB),
    Compression(magic=b"BZh", start=bz2.BZ2Decompressor, max_packed=4 * MIB, max_unpacked=32 * MIB),
    Compression(
        magic=b"\xfd7zXZ\0",
        start=lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_LZMA_MEMORY),
        max_packed=4 * MIB,
        max_unpacked=32 * MIB,
    ),
)

_BROKEN = (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError)
"""What the uncompressors raise for what is no stream of theirs."""


class Unpacked:
    """The bytes of a file as they come out of it; can be read once and only forwards.

    Parameters
    ----------
    descriptor : int
        The open file, at its start.
    name : str
        Its name in messages.
    compression : Compression or None
        None for a file that is read as it is.
    max_bytes : int
        The most bytes to yield, those that are passed over included.
    """

    def __init__(self, descriptor: int, name: str, compression: Compression | None, max_bytes: int) -> None:
        self._descriptor = descriptor
        self._name = name
        self._compression = compression
        self._stream = compression.start() if compression else None
        self._streams = 1
        self._left = max_bytes
        self._packed = b""
        self._ready = memoryview(b"")
        self._position = 0

    def tell(self) -> int:
        """Return how many bytes were read or passed over."""
        return self._position

    def skip_to(self, position: int) -> None:
        """Pass over what comes before a position.

        Parameters
        ----------
        position : int
            Bytes from the start. Where the file is shorter, its end is reached.

        Raises
        ------
        UnusableError
            If the position was passed already, or the file is broken or yields too much.
        """
        if position < self._position:
            raise self._broken("its parts overlap")
        while self._position < position and self._next_part(position - self._position):
            pass

    def read(self, size: int) -> bytes:
        """Return the next bytes.

        Parameters
        ----------
        size : int
            How many; fewer come only at the end.

        Returns
        -------
        bytes
            At most `size` of them.

        Raises
        ------
        UnusableError
            If the file is broken or yields too much.
        """
        # A BytesIO hands out the buffer it grew; joining parts would need the memory twice.
        data = BytesIO()
        while data.tell() < size and (part := self._next_part(size - data.tell())):
            data.write(part)
        return data.getvalue()

    def finish(self) -> None:
        """Pass over what is left: only at the end of a stream is its checksum compared.

        Raises
        ------
        UnusableError
            If the file is broken or yields too much.
        """
        while self._next_part(_BLOCK):
            pass

    def _next_part(self, most: int) -> memoryview:
        if not self._ready:
            block = self._next_block()
            self._left -= len(block)
            if self._left < 0:
                raise UnusableError(
                    f"{quoted(self._name)} holds too much data; take out all but the files that are asked for."
                )
            self._ready = memoryview(block)
        part, self._ready = self._ready[:most], self._ready[most:]
        self._position += len(part)
        return part

    def _next_block(self) -> bytes:
        """Return some bytes, none at the end."""
        if self._stream is None:
            return os.read(self._descriptor, _BLOCK)
        while True:
            if self._stream.eof and not self._start_next():
                return b""
            packed, self._packed = self._packed, b""
            if self._stream.needs_input and not packed:
                packed = os.read(self._descriptor, _PACKED_BLOCK)
            try:
                block = self._stream.decompress(packed, _BLOCK)
            except _BROKEN as error:
                raise self._broken(str(error) or "no valid data") from error
            if block:
                return block
            if not packed and self._stream.needs_input and not self._stream.eof:
                raise self._broken("it is cut off")

    def _start_next(self) -> bool:
        """Go on with the stream that follows on one that has ended, if there is one."""
        assert self._stream is not None
        assert self._compression is not None
        rest = self._stream.unused_data or os.read(self._descriptor, _PACKED_BLOCK)
        if not rest.startswith(self._compression.magic):
            return False  # padding, as tapes have it
        self._streams += 1
        if self._streams > MAX_STREAMS:
            raise self._broken(f"it consists of more than {MAX_STREAMS} parts")
        self._stream = self._compression.start()
        self._packed = rest
        return True

    def _broken(self, reason: str) -> UnusableError:
        return UnusableError(
            f"{quoted(self._name)} is a broken archive ({reason}); pack the files again, best as a `.zip` file."
        )
