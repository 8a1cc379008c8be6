"""Processes that torchrun started: all that is known of torch.distributed.

Objects and CPU tensors travel by gloo, CUDA tensors by nccl. The slopes of a shared
objective are averaged by DistributedDataParallel during the backward pass, bucket after
bucket, so every process makes the same step of its own copy of the model.

Reference: Li et al., "PyTorch Distributed: Experiences on Accelerating Data Parallel
Training", 2020, section 3.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from verify.processes import Objective, Processes

T = TypeVar("T")


class TorchProcesses(Processes):
    """The process group of this run."""

    def __init__(self) -> None:
        self.rank, self.size = dist.get_rank(), dist.get_world_size()
        self.place = int(os.environ.get("LOCAL_RANK", self.rank))

    def gathered(self, part: Any) -> list[Any]:
        parts: list[Any] = [None] * self.size
        dist.all_gather_object(parts, part)
        return parts

    def together(self, do: Callable[[], T]) -> T:
        found, error = _tried(do)
        for theirs in self.gathered(error):
            if theirs is not None:
                raise theirs
        return found

    def first(self, do: Callable[[], T]) -> T:
        outcome = [_tried(do) if self.rank == 0 else None]
        dist.broadcast_object_list(outcome, src=0)
        assert outcome[0] is not None
        found, error = outcome[0]
        if error is not None:
            raise error
        made: T = found
        return made

    def part(self, rows: Tensor) -> Tensor:
        """Raises ValueError where the slices would not be equal."""
        if len(rows) % self.size:
            raise ValueError(f"{len(rows)} rows for {self.size} processes")
        each = len(rows) // self.size
        return rows[self.rank * each : (self.rank + 1) * each]

    def averaged(self, table: Tensor) -> Tensor:
        """In float64, so that no sum of numbers in float32 overflows."""
        total = table.double()
        dist.all_reduce(total)
        return total / self.size

    def sharing(self, objective: Objective, player: list[Any]) -> Objective:
        # A compiled graph would be cut at buckets, and be no fullgraph any more.
        torch._dynamo.config.optimize_ddp = False
        shared: Objective = DistributedDataParallel(
            Player(objective, player), gradient_as_bucket_view=True
        )
        return shared


class Player(nn.Module):
    """An objective, and the parameters whose slopes are averaged: no others.

    The model itself is not registered, so in the turn of one player the slopes of the
    others are neither waited for nor sent.
    """

    def __init__(self, objective: Objective, player: list[nn.Parameter]) -> None:
        super().__init__()
        self.objective, self.player = objective, nn.ParameterList(player)

    def forward(self, *given: Tensor) -> Any:
        return self.objective(*given)


@contextmanager
def group(wait: timedelta) -> Iterator[TorchProcesses]:
    """Be one of the processes that the environment names.

    wait  the longest that one waits for another: RuntimeError then, as when it is gone
    """
    able = torch.cuda.is_available() and dist.is_nccl_available()
    dist.init_process_group("cpu:gloo,cuda:nccl" if able else "gloo", timeout=wait)
    try:
        yield TorchProcesses()
    finally:
        dist.destroy_process_group()


def _tried(do: Callable[[], Any]) -> tuple[Any, Exception | None]:
    try:
        return do(), None
    except (OSError, ValueError) as error:
        return None, error
