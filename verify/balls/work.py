"""Work: how many steps of walks a comparison has taken, instead of a clock.

The same seed takes the same steps on every machine, and so comes to the same end.
"""

from __future__ import annotations

from verify.balls.outcomes import NoEnclosure

ENOUGH = 30_000
"""Steps after which a comparison that has tried some points is content with them."""
MOST = 120_000
"""Steps after which a comparison ends, whatever it has."""


class OutOfWork(NoEnclosure):
    """The steps are used up."""


class Work:
    """A counter of steps: `step` raises OutOfWork beyond `most`."""

    __slots__ = ("most", "steps")

    def __init__(self, most: int = MOST) -> None:
        self.steps, self.most = 0, most

    def step(self) -> None:
        """One more."""
        self.steps += 1
        if self.steps > self.most:
            raise OutOfWork(f"more than {self.most} steps")
