"""`python -m verify`: every claim of the document, judged."""

from __future__ import annotations

import time

from rich.console import Console

from verify import report, serialise
from verify.commands.options import INTERRUPTED, Json, Seconds, Seed
from verify.judge import SECONDS
from verify.ledger import claims, judged_in_parallel
from verify.progress import gathered


def ledger(*, json: Json = False, seed: Seed = 0, seconds: Seconds = SECONDS) -> int:
    """Judge every claim of the document, and print the ledger."""
    started = time.perf_counter()
    ids = [claim.id for claim in claims()]
    judged = judged_in_parallel(ids, seed=seed, seconds=seconds)
    rows, interrupted = gathered(judged, len(ids), "claims")
    good = not interrupted and all(row["as_expected"] for row in rows)
    if json:
        print(serialise.document("ledger", good, partial=interrupted, claims=rows))
    else:
        out = Console(highlight=False)
        out.print(report.ledger_table(rows))
        out.print(report.summary(rows, time.perf_counter() - started, interrupted))
    return INTERRUPTED if interrupted else int(not good)
