"""What the integrands and their sums need of NumPy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

log, exp = np.log, np.exp


def moved(array: np.ndarray, device: str) -> np.ndarray:
    """The array itself: there is one device."""
    return array


def sums(columns: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Sums over the draws, and squared deviations from their mean, shape (p,)."""
    joined = np.concatenate(columns, axis=-1)
    total = joined.sum(0)
    return total, ((joined - total / len(joined)) ** 2).sum(0)
