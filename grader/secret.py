"""The secret behind the drawn cases of a class: given, or random and kept with the grades."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from grader.errors import HostError, UsageError

FILE = "secret"
"""Where OUT keeps it: everybody who knows it knows the hidden cases."""
PRACTICE = "practice"
"""The secret of the practice cases, known to everybody."""
MOST_BYTES = 4096


def from_options(seed: int | None, secret_file: Path | None) -> str | None:
    """Return the secret that a person gave, if any.

    Parameters
    ----------
    seed : int or None
        A number, for tests and demonstrations.
    secret_file : Path or None
        A text file; its content without white space at the ends.

    Returns
    -------
    str or None

    Raises
    ------
    UsageError
        Where both are given, or the file cannot be read or is empty.
    """
    if seed is not None and secret_file is not None:
        raise UsageError("both --seed and --secret-file are given", remedy="give one of them")
    if seed is not None:
        return f"seed {seed}"
    if secret_file is None:
        return None
    try:
        text = secret_file.read_bytes()[:MOST_BYTES].decode("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise UsageError(
            f"the secret file {secret_file} cannot be read: {why}",
            remedy="name a text file that can be read with --secret-file",
        ) from error
    if not text:
        raise UsageError(f"the secret file {secret_file} is empty", remedy="write some random text into it")
    return text


def kept(out: Path, given: str | None) -> str:
    """Return the secret of an output folder, and keep it there before anything is graded with it.

    Parameters
    ----------
    out : Path
        The output folder, which exists.
    given : str or None
        The secret to use; None to go on with the one that is kept, or else with a random one.

    Returns
    -------
    str

    Raises
    ------
    HostError
        Where the folder cannot be read or written.
    """
    with _told(out):
        before = _before(out)
        secret = given or before or _random()
        if secret != before:
            _write(out / FILE, secret)
    return secret


def chosen(out: Path, given: str | None) -> str:
    """Return the secret that `kept` would keep, and keep nothing.

    Parameters
    ----------
    out : Path
        The output folder.
    given : str or None
        The secret to use; None for the one that is kept, or else a random one.

    Returns
    -------
    str

    Raises
    ------
    HostError
        Where the folder cannot be read.
    """
    with _told(out):
        return given or _before(out) or _random()


def _before(out: Path) -> str | None:
    path = out / FILE
    return path.read_text(encoding="utf-8").strip() if path.exists() else None


def _random() -> str:
    return secrets.token_hex(32)


@contextmanager
def _told(out: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, UnicodeDecodeError) as error:
        raise HostError(
            f"{out / FILE}: {error}", remedy="choose an output folder that can be written"
        ) from error


def _write(path: Path, secret: str) -> None:
    """Write durably, readable by the owner alone: a rerun after a crash must draw the same cases."""
    temporary = path.with_name(f"{FILE}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secret + "\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def digest(secret: str) -> str:
    """Return the hash that results hold instead of the secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def generator(secret: str) -> np.random.Generator:
    """Return the source of randomness that a secret stands for."""
    return np.random.default_rng(int.from_bytes(hashlib.sha256(b"cases\0" + secret.encode()).digest(), "big"))
