"""The processes that share a run: those that torchrun started, or this one alone.

torchrun tells each of them, by its environment, how many there are (WORLD_SIZE), which
one it is (RANK) and which on its machine (LOCAL_RANK).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from importlib import import_module
from typing import Any, TypeVar

T = TypeVar("T")
Objective = Callable[..., Any]


class Processes:
    """This one alone, which has nobody to ask.

    rank   which one it is, from 0, of
    size   so many
    place  which one on its machine, from 0
    """

    rank, size, place = 0, 1, 0

    def gathered(self, part: Any) -> list[Any]:
        """What all of them have, in each of them, in the order of their ranks."""
        return [part]

    def together(self, do: Callable[[], T]) -> T:
        """What this one makes; if one of them can't, all raise the error of the first.

        Of OSError and ValueError; another error ends the process, and so the run.
        """
        return do()

    def first(self, do: Callable[[], T]) -> T:
        """What the first of them makes, in all of them; its errors likewise."""
        return do()

    def part(self, rows: Any) -> Any:
        """The rows of this one: the rank-th of `size` equal slices, in their order."""
        return rows

    def averaged(self, table: Any) -> Any:
        """The mean of all their tensors."""
        return table

    def sharing(self, objective: Objective, player: list[Any]) -> Objective:
        """The same objective; its slopes are those of the mean over the processes.

        objective  of tensors; gives a loss, and what else there is to say of it
        player     the parameters whose slopes they are
        """
        return objective


ALONE = Processes()
WAIT = timedelta(minutes=10)


def joined(wait: timedelta = WAIT) -> AbstractContextManager[Processes]:
    """The processes of this run, for as long as the context is entered.

    wait  the longest that one waits for another, which then is taken for lost
    """
    if os.environ.get("WORLD_SIZE", "1") == "1":
        return nullcontext(ALONE)
    started: Any = import_module("verify.training.torch_processes")
    found: AbstractContextManager[Processes] = started.group(wait)
    return found
