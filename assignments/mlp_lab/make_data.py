"""Writes the data of the lab for the hand-out: `python make_data.py FOLDER` makes `spirals.npz` and `digits.npz` there."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from reference import datasets

SEED = 1234


def main(folder: Path) -> None:
    """Write both files.

    Parameters
    ----------
    folder : Path
        Where to; it must be there.
    """
    rng = np.random.RandomState(SEED)
    seen, unseen = datasets.spirals(rng), datasets.spirals(rng)
    np.savez_compressed(folder / "spirals.npz", X=seen.X, T=seen.T, X_test=unseen.X, T_test=unseen.T)
    drawn = datasets.digits(np.random.RandomState(SEED))
    np.savez_compressed(folder / "digits.npz", X=drawn.X.astype(np.uint8), T=drawn.T.astype(np.uint8))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
