"""Gives the linear algebra of this process, and of all that it starts, one thread; to be imported before NumPy.

Submissions are graded side by side, one core each: the BLAS threads of one would only stand in the way of the others. With one
thread sums come out the same everywhere, and a process that is forked has no thread whose locks it could inherit.
"""

from __future__ import annotations

import os

os.environ.update(
    OPENBLAS_NUM_THREADS="1",
    OMP_NUM_THREADS="1",
    MKL_NUM_THREADS="1",
    NUMEXPR_NUM_THREADS="1",
    VECLIB_MAXIMUM_THREADS="1",
)
