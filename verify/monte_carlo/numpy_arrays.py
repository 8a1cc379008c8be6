"""What the integrands and their sums need of NumPy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from verify.monte_carlo import noise
from verify.monte_carlo.noise import Design

log, exp = np.log, np.exp


def moved(array: np.ndarray, device: str) -> np.ndarray:
    """The array itself: there is one device."""
    return array


def together(design: Design, device: str) -> int:
    """How many blocks are made at once: one, whose numbers stay in the cache."""
    return 1


def normals(
    design: Design, seed: int, stream: int, blocks: Sequence[int], device: str
) -> np.ndarray:
    """The draws of these blocks, one after the other; shape (n, 12)."""
    found = [noise.normals(design, seed, stream, block) for block in blocks]
    return found[0] if len(found) == 1 else np.concatenate(found)


def sums(columns: Sequence[np.ndarray], block: int) -> tuple[np.ndarray, np.ndarray]:
    """Sums over the draws, and squared deviations from their mean, shape (p,)."""
    joined = np.concatenate(columns, axis=-1)
    total = joined.sum(0)
    return total, ((joined - total / len(joined)) ** 2).sum(0)
