"""What a run against a frozen discriminator came to."""

from __future__ import annotations

from dataclasses import asdict, dataclass

SATURATING, NONSATURATING = "saturating", "non-saturating"
SGD, ADAM = "SGD", "Adam"
RATES = {SGD: 2e-3, ADAM: 1e-3}
AWAY = -1.0  # the mean logit above which the generator has escaped
Tried = tuple[str, str]  # an optimiser and a loss


@dataclass(frozen=True)
class Start:
    """A frozen discriminator, and the gradients of the generator in front of it.

    mean           h over the batch, in nats
    exponential    e^mean
    saturating     the norm of the gradient of L_G in the generator's parameters
    nonsaturating  the norm of that of L_NS
    """

    mean: float
    exponential: float
    saturating: float
    nonsaturating: float

    @property
    def ratio(self) -> float:
        """The norm of the one gradient, by that of the other."""
        return self.saturating / self.nonsaturating

    def as_data(self) -> dict[str, float]:
        """The same as plain data, for JSON."""
        return asdict(self) | {"ratio": self.ratio}


@dataclass(frozen=True)
class Escape:
    """A run from one start with one loss and one optimiser.

    start  which discriminator, counted from 0, the weakest first
    tried  the optimiser and the loss
    steps  after how many the mean logit was above -1; None: not within the limit
    limit  the most steps that were taken
    """

    start: int
    tried: Tried
    steps: int | None
    limit: int

    @property
    def least(self) -> int:
        """The steps that it took at least: one more than the limit if it stayed."""
        return self.limit + 1 if self.steps is None else self.steps

    def as_data(self) -> dict[str, object]:
        """The same as plain data, for JSON."""
        optimiser, loss = self.tried
        run = {"start": self.start, "optimiser": optimiser, "loss": loss}
        return run | {"steps": self.steps, "limit": self.limit}
