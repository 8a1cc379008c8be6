"""Points in the plane drawn from laws that are known: toys, and labelled as such."""

from __future__ import annotations

import numpy as np

from verify.data.dataset import Dataset

TRAIN, TEST = 8192, 2048
SEED = 20140610  # of the data, which are the same for every seed of a run
MEAN = (1.0, -0.5)
FACTOR = ((1.0, 0.0), (0.6, 0.4))
"""L of the Gaussian's covariance L L'."""
MODES, SIGMA = 8, 0.1
"""Of the ring of radius 1: equally likely normals, and their standard deviation."""


def gaussian() -> Dataset:
    """Draws of N(m, L L') with m = (1, -0.5) and L = ((1, 0), (0.6, 0.4))."""
    rng = np.random.default_rng(SEED)
    draws = rng.standard_normal((TRAIN + TEST, 2)) @ np.transpose(FACTOR) + MEAN
    return _split("gaussian", draws)


def ring() -> Dataset:
    """Draws of a mixture of 8 normals, sigma = 0.1, on the circle of radius 1."""
    rng = np.random.default_rng(SEED)
    angle = 2 * np.pi * rng.integers(MODES, size=TRAIN + TEST) / MODES
    centres = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return _split("ring", centres + SIGMA * rng.standard_normal(centres.shape))


def _split(name: str, draws: np.ndarray) -> Dataset:
    rows = draws.astype(np.float32)
    return Dataset(name, rows[:TRAIN], rows[TRAIN:], (2,), toy=True)
