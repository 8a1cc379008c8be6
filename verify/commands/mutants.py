"""`python -m verify mutants`: wrong losses, and which method notices."""

from __future__ import annotations

import os
import time
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from verify import serialise
from verify.budget import Budget
from verify.commands.options import INTERRUPTED, Json, Seed, misuse, unknown
from verify.mutation import report
from verify.mutation.catalogue import kinds
from verify.mutation.matrix import as_data, matrix
from verify.methods import METHODS
from verify.mutation.outcome import Outcome
from verify.mutation.run import chosen, trials
from verify.progress import gathered

Names = Annotated[list[str] | None, Parameter(consume_multiple=True, negative="")]
Classes = Annotated[
    list[str] | None, Parameter(name="--class", consume_multiple=True, negative="")
]


def mutants(
    *,
    method: Names = None,
    kind: Classes = None,
    only: str | None = None,
    budget: Budget = Budget.STANDARD,
    json: Json = False,
    seed: Seed = 0,
) -> int:
    """Judge losses that are wrong on purpose: the matrix of what each method kills.

    Exit status 1 if the oracle lets one live that is not proved to be right, if a
    method refutes what is right, if a survivor has no reason or a reason no survivor,
    or if a method kills less of a class than it did.

    Parameters
    ----------
    method
        oracle, monte_carlo, autograd, peers: those alone.
    kind
        Classes of errors: sign, "dropped term", clamp, ...
    only
        A mutant, or all below a name: gaussian_kl/log_variance.
    budget
        quick, standard, full, hours: how much each method may spend.
    """
    choices = {"--method": tuple(METHODS), "--class": kinds()}
    for what, given in (("--method", method), ("--class", kind)):
        for name in given or ():
            if name not in choices[what]:
                return misuse(f"{what}: {name}; it can be {', '.join(choices[what])}")
    groups, methods = chosen(only), tuple(method or METHODS)
    if only is not None and not groups:
        return unknown(only, [group.name for group in chosen()], "no mutant")
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # a process for each core
    started = time.perf_counter()
    work = trials(groups, methods, only=only, kinds=kind, seed=seed, budget=budget)
    parts, interrupted = gathered(work, len(groups), "groups")
    found = tuple(trial for part in parts for trial in part)
    if not found and not interrupted:
        return misuse("no mutant of these classes has this name, or is below it")
    whole = only is None and kind is None and not interrupted
    outcome = Outcome(found, methods, whole)
    good = outcome.good and not interrupted
    cells = matrix(found, methods, kinds())
    if json:
        data = {"matrix": as_data(cells), "mutants": [t.as_data() for t in found]}
        data["changes"] = [{"words": words} for words in outcome.changes]
        print(serialise.document("mutants", good, partial=interrupted, **data))
        return INTERRUPTED if interrupted else int(not good)
    out = Console(highlight=False)
    for line in report.lines(outcome):
        out.print(line, soft_wrap=True)
    out.print(report.table(cells))
    out.print(report.summary(found, time.perf_counter() - started, interrupted))
    return INTERRUPTED if interrupted else int(not good)
