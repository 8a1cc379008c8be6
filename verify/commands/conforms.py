"""`python -m verify conforms`: judge the loss that somebody wrote."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from verify import serialise
from verify.budget import Budget
from verify.commands.options import INTERRUPTED, Json, Seconds, Seed, misuse
from verify.evidence import Verdict
from verify.oracle.conforms import SECONDS, isolated
from verify.oracle.question import question
from verify.progress import gathered


def conforms(
    function: str,
    claim: str,
    *,
    inputs: Annotated[
        list[str] | None, Parameter(consume_multiple=True, negative="")
    ] = None,
    reduction: str | None = None,
    dtype: str = "float64",
    framework: str = "torch",
    budget: Budget = Budget.STANDARD,
    json: Json = False,
    seed: Seed = 0,
    seconds: Seconds = SECONDS,
) -> int:
    """Find out whether MODULE:FUNCTION computes a loss, and its gradient.

    It runs in a process of its own, and may hang or crash there. Exit status 1 if it is
    refuted or nothing could be judged.

    Parameters
    ----------
    function
        MODULE:FUNCTION; the module may be in the folder that this runs in.
    claim
        Which loss: gaussian_kl, saturating_generator_loss, ...
    inputs
        What its arguments are, a word each: mu log_variance.
    reduction
        What it returns: none, sum, mean or sum_mean.
    dtype
        float64, float32, bfloat16 or float16.
    framework
        torch, numpy or jax.
    budget
        standard; full and hours try 10 and 300 times as many batches.
    """
    try:
        asked = question(claim, inputs, reduction, dtype, framework, budget, seed)
        coming = isolated(function, asked, seconds=seconds)
        found, interrupted = gathered(coming, 0, "batches")
    except ValueError as wrong:
        return misuse(str(wrong))
    good = bool(found) and found[-1].verdict is Verdict.AGREES and not interrupted
    if json:
        last = found[-1].as_data() if found else None
        print(serialise.document("conforms", good, partial=interrupted, evidence=last))
    else:
        out = Console(highlight=False, soft_wrap=True)
        out.print(str(found[-1]) if found else "nothing was judged", markup=False)
        if interrupted:
            out.print("interrupted: this is partial")
    return INTERRUPTED if interrupted else int(not good)
