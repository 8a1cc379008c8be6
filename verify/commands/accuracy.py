"""`python -m verify accuracy`: how exact, in ULP, beside what people use."""

from __future__ import annotations

import os
import time
from functools import partial
from typing import Annotated, Any

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console

from verify import serialise
from verify.accuracy import report
from verify.accuracy.bounds import BOUNDS
from verify.accuracy.comparison import compared
from verify.accuracy.textbook import TERMS
from verify.commands.options import INTERRUPTED, Json, Seed, misuse
from verify.parallel import mapped
from verify.progress import gathered

DTYPES = ("float64", "float32")


def accuracy(
    *,
    points: Annotated[int, Parameter(validator=Number(gte=0))] = 2000,
    rounds: Annotated[int, Parameter(validator=Number(gte=0))] = 5,
    dtype: Annotated[
        list[str] | None, Parameter(consume_multiple=True, negative="")
    ] = None,
    compile: Annotated[bool, Parameter(negative="")] = False,
    json: Json = False,
    seed: Seed = 0,
) -> int:
    """Measure values, gradients and second derivatives against the truth in balls.

    Exit status 1 if one of ours breaks its bound: 4 units in the last place in float64,
    0.51 in float32, 0.501 in float16 and bfloat16; or if nothing of ours was measured.

    Parameters
    ----------
    points
        Random points for each function, beside those that are always tried.
    rounds
        In float64, how often to go on from the worst points of ours, in search of
        worse ones.
    dtype
        float64 float32 float16 bfloat16: of the last two, every number.
    compile
        Under torch.compile too, which takes a minute more.
    """
    dtypes = tuple(dtype or DTYPES)
    for name in dtypes:
        if name not in BOUNDS:
            return misuse(f"--dtype: {name}; it can be {', '.join(BOUNDS)}")
    started = time.perf_counter()
    options: dict[str, Any] = {"count": points, "rounds": rounds, "seed": seed}
    work = partial(compared, dtypes=dtypes, slow=compile, **options)
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # a process for each core
    tasks = range(len(TERMS))
    groups, interrupted = gathered(mapped(work, tasks), len(tasks), "functions")
    found = [comparison for group in groups for comparison in group]
    measured = bool(found) and all(comparison.measured for comparison in found)
    good = not interrupted and measured and all(c.kept for c in found)
    if json:
        tables = [comparison.as_data() for comparison in found]
        parts = {"tables": tables, **options}
        print(serialise.document("accuracy", good, partial=interrupted, **parts))
        return INTERRUPTED if interrupted else int(not good)
    out = Console(highlight=False)
    for table in report.tables(found):
        out.print(table)
        out.print()
    for line in report.broken(found):
        out.print(line, soft_wrap=True)
    out.print(report.summary(found, time.perf_counter() - started, interrupted))
    return INTERRUPTED if interrupted else int(not good)
