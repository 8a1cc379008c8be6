"""How many of the judgements were false alarms, and how near right code came to one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from verify.calibration.intervals import clopper_pearson
from verify.calibration.trial import (
    ORACLE,
    QUANTITIES,
    RATES,
    ROUNDING,
    SAMPLING,
    Trial,
)


@dataclass(frozen=True)
class Rate:
    """The false alarms of one method at one nominal rate.

    runs       judgements: independent ones of Monte Carlo
    alarms     of these, false
    undecided  of these, without a verdict
    lower      of the interval for the rate
    upper      the same
    """

    method: str
    nominal: float
    runs: int
    alarms: int
    undecided: int
    lower: float
    upper: float

    @property
    def kept(self) -> bool:
        """Whether the count allows that the rate is at most the nominal one."""
        return self.lower <= self.nominal

    def as_data(self) -> dict[str, object]:
        """The same as plain data, for JSON."""
        return asdict(self) | {"kept": self.kept}


@dataclass(frozen=True)
class Margin:
    """The largest share of the oracle's allowance that right code used.

    quantity   value, gradient or second
    candidate  whose it is
    """

    quantity: str
    dtype: str
    share: float
    candidate: str
    seed: int

    def as_data(self) -> dict[str, object]:
        """The same as plain data, for JSON."""
        return asdict(self)


def rates(found: Iterable[Trial]) -> list[Rate]:
    """One for each method that only allows for rounding, and for each rate."""
    trials = list(found)
    wanted = [(m, 0.0) for m in ROUNDING] + [(SAMPLING, rate) for rate in RATES]
    return [_rate(trials, method, nominal) for method, nominal in wanted]


def _rate(trials: Sequence[Trial], method: str, nominal: float) -> Rate:
    some = [t for t in trials if (t.method, t.nominal) == (method, nominal)]
    judged = [t for t in some if t.decided]
    alarms = sum(bool(t.alarm) for t in judged)
    lower, upper = clopper_pearson(alarms, len(judged))
    undecided = len(some) - len(judged)
    return Rate(method, nominal, len(judged), alarms, undecided, lower, upper)


def margins(found: Iterable[Trial]) -> list[Margin]:
    """For each quantity and dtype, the largest share that was used."""
    best: dict[tuple[str, str], Margin] = {}
    for trial in found:
        dtype = trial.candidate.rpartition(", ")[2]
        for quantity, share in trial.shares.items():
            before = best.get((quantity, dtype))
            if before is None or share > before.share:
                margin = Margin(quantity, dtype, share, trial.candidate, trial.seed)
                best[quantity, dtype] = margin
    return sorted(best.values(), key=lambda m: (m.dtype, QUANTITIES.index(m.quantity)))


def vectors(found: Iterable[Trial]) -> int:
    """Pairs of an implementation and an input vector that the oracle judged."""
    return sum(t.vectors for t in found if t.method == ORACLE)


def alarms(found: Iterable[Trial]) -> list[Trial]:
    """The false alarms of the methods that only allow for rounding."""
    return [t for t in found if t.alarm and t.method in ROUNDING]
