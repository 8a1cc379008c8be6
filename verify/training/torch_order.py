"""In which order the data are taken: every epoch a permutation, in whole batches.

The permutation of an epoch is a function of the seed and the epoch, so the position is
two numbers. What is left of an epoch when no whole batch is, waits for another one.
"""

from __future__ import annotations

import torch
from torch import Tensor

from verify.training.seeds import seed_of


class Order:
    """The batches of a data set, one after the other.

    rows, batch  how many there are, and how many are taken at a time: batch <= rows
    """

    def __init__(self, rows: int, batch: int, seed: int, device: torch.device) -> None:
        self.rows, self.batch, self.seed, self.device = rows, batch, seed, device
        self.epoch = self.taken = 0
        self._permutation = self._of_epoch()

    def next(self) -> Tensor:
        """The places of the next batch, (batch,), on the device."""
        if self.taken + self.batch > self.rows:
            self.epoch, self.taken = self.epoch + 1, 0
            self._permutation = self._of_epoch()
        start, self.taken = self.taken, self.taken + self.batch
        return self._permutation[start : self.taken]

    @property
    def position(self) -> dict[str, int]:
        """Where it is, as plain data."""
        return {"epoch": self.epoch, "taken": self.taken}

    def go_to(self, position: dict[str, int]) -> None:
        """Be where another one was."""
        self.epoch, self.taken = position["epoch"], position["taken"]
        self._permutation = self._of_epoch()

    def _of_epoch(self) -> Tensor:
        seed = seed_of(self.seed, "order", self.epoch)
        drawn = torch.randperm(self.rows, generator=torch.Generator().manual_seed(seed))
        if self.device.type == "cuda":  # else the host would wait for the copy
            drawn = drawn.pin_memory()
        return drawn.to(self.device, non_blocking=True)
