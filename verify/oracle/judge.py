"""Judge a callable by the truth: it is refuted where rounding cannot explain an error.

Where a number is beyond the range in which a step on the way may overflow, an error is
a finding, with its threshold; so is the loss of digits near a minimum. Everything else
is a refutation.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from verify.budget import Budget
from verify.losses.candidate import Candidate
from verify.losses.convention import Convention
from verify.oracle.conformance import Conformance
from verify.oracle.expected import expectations
from verify.oracle.findings import Findings


def cannot(convention: Convention) -> str:
    """Why the oracle has nothing to say of a convention: it always has, so empty."""
    return ""


def judged(
    candidate: Candidate,
    *,
    seed: int = 0,
    budget: Budget = Budget.STANDARD,
    whole: bool = True,
) -> Conformance:
    """Compare a callable with the truth on batches of every shape and size.

    whole  False ends at the first batch that refutes, and writes no snippet: for those
           who want the verdict alone
    """
    found = Findings(candidate, seed, time.perf_counter())
    for found in judging(candidate, seed=seed, budget=budget):
        if not whole and found.refuted:
            return found.evidence(partial=True)
    return found.evidence(partial=False)


def judging(
    candidate: Candidate, *, seed: int = 0, budget: Budget = Budget.STANDARD
) -> Iterator[Findings]:
    """What is known after each batch; it ends with a fault, or with the last batch."""
    found = Findings(candidate, seed, time.perf_counter())
    for batch in expectations(candidate.convention, candidate.dtype, seed, budget):
        found.take(batch)
        yield found
        if found.fault:
            return
