"""What the integrands and their sums need of torch, on any of its devices."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

log, exp = torch.log, torch.exp


def moved(array: np.ndarray, device: str) -> Tensor:
    """The same numbers in float64, on a device."""
    return torch.tensor(array, dtype=torch.float64).to(device)


def sums(columns: Sequence[Tensor]) -> tuple[np.ndarray, np.ndarray]:
    """Sums over the draws, and squared deviations from their mean, shape (p,)."""
    joined = torch.cat(list(columns), dim=-1)
    total = joined.sum(0)
    apart = ((joined - total / len(joined)) ** 2).sum(0)
    return total.cpu().numpy(), apart.cpu().numpy()
