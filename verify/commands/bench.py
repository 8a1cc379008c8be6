"""`python -m verify bench`: how fast, beside what people use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from statistics import median
from typing import Annotated, Any

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console

from verify import serialise
from verify.bench import bars, fresh, machine, report, run
from verify.bench.cell import Cell
from verify.bench.plan import ALL, DEFAULT, QUICK, Plan, refusal
from verify.bench.run import FirstCalls, LeftOut
from verify.commands.options import INTERRUPTED, Json, Seed, misuse
from verify.progress import watched
from verify.training.options import OptionError

Many = Parameter(consume_multiple=True, negative="")
Names = Annotated[list[str] | None, Many]
Sizes = Annotated[
    list[float] | None,
    Parameter(consume_multiple=True, negative="", validator=Number(gte=100, lte=1e9)),
]
Threads = Annotated[
    list[int] | None,
    Parameter(consume_multiple=True, negative="", validator=Number(gte=1)),
]
Flag = Annotated[bool, Parameter(negative="")]
Positive = Annotated[float | None, Parameter(validator=Number(gt=0))]


def bench(
    *,
    quick: Flag = False,
    all: Flag = False,
    strict: Flag = False,
    json: Json = False,
    sizes: Sizes = None,
    threads: Threads = None,
    subjects: Names = None,
    frameworks: Names = None,
    dtypes: Names = None,
    passes: Names = None,
    device: str = "cpu",
    clock: str = "wall",
    seconds: Positive = None,
    budget: Positive = None,
    seed: Seed = 0,
) -> int:
    """Time the reference implementations and what people use, in turns.

    Exit status 0, whatever the figures are, unless --strict.

    Parameters
    ----------
    quick
        The bars of gaussian_kl, at one size: 20 seconds once all is compiled.
    all
        Every subject at every size: an hour, most of it compilation.
    strict
        Exit status 1 if a bar is missed, or a candidate refused.
    sizes
        Elements of each argument: 1e4 1e5 1e6 1e7.
    threads
        Of torch, on a CPU: 1 2.
    subjects
        kl, kl-sigma, nonsaturating, saturating.
    frameworks
        torch, numpy, jax.
    dtypes
        float64, float32.
    passes
        forward, forward+backward.
    device
        cpu, cuda.
    clock
        wall, or cpu: that of all threads together, where others disturb.
    seconds
        For the timing of one cell, beside compilation.
    budget
        Nothing is begun after so many seconds of the run; what is left out is named.
    """
    given: dict[str, Any] = {
        "sizes": sizes and [int(size) for size in sizes],
        **{"threads": threads, "subjects": subjects, "frameworks": frameworks},
        **{"dtypes": dtypes, "passes": passes, "device": device},
        **{"clock": clock, "seconds": seconds, "budget": budget},
    }
    chosen = {name: value for name, value in given.items() if value is not None}
    if wrong := refusal(chosen):
        return misuse(wrong)
    if device == "cuda":
        if find_spec("torch") is None:
            return misuse("--device: cuda needs torch, which is not installed")
        devices = import_module("verify.training.torch_devices")
        try:
            devices.device_named(device)
        except OptionError as wrong:
            return misuse(str(wrong))
    if clock == "cpu":  # threads that wait for each other spend it too
        chosen.setdefault("threads", [1])
    plan = replace(QUICK if quick else ALL if all else DEFAULT, **chosen)
    programs = fresh.PROGRAMS[:1] if quick else fresh.PROGRAMS
    out = Console(highlight=False, quiet=json)
    return _run(plan, programs, seed, out, strict)


def _run(
    plan: Plan, programs: Sequence[fresh.Program], seed: int, out: Console, strict: bool
) -> int:
    """Print what is found as it is found, then the bars; the exit status."""
    host = machine.described(plan.device)
    report.print_head(out, host, plan.clock, report.COMPARED)
    cells: list[Cell] = []
    calls: dict[str, float] = {}
    left_out: list[LeftOut] = []
    interrupted = False
    try:
        total = len(plan.settings()) + len(programs)
        for found in watched(run.found(plan, programs, seed), total, "cells"):
            if isinstance(found, Cell):
                cells.append(found)
                report.print_cell(out, found)
            elif isinstance(found, FirstCalls):
                calls |= found.seconds
            else:
                left_out.append(found)
    except KeyboardInterrupt:
        interrupted = True
    judged = bars.judged(cells, calls)
    report.print_first_calls(out, calls)
    report.print_bars(out, judged)
    report.print_left_out(out, left_out, interrupted)
    good = all(bar.verdict != "MISS" for bar in judged)
    good = good and not any(cell.refused for cell in cells)
    if out.quiet:
        parts = {
            **{"machine": host, "clock": plan.clock, "first_calls": calls},
            "bars": [vars(bar) | {"verdict": bar.verdict} for bar in judged],
            "cells": [_data(cell) for cell in cells],
            "left_out": [vars(one) for one in left_out],
        }
        print(serialise.document("bench", good, partial=interrupted, **parts))
    return INTERRUPTED if interrupted else int(strict and not good)


def _data(cell: Cell) -> serialise.Data:
    """The cell as plain data: the ratios are ours beside the candidate."""
    rows = []
    for name, times in cell.times.items():
        ours = cell.ours_beside(name)
        rows.append(
            {
                "candidate": name,
                "first_seconds": cell.first[name],
                "median_seconds": median(times),
                "ns_per_element": cell.per_element(name),
                "gigabytes_per_second": cell.gigabytes(name),
                "ours": ours,
                "ratio": cell.ratio(ours, name) if ours else None,
                "rounds": len(times),
            }
        )
    return {**vars(cell.setting), "candidates": rows, "refused": dict(cell.refused)}
