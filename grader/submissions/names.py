"""Makes hostile names fit to be shown, compared and used as file names; reads no file.

A name on disk may hold bytes that are no text, control characters, or marks that reverse the reading direction,
so that `gpj.py` reads as a picture. What is shown to people is valid UTF-8 without any of these.
"""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Collection, Sequence

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
SHOWN_LENGTH = 120
"""Characters of a name that a message shows before it cuts."""

FILE_NAME_LENGTH = 80
FILE_NAME_BYTES = 200
"""File systems allow 255 bytes; the rest is left for suffixes such as `.json`."""

# Two joiners are invisible but needed to write Persian, Hindi and many emoji; they cannot reverse a text.
_HARMLESS_FORMATS = frozenset("\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}")
# Cc control, Cf format (with all bidirectional marks), Cs half of a surrogate pair, Zl and Zp line breaks.
_UNSHOWABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Python has them in strings, XML and HTML forbid them.
_NONCHARACTERS = frozenset("\ufffe\uffff")

# "Naming Files, Paths, and Namespaces", Microsoft: these are devices with any suffix and in any case.
_RESERVED = frozenset({"con", "prn", "aux", "nul", "conin$", "conout$"}) | {
    f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789\u00b9\u00b2\u00b3"
}

READ_ARCHIVES = (".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".tbz2", ".tbz", ".txz", ".tar", ".zip")
_OTHER_ARCHIVES = (".tar.zst", ".tar.z", ".rar", ".7z", ".gz", ".bz2", ".xz", ".zst", ".z", ".lzma")


def _showable(character: str) -> bool:
    if character in _HARMLESS_FORMATS:
        return True
    return unicodedata.category(character) not in _UNSHOWABLE and character not in _NONCHARACTERS


def display(text: str) -> str:
    """Return the text with everything that must not be shown replaced by U+FFFD.

    Parameters
    ----------
    text : str
        Any string; surrogates from undecodable file names included.

    Returns
    -------
    str
        As many characters as `text`; encodes as UTF-8.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(character if _showable(character) else REPLACEMENT for character in text)


def distinct(name: str) -> str:
    """Return a name fit for display that still differs where the names differ.

    Two names that differ only in what cannot be shown would become one student; each gets a part of its hash.

    Parameters
    ----------
    name : str
        A file's or student's name.

    Returns
    -------
    str
        `name` itself where it can be shown, else with `-` and 8 hex digits before the suffix.
    """
    displayed = display(name)
    if displayed == name:
        return name
    stem, suffix = os.path.splitext(displayed)  # noqa: PTH122 -- a name, not a path: it may hold any character
    return f"{stem}-{_short_hash(name)}{suffix}"


def shown(name: str) -> str:
    """Return a student's name as it is kept and shown: accents composed, different where the names differ.

    Parameters
    ----------
    name : str
        As a file, a platform or a roster has it.

    Returns
    -------
    str
        Fit for display.
    """
    return unicodedata.normalize("NFC", distinct(name))


def quoted(name: str) -> str:
    """Return the name in backticks as messages show it: displayable, on one line, cut with the cut shown.

    Parameters
    ----------
    name : str
        A file's, folder's or student's name, or a path.

    Returns
    -------
    str
        The name in backticks; backticks inside become `'`.
    """
    text = display(name).replace("`", "'")
    if len(text) > SHOWN_LENGTH:
        text = f"{text[: SHOWN_LENGTH // 2]}…{text[-SHOWN_LENGTH // 2 :]}"
    return f"`{text}`"


def listed(names: Sequence[str], *, most: int = 5) -> str:
    """Return the first few names, quoted and separated by commas, and how many more there are.

    Parameters
    ----------
    names : sequence of str
        The names, in the order to show.
    most : int
        How many to show.

    Returns
    -------
    str
        For example `` `a.txt`, `b.pdf` and 3 more``.
    """
    first = ", ".join(quoted(name) for name in names[:most])
    return first if len(names) <= most else f"{first} and {len(names) - most} more"


def archive_suffix(name: str) -> str:
    """Return the suffix that makes a name one of an archive.

    Parameters
    ----------
    name : str
        A file's name or path.

    Returns
    -------
    str
        All of it, as in `.tar.gz`; empty for any other name.
    """
    lower = name.lower()
    suffix = next((suffix for suffix in (*READ_ARCHIVES, *_OTHER_ARCHIVES) if lower.endswith(suffix)), "")
    return name[len(name) - len(suffix) :]


def same_name_key(name: str) -> str:
    """Return what two spellings of one name have in common: case and composition of accents do not count.

    Parameters
    ----------
    name : str
        A student's name.

    Returns
    -------
    str
        A key for comparison only.
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def file_name(student: str, taken: Collection[str]) -> str:
    """Return a stem for the student's files that is safe on every file system and not yet taken.

    Letters, digits, `.`, `_` and `-` stay; everything else becomes `_`. A plain name such as `alice` stays exactly
    as it is; a changed or taken one gets `-` and 8 hex digits of the SHA-256 of the student's name.

    Parameters
    ----------
    student : str
        The student's name; any string.
    taken : collection of str
        Stems in use. Case and compatibility forms of letters do not count in the comparison.

    Returns
    -------
    str
        1 to 80 characters in NFC, without a leading dot, no device name of Windows.
    """
    in_use = {_file_key(name) for name in taken}
    if _is_plain(student) and _file_key(student) not in in_use:
        return student
    stem = _plain_part(student)
    name = f"{stem}-{_short_hash(student)}"
    repeat = 1
    while _file_key(name) in in_use:  # a student may be called like another one's stem with its hash
        repeat += 1
        name = f"{stem}-{_short_hash(f'{student}/{repeat}')}"
    return name


def _short_hash(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _file_key(name: str) -> str:
    # Wider than what any file system does, so that no two names meet on APFS, NTFS or ext4 with casefold.
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def _kept(character: str) -> bool:
    return character in "._-" or unicodedata.category(character)[0] in "LNM"


def _is_device(name: str) -> bool:
    return name.partition(".")[0].casefold() in _RESERVED


def _is_plain(name: str) -> bool:
    return (
        bool(name)
        and len(name) <= FILE_NAME_LENGTH
        and all(_kept(character) for character in name)
        and len(name.encode()) <= FILE_NAME_BYTES
        and unicodedata.is_normalized("NFC", name)
        and name[0] not in ".-"
        and name[-1] != "."  # Windows drops it
        and not _is_device(name)
    )


def _plain_part(student: str) -> str:
    """Return what can be kept of the name in front of `-` and the hash, and stays safe with it."""
    text = unicodedata.normalize("NFC", student.strip())
    text = "".join(character if _kept(character) else "_" for character in text)
    text = text.lstrip(".-")
    if _is_device(text):  # `nul.x-12345678` would still be one, `nul_x-12345678` is none
        text = text.replace(".", "_")
    text = text[: FILE_NAME_LENGTH - len("-12345678")]
    while len(text.encode()) > FILE_NAME_BYTES - len("-12345678"):
        text = text[:-1]
    return text.rstrip("._-") or "student"
