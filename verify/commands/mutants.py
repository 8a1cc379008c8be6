"""`python -m verify mutants`: wrong losses, and which method notices."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from verify import serialise
from verify.budget import Budget
from verify.commands.options import INTERRUPTED, Json, Seed, misuse, unknown
from verify.losses.loss import LOSSES
from verify.methods import METHODS
from verify.mutation import report
from verify.mutation.catalogue import Group, kinds
from verify.mutation.matrix import as_data, matrix
from verify.mutation.outcome import Outcome
from verify.mutation.run import below, chosen, trials
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
    methods = tuple(method or METHODS)
    if status := _refused(method, kind, only):
        return status
    groups = chosen(only)
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # a process for each core
    started = time.perf_counter()
    work = trials(groups, methods, only=only, kinds=kind, seed=seed, budget=budget)
    parts, interrupted = gathered(work, len(groups), "groups of mutants")
    found = tuple(trial for part in parts for trial in part)
    if not found and not interrupted:
        return _none(groups, only, kind)
    whole = only is None and kind is None and not interrupted
    outcome = Outcome(found, methods, whole)
    if json:
        print(_document(outcome, interrupted))
    else:
        _show(outcome, time.perf_counter() - started, interrupted)
    return INTERRUPTED if interrupted else int(not outcome.good)


def _refused(
    method: Sequence[str] | None, kind: Sequence[str] | None, only: str | None
) -> int:
    """MISUSE, said on stderr, for a name that there is not; 0 for the others."""
    choices = {"--method": tuple(METHODS), "--class": kinds()}
    for what, given in (("--method", method), ("--class", kind)):
        for name in given or ():
            if name not in choices[what]:
                return misuse(f"{what}: {name}; it can be {', '.join(choices[what])}")
    if only is not None and not chosen(only):
        return unknown(only, [*LOSSES, *(g.name for g in chosen())], "no mutant")
    return 0


def _none(groups: Sequence[Group], only: str | None, kind: Sequence[str] | None) -> int:
    """MISUSE, with the nearest names where the name is at fault and not the class."""
    there = [mutant for group in groups for mutant in group.mutants()]
    named = [m for m in there if only is None or below(m.name, only)]
    if only is not None and not named:
        return unknown(only, [mutant.name for mutant in there], "no mutant")
    of = ", ".join(dict.fromkeys(mutant.kind for mutant in named))
    wanted = ", ".join(kind or ())
    return misuse(f"{only or 'all'}: none is of the class {wanted}; there is {of}")


def _document(outcome: Outcome, interrupted: bool) -> str:
    cells = matrix(outcome.trials, outcome.methods, kinds())
    return serialise.document(
        "mutants",
        outcome.good and not interrupted,
        partial=interrupted,
        matrix=as_data(cells),
        mutants=[trial.as_data() for trial in outcome.trials],
        changes=[{"words": words} for words in outcome.changes],
    )


def _show(outcome: Outcome, seconds: float, interrupted: bool) -> None:
    """The matrix, then what there is to say of single mutants, then the sum."""
    out = Console(highlight=False)
    cells = matrix(outcome.trials, outcome.methods, kinds())
    if cells:
        out.print(report.table(cells))
    for line in report.lines(outcome):
        out.print(line)
    out.print(report.summary(outcome, seconds, interrupted))
