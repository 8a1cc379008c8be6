"""`python -m verify calibrate`: how often right losses are refuted."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console

from verify import serialise
from verify.calibration import report
from verify.calibration.count import alarms, margins, rates, vectors
from verify.calibration.legitimate import missing
from verify.calibration.trial import Trial, tasks, tried
from verify.commands.options import INTERRUPTED, Json, Seed, misuse, unknown
from verify.losses.loss import LOSSES
from verify.methods import METHODS
from verify.parallel import mapped
from verify.progress import gathered

SEEDS = 2  # more than 1e5 pairs of a right implementation and an input vector
RUNS = 1000

Count = Annotated[int, Parameter(validator=Number(gt=0))]
Names = Annotated[list[str] | None, Parameter(consume_multiple=True, negative="")]


def calibrate(
    *,
    method: Names = None,
    only: str | None = None,
    seeds: Count = SEEDS,
    runs: Count = RUNS,
    jax: Annotated[bool, Parameter(negative="")] = False,
    json: Json = False,
    seed: Seed = 0,
) -> int:
    """Judge right implementations under many seeds, and count the false alarms.

    Exit status 1 if a measured rate of false alarms is above the nominal one with 99 %
    confidence, or if a method that only allows for rounding gives one at all.

    Parameters
    ----------
    method
        oracle, monte_carlo, autograd, peers: those alone.
    only
        A loss: gaussian_kl, discriminator_loss, ...
    seeds
        How many seeds of the points, for the oracle; autograd and peers have the first.
    runs
        How often Monte Carlo draws, each time anew, at each of the nominal rates.
    jax
        The implementations in JAX too, before the oracle, which takes minutes more.
    """
    for name in method or ():
        if name not in METHODS:
            return misuse(f"--method: {name}; it can be {', '.join(METHODS)}")
    if only is not None and only not in LOSSES:
        return unknown(only, [*LOSSES], "no loss")
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # a process for each core
    started = time.perf_counter()
    points = range(seed, seed + seeds)
    work = tasks(points, runs, jax, asked=method or (*METHODS,), only=only)
    parts, interrupted = gathered(mapped(tried, work), len(work), "pieces of work")
    found = [trial for part in parts for trial in part]
    good = bool(found) and all(row.kept for row in rates(found)) and not interrupted
    if json:
        print(_document(found, good, interrupted))
    else:
        _show(found, time.perf_counter() - started, interrupted)
    return INTERRUPTED if interrupted else int(not good)


def _absent() -> list[str]:
    return [f"{name} {why}" for name, why in missing().items()]


def _document(found: Sequence[Trial], good: bool, interrupted: bool) -> str:
    return serialise.document(
        "calibrate",
        good,
        partial=interrupted,
        rates=[row.as_data() for row in rates(found)],
        margins=[row.as_data() for row in margins(found)],
        alarms=[vars(trial) for trial in alarms(found)],
        vectors=vectors(found),
        missing=_absent(),
    )


def _show(found: Sequence[Trial], seconds: float, interrupted: bool) -> None:
    """The rates, the margins of rounding, the false alarms, and the sum."""
    out = Console(highlight=False)
    measured, used = rates(found), margins(found)
    if found:
        out.print(report.rates_table(measured))
        out.print()
    if used:
        out.print(report.margins_table(used))
        out.print()
    for line in report.alarm_lines(alarms(found)):
        out.print(line, soft_wrap=True)
    count = len({trial.candidate for trial in found})
    pairs = vectors(found)
    last = report.summary(measured, count, pairs, seconds, interrupted, _absent())
    out.print(last, soft_wrap=True)
