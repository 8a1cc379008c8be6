"""`python -m verify grid`: every claim, and every method that has numbers for it."""

from __future__ import annotations

import time
from collections.abc import Sequence

from rich.console import Console

from verify import serialise
from verify.budget import Budget
from verify.commands.options import INTERRUPTED, Json, Seed
from verify.grid import losses, report
from verify.grid.cells import Cell, cells, places
from verify.progress import gathered


def grid(
    *, budget: Budget = Budget.STANDARD, json: Json = False, seed: Seed = 0
) -> int:
    """Judge every loss by oracle, Monte Carlo, autograd, other libraries and models.

    Exit status 1 if a reference of ours is refuted or undecided, or a formula that the
    document printed wrongly is not refuted.

    Parameters
    ----------
    budget
        standard; full and hours take 10 and 300 times as many points and draws.
    """
    started = time.perf_counter()
    found, interrupted = judged(budget, seed)
    good = not interrupted and all(cell.as_expected for cell in found)
    if json:
        data = [cell.as_data() for cell in found]
        print(serialise.document("grid", good, partial=interrupted, grid=data))
    else:
        shown(found, time.perf_counter() - started, interrupted, whole=True)
    return INTERRUPTED if interrupted else int(not good)


def judged(budget: Budget, seed: int) -> tuple[list[Cell], bool]:
    """All cells that came before an interruption, and whether there was one."""
    return gathered(cells(seed=seed, budget=budget), len(places()), "judgements")


def shown(
    found: Sequence[Cell], seconds: float, interrupted: bool, *, whole: bool
) -> None:
    """Print the grid; `whole` with a line for each loss and method."""
    out = Console(highlight=False)
    if whole and found:
        for section in losses.sections(found):
            out.print(section)
        out.print()
        for line in losses.legend(found):
            out.print(line, style="dim", markup=False)
        out.print()
    table, notes = report.grid_table(found)
    if table:
        out.print(table)
    for note in notes:
        out.print(note, style="dim", markup=False)
    for line in report.unlike(found):
        out.print(line, markup=False, style="bold red")
    out.print(report.summary(found, seconds, interrupted))
