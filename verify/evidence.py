"""Evidence: what a check found, and how it can be counted on.

A check returns this and does nothing else: it prints nothing, raises nothing for a
wrong result, and chooses no exit code.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import Enum


class Verdict(Enum):
    """How a check can end."""

    PROVED = "proved"
    AGREES = "agrees"
    REFUTED = "refuted"
    UNDECIDED = "undecided"

    def __str__(self) -> str:
        return self.value.upper()


@dataclass(frozen=True)
class Evidence:
    """What one check found of one claim.

    claim       what was judged, by name
    method      how: "proof and balls", ...
    verdict     PROVED, AGREES, REFUTED or UNDECIDED
    figure      the number or the counterexample that the verdict rests on, in words
    resolution  the smallest error that the check would have seen, in words
    seed        of the random choices
    seconds     wall-clock time
    """

    claim: str
    method: str
    verdict: Verdict
    figure: str
    resolution: str
    seed: int
    seconds: float

    def as_data(self) -> dict[str, object]:
        """The same as plain data, for JSON."""
        return asdict(self) | {
            "verdict": self.verdict.value,
            "seconds": round(self.seconds, 4),
        }
