"""The Fréchet distance of two samples, taken for Gaussians, in the space of their rows.

|m1 - m2|^2 + tr(C1 + C2 - 2 (C1^(1/2) C2 C1^(1/2))^(1/2)), the square of the distance.
On images the rows are pixels: no classifier's features, so no FID.

Reference: Dowson and Landau, "The Fréchet distance between multivariate normal
distributions", 1982.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.floating]


def squared_frechet_distance(first: Rows, second: Rows) -> float:
    """The squared distance of the Gaussians with the samples' means and covariances.

    first, second  shapes (N, n) and (M, n), N and M at least 2

    Raises ValueError for other shapes, and for values that are not finite.
    """
    for rows in (first, second):
        if rows.ndim != 2 or len(rows) < 2 or rows.shape[1] != first.shape[1]:
            shapes = f"{first.shape} and {second.shape}"
            raise ValueError(f"samples of shape {shapes}, need (N, n) and (M, n)")
        if not np.isfinite(rows).all():
            raise ValueError("the samples have values that are not finite")
    one, two = (np.asarray(rows, np.float64) for rows in (first, second))
    here, there = (np.atleast_2d(np.cov(rows, rowvar=False)) for rows in (one, two))
    values, vectors = np.linalg.eigh(here)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    middle = np.linalg.eigvalsh(root @ there @ root).clip(0)
    apart = one.mean(0) - two.mean(0)
    return float(
        apart @ apart + np.trace(here) + np.trace(there) - 2 * np.sqrt(middle).sum()
    )
