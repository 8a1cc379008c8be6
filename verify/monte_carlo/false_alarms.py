"""How often sampling refutes a callable, over many seeds: measured, not assumed."""

from __future__ import annotations

from collections.abc import Iterable

from verify.evidence import Verdict
from verify.losses.candidate import Candidate
from verify.monte_carlo.judge import judged

FEW = 512  # draws: the rate holds for any number of them


def false_alarms(
    candidate: Candidate, rate: float, seeds: Iterable[int], draws: int = FEW
) -> int:
    """How many of the seeds refute what is right.

    rate  nominal, of one judgement: all its comparisons together
    """
    found = (judged(candidate, seed=s, rate=rate, draws=draws) for s in seeds)
    return sum(evidence.verdict is Verdict.REFUTED for evidence in found)
