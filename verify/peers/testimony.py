"""What a peer computes at points, one coordinate at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from verify.losses.call import Fault, Weights, evaluated
from verify.losses.candidate import Candidate


@dataclass(frozen=True)
class Testimony:
    """A value and slopes at n points, float64, shape (n,).

    found  by "" for the value, and by word for the slope in it; a library without
           gradients gives the value alone
    fault  what the peer did instead; empty where it computed
    """

    found: dict[str, np.ndarray] = field(default_factory=dict)
    fault: str = ""


def testimony(candidate: Candidate, columns: Sequence[np.ndarray]) -> Testimony:
    """What a candidate under the reduction "none" computes.

    columns  one array of shape (n,) for each of its words, exact in its dtype
    """
    words = candidate.convention.inputs
    arrays = {w: c[:, None] for w, c in zip(words, columns, strict=True)}
    weights = Weights((np.ones((len(columns[0]), 1)),))
    with np.errstate(all="ignore"):
        try:
            results = evaluated(candidate, arrays, weights)
        except Fault as fault:
            return Testimony(fault=str(fault))
    return Testimony(
        {"": results.value[0][:, 0]} | {w: s[:, 0] for w, s in results.slopes.items()}
    )
