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
    """Why the oracle has nothing to say of a convention; empty where it has."""
    if not convention.loss.separable:
        return "its terms are not of one coordinate each"
    return ""


def judged(
    candidate: Candidate, *, seed: int = 0, budget: Budget = Budget.STANDARD
) -> Conformance:
    """Compare a callable with the truth on batches of every shape and size.

    Raises ValueError where `cannot` has a reason.
    """
    *_, found = judging(candidate, seed=seed, budget=budget)
    return found.evidence(partial=False)


def judging(
    candidate: Candidate, *, seed: int = 0, budget: Budget = Budget.STANDARD
) -> Iterator[Findings]:
    """What is known after each batch; it ends with a fault, or with the last batch."""
    if reason := cannot(candidate.convention):
        raise ValueError(f"{candidate.convention.loss.name}: {reason}")
    found = Findings(candidate, seed, time.perf_counter())
    for batch in expectations(candidate.convention, candidate.dtype, seed, budget):
        found.take(batch)
        yield found
        if found.fault:
            return
