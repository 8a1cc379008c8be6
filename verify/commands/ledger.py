"""`python -m verify`: every claim of the document, judged."""

from __future__ import annotations

import time

from rich.console import Console

from verify import report, serialise
from verify.budget import Budget
from verify.commands import grid
from verify.commands.options import INTERRUPTED, Json, Seconds, Seed
from verify.grid.cells import Cell
from verify.judge import SECONDS
from verify.ledger import claims, judged_in_parallel
from verify.progress import gathered


def ledger(
    *,
    budget: Budget = Budget.STANDARD,
    json: Json = False,
    seed: Seed = 0,
    seconds: Seconds = SECONDS,
) -> int:
    """Judge every claim of the document: the ledger, and then the grid of numbers.

    Parameters
    ----------
    budget
        quick has the ledger alone, by proof and balls; standard adds the oracle, Monte
        Carlo, autograd, other libraries and models that are trained for a moment; full
        and hours take 10 and 300 times as many points and draws.
    """
    started = time.perf_counter()
    ids = [claim.id for claim in claims()]
    judged = judged_in_parallel(ids, seed=seed, seconds=seconds)
    rows, interrupted = gathered(judged, len(ids), "claims")
    good = not interrupted and all(row["as_expected"] for row in rows)
    if not json:
        out = Console(highlight=False)
        out.print(report.ledger_table(rows))
        out.print(report.summary(rows, time.perf_counter() - started, interrupted))
    found: list[Cell] = []
    if budget is not Budget.QUICK and not interrupted:
        started = time.perf_counter()
        found, interrupted = grid.judged(budget, seed)
        good = good and not interrupted and all(cell.as_expected for cell in found)
        if not json:
            grid.shown(found, time.perf_counter() - started, interrupted, whole=False)
    if json:
        parts = {"claims": rows, "grid": [cell.as_data() for cell in found]}
        print(serialise.document("ledger", good, partial=interrupted, **parts))
    return INTERRUPTED if interrupted else int(not good)
