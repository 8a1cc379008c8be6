"""Timing in turns: A B C A B C ..., so that what disturbs one disturbs all.

A ratio is taken inside a round, between two neighbours in time, and the median of these
ratios is what is reported: it moves less than a ratio of medians when the machine is
used by others for a while.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from math import ceil
from statistics import median, quantiles
from typing import TypeAlias

Repeated: TypeAlias = Callable[[int], None]
"""Does the work so many times, and returns when it is done."""

Clock: TypeAlias = Callable[[], float]
CLOCKS: dict[str, Clock] = {"wall": time.perf_counter, "cpu": time.process_time}
"""The processor's time, of all threads together, is not disturbed as much by others."""

SAMPLE = 5e-4  # seconds: a sample takes at least so long, a clock's error is 1e-7
FEWEST = 5  # rounds, whatever they take


def interleaved(
    candidates: Mapping[str, Repeated],
    seconds: float,
    clock: Clock = time.perf_counter,
) -> dict[str, list[float]]:
    """Seconds of one call, of every candidate in every round.

    candidates  already called once: nothing is compiled or loaded any more
    seconds     no round begins after so many, but there are at least FEWEST
    """
    counts = {}
    for name, repeated in candidates.items():
        estimate = min(_seconds(repeated, 1, clock) for _ in range(2))
        counts[name] = max(1, ceil(SAMPLE / max(estimate, SAMPLE / 1000)))
    found: dict[str, list[float]] = {name: [] for name in candidates}
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        until, rounds = time.perf_counter() + seconds, 0
        while rounds < FEWEST or time.perf_counter() < until:
            for name, repeated in candidates.items():
                taken = _seconds(repeated, counts[name], clock)
                found[name].append(taken / counts[name])
            rounds += 1
    finally:
        if was_enabled:
            gc.enable()
    return found


def _seconds(repeated: Repeated, count: int, clock: Clock) -> float:
    started = clock()
    repeated(count)
    return clock() - started


def ratio(times: Sequence[float], others: Sequence[float]) -> float:
    """The median of the ratios of one round each; of the same run, so of one length."""
    return median(a / b for a, b in zip(times, others, strict=True))


def spread(times: Sequence[float], others: Sequence[float]) -> float:
    """Half the distance of the quartiles of these ratios."""
    low, _, high = quantiles((a / b for a, b in zip(times, others, strict=True)), n=4)
    return (high - low) / 2
