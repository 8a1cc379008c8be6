"""`python -m verify sweep`: the atoms at every number of a type."""

from __future__ import annotations

import os
import time
from importlib.util import find_spec
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console
from rich.text import Text

from verify import serialise
from verify.accuracy import sweep_report
from verify.accuracy.bounds import BOUNDS
from verify.accuracy.sweep import BACKENDS, missing, swept, tasks
from verify.commands.options import INTERRUPTED, Json, misuse
from verify.parallel import mapped
from verify.progress import gathered

STRIDE = 131
DTYPES = ("float32", "float16", "bfloat16")
Flag = Annotated[bool, Parameter(negative="")]


def sweep(
    *,
    all: Flag = False,
    stride: Annotated[int, Parameter(validator=Number(gt=0))] = STRIDE,
    backend: str = BACKENDS[0],
    dtype: Annotated[
        list[str] | None, Parameter(consume_multiple=True, negative="")
    ] = None,
    json: Json = False,
) -> int:
    """Judge the atoms at every number of float16 and bfloat16, at many of float32.

    Exit status 1 if an error exceeds 0.51 units in the last place in float32, or 0.501
    in the others, or if nothing was tried of an atom in a dtype that is asked for.

    Parameters
    ----------
    all
        Of float32 too every number, all 2^32: the better part of an hour.
    stride
        Of float32 every so many-th number.
    backend
        numpy or torch.
    dtype
        float32 float16 bfloat16.
    """
    if backend not in BACKENDS:
        return misuse(f"--backend: {backend}; it can be {', '.join(BACKENDS)}")
    if find_spec(backend) is None:
        return misuse(f"--backend: {backend} is not installed")
    for name in dtype or ():
        if name not in DTYPES:
            return misuse(f"--dtype: {name}; it can be {', '.join(DTYPES)}")
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # a process for each core
    started = time.perf_counter()
    without = missing(backend)
    chosen = [name for name in dtype or DTYPES if name not in without]
    stride = 1 if all else stride
    work = tasks(backend, stride, chosen)
    parts, interrupted = gathered(mapped(swept, work), len(work), "parts")
    found = sweep_report.together(parts)
    wanted = dtype or chosen
    untried = [] if interrupted else sweep_report.untried(found, wanted)
    good = not interrupted and not untried and not any(one.beyond for one in found)
    seconds = time.perf_counter() - started
    if json:
        data = [vars(one) | {"bound": BOUNDS[one.dtype]} for one in found]
        sweeps = {"sweeps": data, "backend": backend, "stride": stride}
        document = serialise.document(
            "sweep", good, partial=interrupted, untried=untried, **sweeps
        )
        print(document)
        return INTERRUPTED if interrupted else int(not good)
    out = Console(highlight=False)
    out.print(sweep_report.table(found))
    for name in without:
        out.print(Text(f"{name}: {without[name]}", style="yellow"))
    out.print(sweep_report.summary(found, seconds, interrupted, stride, untried))
    return INTERRUPTED if interrupted else int(not good)
