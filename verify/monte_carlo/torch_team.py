"""The processes that `torchrun` starts, which share the blocks of a run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import torch.distributed as dist

WAIT = timedelta(hours=6)  # for a process that has more to do than this one


class TorchTeam:
    """A process group over gloo: moments are exact, and travel as Python objects."""

    def __init__(self) -> None:
        self.rank, self.size = dist.get_rank(), dist.get_world_size()

    def gathered(self, part: Any) -> list[Any]:
        """What all of them have, in each of them, in the order of their ranks."""
        parts: list[Any] = [None] * self.size
        dist.all_gather_object(parts, part)
        return parts


@contextmanager
def team() -> Iterator[TorchTeam]:
    """The processes of this run, as torchrun's environment names them."""
    dist.init_process_group("gloo", timeout=WAIT)
    try:
        yield TorchTeam()
    finally:
        dist.destroy_process_group()
