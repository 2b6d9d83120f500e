"""Gives the environment variables of processes that run student code: a dozen known ones, and nothing of the grader's."""

from __future__ import annotations

import os

_KEPT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
"""Without these some installations of Python do not start."""
_ONE_THREAD = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
"""One thread makes CPU time and the last bits of a product the same everywhere, and makes forking safe."""


def environment(folder: str) -> dict[str, str]:
    """Give the whole environment.

    Parameters
    ----------
    folder : str
        What student code finds as its home and for temporary files.

    Returns
    -------
    dict
    """
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": folder,
        "TMPDIR": folder,
        "PYTHONHASHSEED": "0",  # read by the child's own children; the child itself is started isolated
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": folder,
        "IPYTHONDIR": folder,
        **dict.fromkeys(_ONE_THREAD, "1"),
        **{name: os.environ[name] for name in _KEPT if name in os.environ},
    }
