"""A data set: rows to train on, rows to judge by, and what a row is."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]


class DataError(ValueError):
    """There are no such data, or they are not what they should be; in words."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """Rows of one length, in memory.

    name   what it was asked for by
    train  shape (N, n), float32
    test   shape (M, n), float32: never trained on
    shape  (height, width) of a row that is an image with values in [0, 1]; (n,) of one
           that is a point
    toy    whether it was drawn from a law, and not observed

    Raises DataError for rows that are empty, not finite, of two lengths, or not of the
    shape, and for grey values outside [0, 1].
    """

    name: str
    train: Rows
    test: Rows
    shape: tuple[int, ...]
    toy: bool

    def __post_init__(self) -> None:
        outputs = int(np.prod(self.shape))
        for part, rows in (("train", self.train), ("test", self.test)):
            if rows.ndim != 2 or not len(rows) or rows.shape[1] != outputs:
                needed = f"need (N, {outputs}), N >= 1"
                raise DataError(f"{self.name}: {part} has shape {rows.shape}, {needed}")
            if not np.isfinite(rows).all():
                raise DataError(f"{self.name}: {part} has values that are not finite")
            if self.image and (rows.min() < 0 or rows.max() > 1):
                raise DataError(f"{self.name}: {part} has greys outside [0, 1]")

    @property
    def image(self) -> bool:
        """Whether a row is an image."""
        return len(self.shape) == 2

    @property
    def outputs(self) -> int:
        """n, the length of a row."""
        return int(self.train.shape[1])

    @property
    def fingerprint(self) -> str:
        """SHA-256 of all values, by which a checkpoint knows its data again."""
        digest = hashlib.sha256(repr((self.shape, self.train.shape)).encode())
        for rows in (self.train, self.test):
            digest.update(np.ascontiguousarray(rows, dtype="<f4").tobytes())
        return digest.hexdigest()


def split(rows: Rows, labels: Sequence[int], share: int) -> tuple[Rows, Rows]:
    """What to train on, and every `share`-th row of each label, to judge by."""
    kinds = np.asarray(labels)
    judged = np.zeros(len(rows), dtype=bool)
    for kind in np.unique(kinds):
        judged[np.flatnonzero(kinds == kind)[::share]] = True
    return rows[~judged], rows[judged]
