"""The same work for many items, in as many processes as there are cores."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from typing import TypeVar

AHEAD = 4  # items of a worker that wait for it

Item = TypeVar("Item")
Result = TypeVar("Result")


def mapped(
    work: Callable[[Item], Result], items: Sequence[Item], workers: int | None = None
) -> Iterator[Result]:
    """`work(item)` for each item, in order; work and results have to be picklable.

    What is left undone when the caller stops is not begun, and what runs is ended.
    """
    context = multiprocessing.get_context("spawn")
    count = max(1, min(workers or os.cpu_count() or 1, len(items)))
    pool = ProcessPoolExecutor(
        count, mp_context=context, initializer=_ignore_interrupts
    )
    ahead = iter(items)
    begun = deque(pool.submit(work, item) for item in islice(ahead, AHEAD * count))
    try:
        while begun:
            yield begun.popleft().result()
            begun.extend(pool.submit(work, item) for item in islice(ahead, 1))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for worker in multiprocessing.active_children():
            worker.terminate()


def _ignore_interrupts() -> None:
    """Leave an interrupt from the keyboard to the process that shows the results."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
