"""What the grader spends on one submission before it refuses it: bytes, text, values, files; and who counts them.

The numbers are chosen so that nothing handed in costs more than about a second of CPU time and 100 MiB of memory,
and so that no honest coursework comes near them.
"""

from __future__ import annotations

from msgspec import Struct

KIB = 1024
MIB = 1024 * KIB

MAX_MODULE_BYTES = 6 * MIB
MAX_NOTEBOOK_BYTES = 64 * MIB
"""Pictures in the outputs of honest notebooks take tens of MiB."""
MAX_BYTES = 64 * MIB
"""Bytes of all files read of one submission, as they are unpacked."""
MAX_TEXT = 8 * MIB
"""Bytes of code in one submission: modules, and notebooks without their outputs."""
MAX_VALUES = 1_000_000
"""Strings in all notebooks of one submission, outputs included; what takes longer counts for several."""
MAX_CELLS = 5_000
"""Of one notebook."""

MAX_MARKDOWN_BYTES = 4 * MIB
"""Of one Markdown file; pictures may be pasted into it."""
MAX_DOCUMENT_BYTES = MIB
"""Of one other text file; what is larger is data."""
MAX_DOCUMENTS_BYTES = 8 * MIB
"""Of all text files of one submission."""
MAX_DOCUMENTS = 100
"""Text files that are read of one submission; a data set may have thousands."""
MAX_DOCUMENTS_TEXT = 256 * KIB
"""Characters in all documents of one submission, without pasted pictures; a thesis has fewer."""

DOCUMENT_SUFFIXES = (".md", ".markdown", ".rst", ".tex", ".txt")
"""Text files, those first that are hardly ever data."""

MAX_SOURCES = 400
MAX_ENTRIES = 10_000
"""Files and folders of any kind; a data set of pictures is still fine."""
MAX_DEPTH = 8

MAX_ARCHIVE_BYTES = 64 * MIB
"""Of the archive as it lies on the disk."""


def is_document(path: str) -> bool:
    """Whether a name is that of a text file, which a person may have to read.

    Parameters
    ----------
    path : str
        With `/`.

    Returns
    -------
    bool
        The case of the suffix does not matter.
    """
    return path.lower().endswith(DOCUMENT_SUFFIXES)


class UnusableError(Exception):
    """Why something a student handed in cannot be used; caught inside this package and turned into a value.

    Parameters
    ----------
    sentence : str
        What, where, and what to do; fit for display.
    """


class OverBudgetError(UnusableError):
    """Why all of a submission is refused, and not a single file of it left out."""


class Budget(Struct, kw_only=True):
    """What is left to spend on one submission. What is spent on a file that turns out to be broken is spent, too."""

    name: str
    """The submission in messages, quoted."""
    bytes_left: int = MAX_BYTES
    text_left: int = MAX_TEXT
    values_left: int = MAX_VALUES
    documents_bytes_left: int = MAX_DOCUMENTS_BYTES

    def limit_of(self, path: str) -> int:
        """Return the most bytes that a file may have.

        Parameters
        ----------
        path : str
            Its name or path; the suffix decides.

        Returns
        -------
        int
            Bytes; of a text file no more than are left for all of them.
        """
        if is_document(path):
            is_markdown = path.lower().endswith((".md", ".markdown"))
            most = MAX_MARKDOWN_BYTES if is_markdown else MAX_DOCUMENT_BYTES
            return max(min(most, self.documents_bytes_left), 0)
        return MAX_NOTEBOOK_BYTES if path.lower().endswith(".ipynb") else MAX_MODULE_BYTES

    def spend_bytes(self, path: str, count: int) -> None:
        """Note that bytes were read or unpacked.

        Parameters
        ----------
        path : str
            The file. Text files have a budget of their own, as code must not suffer from data.
        count : int
            How many.

        Raises
        ------
        OverBudgetError
            If these are more than are left for code.
        """
        if is_document(path):
            self.documents_bytes_left -= count
            return
        self.bytes_left -= count
        if self.bytes_left < 0:
            raise OverBudgetError(
                f"{self.name} holds more than {MAX_BYTES // MIB} MiB of Python files and notebooks; "
                "take out data and outputs and hand it in again."
            )

    def spend_text(self, count: int) -> None:
        """Note that code is to be decoded.

        Parameters
        ----------
        count : int
            Bytes.

        Raises
        ------
        OverBudgetError
            If these are more than are left.
        """
        self.text_left -= count
        if self.text_left < 0:
            raise OverBudgetError(
                f"{self.name} holds more than {MAX_TEXT // MIB} MiB of code and text besides outputs; "
                "take out data and pasted pictures and hand it in again."
            )

    def spend_values(self, count: int) -> None:
        """Note that values of a notebook are to be gone through.

        Parameters
        ----------
        count : int
            As `count_values` of `outputs.py` counts them.

        Raises
        ------
        OverBudgetError
            If these are more than are left.
        """
        self.values_left -= count
        if self.values_left < 0:
            raise OverBudgetError(
                f"{self.name} holds more than {MAX_VALUES:,} values in its notebooks; "
                "clear the outputs, save and hand it in again."
            )
