"""Noise whose sample moments are those of the standard normal law, to rounding.

The integrand log q - log p of two Gaussians is quadratic in the noise, so that its mean
over such noise is its expectation: not an estimate, which would miss by the square
root of the number of draws, but the same number. The draws come in pairs e, -e, and are
scaled, or whitened, to unit second moments.
"""

from __future__ import annotations

import numpy as np

PAIRS = 4  # each draw comes with its opposite


def standardised(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Draws, shape (2 PAIRS, *shape): each coordinate with mean 0, second moment 1."""
    half = rng.standard_normal((PAIRS, *shape))
    half /= np.sqrt(np.mean(half**2, axis=0))
    return np.concatenate([half, -half])


def whitened(size: int, rng: np.random.Generator) -> np.ndarray:
    """Draws, shape (n, 1, size): mean 0, and exactly the identity as covariance."""
    rows = size + PAIRS
    columns, _ = np.linalg.qr(rng.standard_normal((rows, size)))
    half = columns[:, None, :] * np.sqrt(rows)
    return np.concatenate([half, -half])


def nodes(shape: tuple[int, ...]) -> np.ndarray:
    """The fewest draws with unit second moments, shape (2, *shape): 1 and -1."""
    return np.stack([np.ones(shape), -np.ones(shape)])


def axes(size: int) -> np.ndarray:
    """The fewest draws with the identity as covariance, shape (2 size, 1, size)."""
    half = np.sqrt(size) * np.eye(size)[:, None, :]
    return np.concatenate([half, -half])
