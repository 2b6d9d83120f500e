"""What two spellings of one name share: people type names, headings and addresses as platforms do not."""

from __future__ import annotations

import re
import unicodedata


def folded(text: str) -> str:
    """Return what two spellings of one name share: case, composed letters, spaces, and `_` for what a file name does not take.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        For comparison only.
    """
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return re.sub(r"[\s_]+", " ", plain).strip()
