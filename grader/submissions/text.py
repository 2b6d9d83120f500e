"""Turns the bytes of a text file into a string, whatever editor wrote them; knows nothing of Python or JSON."""

from __future__ import annotations

import codecs
import io
import re
import tokenize

from grader.submissions.limits import UnusableError
from grader.submissions.names import REPLACEMENT, quoted

# The longer marks first: UTF-32-LE begins like UTF-16-LE.
_WIDE_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)

# Character sets, by the name `codecs.lookup` gives. Python's list of codecs holds more, such as `punycode`, whose time
# grows with the square of the size, and `unicode_escape`, which makes other text of the file.
_CHARACTER_SETS = re.compile(
    r"ascii|utf-8(-sig)?|iso8859-\d+|cp\d+|mac-\w+|koi8-\w|big5(hkscs)?|gb2312|gbk|gb18030|hz|johab"
    r"|shift_jis\w*|euc_\w+|iso2022_\w+|tis-620|kz1048|ptcp154|hp-roman8"
)
_SURROGATE = re.compile("[\ud800-\udfff]")


def decode(name: str, data: bytes, *, cookie: bool) -> tuple[str, tuple[str, ...]]:
    r"""Return the text, with line ends as `\n`, and notes on what was repaired.

    Byte order marks come first, then the encoding a Python file declares, then UTF-8, then Latin-1, which every
    byte fits.

    Parameters
    ----------
    name : str
        The file, for messages.
    data : bytes
        Its content.
    cookie : bool
        Whether the first two lines may declare an encoding (PEP 263).

    Returns
    -------
    text : str
        Without byte order mark and surrogates.
    notes : tuple of str
        Sentences for the reader.

    Raises
    ------
    UnusableError
        If the file holds NUL bytes, or is no valid UTF-16 in spite of its mark.
    """
    for mark, encoding, title in _WIDE_MARKS:
        if data.startswith(mark):
            text = _wide(name, data, encoding, title)
            notes: tuple[str, ...] = (f"{quoted(name)} is {title}; it was read as such.",)
            break
    else:
        text, notes = _narrow(name, data, cookie=cookie)
    if "\0" in text:
        raise UnusableError(
            f"{quoted(name)} holds NUL bytes, so it is no plain text; save it as UTF-8 text and hand it in again."
        )
    return unify_line_ends(text), notes


def unify_line_ends(text: str) -> str:
    r"""Return the text with `\r\n` and `\r` as `\n`.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        Text with `\n` alone.
    """
    return text.replace("\r\n", "\n").replace("\r", "\n")


def without_surrogates(text: str) -> str:
    """Return the text with halves of surrogate pairs replaced, so that it can be written as UTF-8.

    Parameters
    ----------
    text : str
        Text from JSON, which can hold them as escapes.

    Returns
    -------
    str
        Valid Unicode text.
    """
    return _SURROGATE.sub(REPLACEMENT, text)


def _wide(name: str, data: bytes, encoding: str, title: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnusableError(
            f"{quoted(name)} starts as {title} text but is none at byte {error.start + 1}; "
            "save it as UTF-8 text and hand it in again."
        ) from error


def _narrow(name: str, data: bytes, *, cookie: bool) -> tuple[str, tuple[str, ...]]:
    declared = _declared(data) if cookie else "utf-8"
    for encoding in (declared, "utf-8"):
        if encoding is None:
            continue
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        notes: tuple[str, ...] = ()
        if encoding != declared:
            notes = (f"{quoted(name)} declares an encoding that does not fit it; it was read as UTF-8.",)
        return text.removeprefix("\ufeff"), notes
    return data.decode("latin-1"), (
        f"{quoted(name)} is not valid UTF-8; it was read as Latin-1, so accented letters may be wrong.",
    )


def _declared(data: bytes) -> str | None:
    """Return the encoding that Python would read the file with; None where Python would refuse it."""
    lines = io.BytesIO(data.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    try:
        encoding, _ = tokenize.detect_encoding(lines.readline)
        title = codecs.lookup(encoding).name
    except SyntaxError:
        return None
    return encoding if _CHARACTER_SETS.fullmatch(title) else None
