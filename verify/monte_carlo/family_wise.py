"""How often a whole run may cry wolf, and what that leaves to each comparison.

Source: Bonferroni's inequality: the probability that one of m events happens is at most
the sum of theirs, however they depend on each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

RATE = 1e-9
CONVENTIONS = 1024  # losses x words x reductions x dtypes; a test counts them
MOST = 512  # comparisons of one convention; a plan that has more raises


@dataclass(frozen=True)
class FamilyWise:
    """A family of comparisons, counted before any of them is made.

    rate         the probability that one or more of them refute what is right
    comparisons  how many there are
    """

    rate: float = RATE
    comparisons: int = CONVENTIONS * MOST

    def __post_init__(self) -> None:
        if not 0 < self.rate < 1 or self.comparisons < 1:
            raise ValueError(
                f"rate is {self.rate}, need 0 < rate < 1; comparisons is "
                f"{self.comparisons}, need 1 or more"
            )

    @property
    def each(self) -> float:
        """The probability that is left to one comparison."""
        return self.rate / self.comparisons

    @property
    def odds(self) -> float:
        """log(2/p), p what one comparison has: it may miss on either side."""
        return log(2 / self.each)


WHOLE_RUN = FamilyWise()
"""Every convention in every dtype, once, under one seed."""
