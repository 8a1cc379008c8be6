"""The Fréchet distance of two samples, taken for Gaussians, in the space of their rows.

|m1 - m2|^2 + tr(C1 + C2 - 2 (C1^(1/2) C2 C1^(1/2))^(1/2)), the square of the distance.
On images the rows are pixels: no classifier's features, so no FID.

With C1 = A'A and C2 = B'B the last trace is the sum of the singular values of A B'. So
no root is taken of a covariance, which would halve the digits of its least eigenvalues;
and covariances may be singular, as they are of fewer rows than coordinates.

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
    here, there = _factor(one), _factor(two)
    shared = np.linalg.svd(here @ there.T, compute_uv=False).sum()
    apart = one.mean(0) - two.mean(0)
    distance = apart @ apart + np.square(here).sum() + np.square(there).sum()
    return max(0.0, float(distance - 2 * shared))  # 0 but for rounding, where it is 0


def _factor(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """A with A'A the covariance of the rows, (min(N, n), n)."""
    moved = (rows - rows.mean(0)) / np.sqrt(len(rows) - 1)
    return np.asarray(np.linalg.qr(moved, mode="r"), np.float64)
