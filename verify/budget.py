"""How much a run may spend: more points, draws and seeds for a larger budget."""

from __future__ import annotations

from enum import Enum


class Budget(Enum):
    """The four sizes of a run.

    QUICK     the ledger alone: proofs and balls
    STANDARD  every method, in about a minute
    FULL      every method with ten times the points and draws
    HOURS     as much as an evening computes
    """

    QUICK = "quick"
    STANDARD = "standard"
    FULL = "full"
    HOURS = "hours"

    @property
    def factor(self) -> int:
        """How many times the points and draws of a standard run."""
        return {"quick": 1, "standard": 1, "full": 10, "hours": 300}[self.value]
