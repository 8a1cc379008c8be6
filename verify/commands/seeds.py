"""`python -m verify seeds`: no seed of the point search refutes a right line."""

from __future__ import annotations

from functools import partial

from verify import robustness
from verify.commands.options import INTERRUPTED, Count
from verify.parallel import mapped
from verify.progress import gathered


def seeds(*, count: Count = 200) -> int:
    """Try every right derivation under many seeds of the point search.

    Exit status 1 if one of them refutes a line.
    """
    names = robustness.right_names()
    work = partial(robustness.refuting_seeds, count=count)
    groups, interrupted = gathered(mapped(work, names), len(names), "derivations")
    found = [words for group in groups for words in group]
    for words in found:
        print(words)
    partly = "interrupted, so this is partial: " if interrupted else ""
    judged = f"{len(groups)} derivations under {count} seeds"
    print(f"{partly}{judged}: {len(found)} refutations")
    return INTERRUPTED if interrupted else int(bool(found))
