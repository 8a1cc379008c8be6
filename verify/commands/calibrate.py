"""`python -m verify calibrate`: how often right losses are refuted."""

from __future__ import annotations

import os
import time
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console

from verify import serialise
from verify.calibration import report
from verify.calibration.count import alarms, margins, rates, vectors
from verify.calibration.legitimate import missing
from verify.calibration.trial import tasks, tried
from verify.commands.options import INTERRUPTED, Json, Seed
from verify.parallel import mapped
from verify.progress import gathered

SEEDS = 4  # more than 1e5 pairs of a right implementation and an input vector
RUNS = 1000


def calibrate(
    *,
    seeds: Annotated[int, Parameter(validator=Number(gt=0))] = SEEDS,
    runs: Annotated[int, Parameter(validator=Number(gte=0))] = RUNS,
    jax: Annotated[bool, Parameter(negative="")] = False,
    json: Json = False,
    seed: Seed = 0,
) -> int:
    """Judge right implementations under many seeds, and count the false alarms.

    Exit status 1 if a measured rate of false alarms is above the nominal one with 99 %
    confidence, or if a method that only allows for rounding gives one at all.

    Parameters
    ----------
    seeds
        How many seeds of the points, for the oracle, autograd and the peers.
    runs
        How often Monte Carlo draws, each time anew, at each of the nominal rates.
    jax
        The implementations in JAX too, before the oracle, which takes minutes more.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # a process for each core
    started = time.perf_counter()
    work = tasks(range(seed, seed + seeds), runs, jax)
    parts, interrupted = gathered(mapped(tried, work), len(work), "groups")
    found = [trial for part in parts for trial in part]
    measured = rates(found)
    kept = all(row.kept for row in measured)
    good = kept and bool(found) and not interrupted
    absent = [f"{name} {why}" for name, why in missing().items()]
    if json:
        print(
            serialise.document(
                "calibrate",
                good,
                partial=interrupted,
                rates=[row.as_data() for row in measured],
                margins=[row.as_data() for row in margins(found)],
                alarms=[vars(trial) for trial in alarms(found)],
                vectors=vectors(found),
                missing=absent,
            )
        )
        return INTERRUPTED if interrupted else int(not good)
    out = Console(highlight=False)
    out.print(report.rates_table(measured))
    out.print()
    out.print(report.margins_table(margins(found)))
    out.print()
    for line in report.alarm_lines(alarms(found)):
        out.print(line, soft_wrap=True)
    seconds = time.perf_counter() - started
    count = len({t.candidate for t in found})
    pairs = vectors(found)
    last = report.summary(measured, count, pairs, seconds, interrupted, absent)
    out.print(last, soft_wrap=True)
    return INTERRUPTED if interrupted else int(not good)
