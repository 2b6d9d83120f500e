"""Calls the kernel through the C library, and turns each failure into an `OSError` that says what was tried."""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TypeAlias

from grader.sandbox.linux.numbers import AUDIT_ARCH_OF, NUMBERS_OF

Argument: TypeAlias = int | bytes | ctypes.Array[ctypes.c_char] | None
"""What a call takes: a number, bytes for it to read, a buffer for it to fill, or a null pointer."""

MACHINE = platform.machine()

NUMBERS: Mapping[str, int] = NUMBERS_OF.get(MACHINE, MappingProxyType({}))
"""Number by name of call on this machine; empty where we do not know it."""

AUDIT_ARCH: int = AUDIT_ARCH_OF.get(MACHINE, 0)
"""This machine as seccomp names it; 0 where we do not know it."""


def supported() -> bool:
    """Tell whether this is Linux on an architecture whose system calls we know.

    Returns
    -------
    bool
        False also for a 32-bit Python on a 64-bit kernel: its calls have other numbers.
    """
    return sys.platform == "linux" and bool(NUMBERS) and sys.maxsize > 2**32


@lru_cache(maxsize=1)
def libc() -> ctypes.CDLL:
    """Return the C library that this process runs on.

    Returns
    -------
    ctypes.CDLL
        It keeps `errno` of the last call for `ctypes.get_errno`.
    """
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    return library


def check(result: int, what: str) -> int:
    """Pass on what a C function returned, unless it is the sign of a failure.

    Parameters
    ----------
    result : int
        What it returned; below 0 for a failure, with the reason in `errno`.
    what : str
        What was tried, for the message.

    Returns
    -------
    int
        `result`.

    Raises
    ------
    OSError
        With the error number; Python chooses the subclass (`PermissionError`...) by it.
    """
    if result >= 0:
        return result
    number = ctypes.get_errno()
    raise OSError(number, f"{what}: {os.strerror(number)}")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A call with all that it takes, to be made later.

    What a forked child does not have to compute or look up it does not have to copy: its parent prepares.
    """

    function: Callable[..., int]
    """Of the C library."""
    arguments: tuple[object, ...]
    """As `ctypes` takes them; they keep alive what they point to."""
    what: str
    """What is tried, for the message."""

    def __call__(self) -> int:
        """Make the call.

        Returns
        -------
        int
            0 or above.

        Raises
        ------
        OSError
            When it fails.
        """
        return check(self.function(*self.arguments), self.what)


def _as_long(argument: Argument) -> Argument | ctypes.c_long:
    # ctypes hands a bare int to a variadic function as 32 bits; the kernel reads 64.
    return ctypes.c_long(argument) if isinstance(argument, int) else argument


def prepare_prctl(option: int, *args: Argument) -> Prepared:
    """Prepare a call of `prctl`; see prctl(2).

    Parameters
    ----------
    option : int
        One of `PR_*` of `linux/prctl.h`.
    *args : int, bytes, buffer or None
        Up to four; the others are 0, on which several options insist.

    Returns
    -------
    Prepared
    """
    padded = (*args, 0, 0, 0, 0)[:4]
    return Prepared(libc().prctl, (ctypes.c_int(option), *map(_as_long, padded)), f"prctl {option}")


def prctl(option: int, *args: Argument) -> int:
    """Call `prctl`; see prctl(2).

    Parameters
    ----------
    option, *args
        As for `prepare_prctl`.

    Returns
    -------
    int
        0 or above.

    Raises
    ------
    OSError
        When the kernel refuses.
    """
    return prepare_prctl(option, *args)()


def prepare_syscall(name: str, *args: Argument) -> Prepared:
    """Prepare a call of the kernel without a wrapper of the C library; see syscall(2).

    Parameters
    ----------
    name : str
        Name of the call, a key of `NUMBERS`.
    *args : int, bytes, buffer or None
        Up to six.

    Returns
    -------
    Prepared

    Raises
    ------
    KeyError
        When this machine has no such call.
    """
    return Prepared(libc().syscall, (ctypes.c_long(NUMBERS[name]), *map(_as_long, args)), name)


def syscall(name: str, *args: Argument) -> int:
    """Call the kernel without a wrapper of the C library; see syscall(2).

    Parameters
    ----------
    name, *args
        As for `prepare_syscall`.

    Returns
    -------
    int
        0 or above.

    Raises
    ------
    OSError
        When the kernel refuses.
    KeyError
        When this machine has no such call.
    """
    return prepare_syscall(name, *args)()
