"""What was measured of one model: steps a second, beside the loop and the device."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median, quantiles
from typing import Any

OURS, PLAIN, MATMUL, COPY = "lossproof", "plain loop", "matmul", "copy"
LOOPS = (OURS, PLAIN)


@dataclass(frozen=True)
class Target:
    """How many times the plain loop's steps a second ours should make, at least."""

    device: str
    networks: tuple[str, ...]
    ratio: float


TARGETS = (Target("cpu", ("mlp", "conv"), 1.3), Target("cuda", ("conv",), 3.0))


@dataclass(frozen=True)
class Quartiles:
    """Of numbers that were measured round after round."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class Speed:
    """One model on one device.

    options    of the run that was timed
    steps      in a sample
    times      seconds of a sample: by name, one number a round; of the matrix product
               and of the copy those of one
    first      seconds of our first step: what is compiled, is compiled in it
    operations floating-point operations of a step, by loop; of one matrix product
    moved      bytes that Adam alone has to move in a step of ours; that one copy moves
    refused    why the plain loop was not timed: it does not train the same model
    """

    options: Mapping[str, Any]
    steps: int
    times: Mapping[str, Sequence[float]]
    first: float
    operations: Mapping[str, int]
    moved: Mapping[str, int]
    refused: str | None = None

    @property
    def rounds(self) -> int:
        """How many numbers there are of each."""
        return max(map(len, self.times.values()), default=0)

    def per_second(self, loop: str) -> float:
        """Steps a second, the median."""
        return self.steps / median(self.times[loop])

    @property
    def ratio(self) -> Quartiles | None:
        """Our steps a second by theirs, each round by itself; None if it is refused."""
        if self.refused is not None:
            return None
        ours, plain = self.times[OURS], self.times[PLAIN]
        return quartiles([b / a for a, b in zip(ours, plain, strict=True)])

    def of_matmul(self, loop: str) -> float:
        """The share of a matrix product's operations a second."""
        wanted = self.operations[loop] * self.steps / self.operations[MATMUL]
        both = zip(self.times[MATMUL], self.times[loop], strict=True)
        return median(wanted * one / taken for one, taken in both)

    @property
    def of_copy(self) -> float:
        """The share of a copy's bytes a second that Adam's own bytes are."""
        wanted = self.moved[OURS] * self.steps / self.moved[COPY]
        both = zip(self.times[COPY], self.times[OURS], strict=True)
        return median(wanted * one / taken for one, taken in both)

    @property
    def target(self) -> float | None:
        """The ratio that is wanted here; None if none is named."""
        for target in TARGETS:
            here = target.device == self.options["device"]
            if here and self.options["network"] in target.networks:
                return target.ratio
        return None

    @property
    def verdict(self) -> str:
        """PASS, MISS, or that no target is named."""
        if self.refused is not None:
            return "MISS"
        if self.target is None or self.ratio is None:
            return "NO TARGET"
        return "PASS" if self.ratio.middle >= self.target else "MISS"

    def as_data(self) -> dict[str, Any]:
        """The same as plain data, for JSON."""
        loops = [loop for loop in LOOPS if loop in self.times]
        return {
            "options": dict(self.options),
            "ratio": asdict(self.ratio) if self.ratio else None,
            "target": self.target,
            "verdict": self.verdict,
            "refused": self.refused,
            "rounds": self.rounds,
            "first_seconds": self.first,
            "steps_per_second": {loop: self.per_second(loop) for loop in loops},
            "operations_per_step": {loop: self.operations[loop] for loop in loops},
            "of_matmul": {loop: self.of_matmul(loop) for loop in loops},
            "matmul_per_second": self.operations[MATMUL] / median(self.times[MATMUL]),
            "of_copy": self.of_copy,
            "copy_per_second": self.moved[COPY] / median(self.times[COPY]),
        }


@dataclass(frozen=True)
class NotRun:
    """What was not measured, and why."""

    name: str
    reason: str


def quartiles(numbers: Sequence[float]) -> Quartiles:
    """The three quartiles of two numbers or more."""
    low, middle, high = quantiles(numbers, n=4)
    return Quartiles(low, middle, high)
