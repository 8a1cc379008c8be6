"""What the integrands and their sums need of torch, on any of its devices."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum, gcd

import numpy as np
import torch
from torch import Tensor

from verify.monte_carlo import numpy_arrays, torch_noise
from verify.monte_carlo.noise import Design

MANY = 32
"""Blocks that a GPU makes at once: one would leave it waiting for the next call."""
log, exp = torch.log, torch.exp


def moved(array: np.ndarray, device: str) -> Tensor:
    """The same numbers in float64, on a device."""
    return torch.tensor(array, dtype=torch.float64).to(device)


def together(design: Design, device: str) -> int:
    """How many blocks are made at once; it divides their number."""
    return 1 if device == "cpu" else gcd(MANY, design.blocks)


def normals(
    design: Design, seed: int, stream: int, blocks: Sequence[int], device: str
) -> Tensor:
    """The draws of these blocks, one after the other; shape (n, 12).

    NumPy's on a CPU, and their like, to the rounding of ndtri, made on a GPU.
    """
    if device == "cpu":
        found = numpy_arrays.normals(design, seed, stream, blocks, device)
        return moved(found, device)
    return torch_noise.normals(design, seed, stream, blocks, device)


def sums(columns: Sequence[Tensor], block: int) -> tuple[np.ndarray, np.ndarray]:
    """Sums over the draws, and squared deviations from their mean, shape (p,).

    Of so many draws at once on the device; these sums are added up exactly.
    """
    joined = torch.cat(list(columns), dim=-1)
    total = _added(joined, block)
    mean = moved(total / len(joined), str(joined.device))
    return total, _added((joined - mean) ** 2, block)


def _added(rows: Tensor, block: int) -> np.ndarray:
    parts = rows.unflatten(0, (-1, block)).sum(1).T.cpu().tolist()
    return np.array([fsum(part) for part in parts])
