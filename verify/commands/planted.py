"""`python -m verify planted`: wrong lines made by machine, and how many are refuted."""

from __future__ import annotations

from functools import partial

from rich.console import Console

from verify import planted as errors
from verify import report, robustness, serialise
from verify.commands.options import INTERRUPTED, Each, Json, Seconds, Seed
from verify.parallel import mapped
from verify.progress import gathered

POWER = 0.99


def planted(
    *, each: Each = None, json: Json = False, seed: Seed = 0, seconds: Seconds = 5.0
) -> int:
    """Plant errors in every line of every derivation, and see whether they are refuted.

    Exit status 1 if fewer than 99 percent of the unequal lines are.
    """
    names = robustness.right_names()
    work = partial(robustness.planted, seed=seed, seconds=seconds, each=each)
    groups, interrupted = gathered(mapped(work, names), len(names), "derivations")
    found = [one for group in groups for one in group]
    good = not interrupted and errors.power(found) >= POWER
    if json:
        data = [vars(one) | {"fate": one.fate.value} for one in found]
        print(serialise.document("planted", good, partial=interrupted, planted=data))
    else:
        report.print_planted(Console(highlight=False), found, interrupted)
    return INTERRUPTED if interrupted else int(not good)
