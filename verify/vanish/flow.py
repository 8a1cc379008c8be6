"""Do gradient steps of the model h = theta take the time that the flow is derived to?

The derivations say how long the gradient flow takes from h = -M to h = 0 if the
generator's parameter is the logit itself. Steps of size eta are not the flow, but
enclose it. Over one of them the speed v is monotone in theta, so that the flow takes
between eta min(1, v/v') and eta max(1, v/v') for the same way, v and v' the speeds at
its ends; the sum over the steps encloses the whole time. The last step crosses 0: the
lower end leaves it out. Nothing is fitted.

Hypotheses: h = theta, one parameter and no network; the flow, with the loss's own
gradient; from -M to 0. The networks of this experiment satisfy none of them, so that
what is derived is not held against their counts.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from derivations import nonsaturating_generator_loss, saturating_generator_loss
from derivations.chain import Derivation
from derivations.gan.escape_time import (
    M,
    nonsaturating_escape_time,
    saturating_escape_time,
)
from verify.accuracy.bounds import BOUNDS
from verify.evidence import Evidence, Verdict
from verify.vanish.outcome import NONSATURATING, SATURATING

DEPTHS = (2.0, 4.0, 6.0)  # M; from 8 on the steps of L_G take seconds
STEP = 0.125  # eta
COARSE = 0.1  # an enclosure wider than a tenth of the time would say nothing
DIGITS = 30  # of the derived time
U = 2.0**-53
LOSSES: dict[str, tuple[Any, Derivation]] = {
    NONSATURATING: (nonsaturating_generator_loss, nonsaturating_escape_time),
    SATURATING: (saturating_generator_loss, saturating_escape_time),
}


@dataclass(frozen=True)
class Passage:
    """A run of the model from -M to 0.

    loss     which
    depth    M
    steps    how many there were, the last of which crossed 0
    taken    steps times their size
    derived  the time of the flow, from the derivation
    lowest   the least time of the flow that the steps allow
    highest  the most
    """

    loss: str
    depth: float
    steps: int
    taken: float
    derived: float
    lowest: float
    highest: float

    @property
    def inside(self) -> bool:
        """Whether the derived time is one that the steps allow."""
        return self.lowest <= self.derived <= self.highest

    def as_data(self) -> dict[str, object]:
        """The same as plain data, for JSON."""
        return asdict(self)


def derived(loss: str, depth: float) -> float:
    """The derived time of the flow from -depth to 0."""
    _, chain = LOSSES[loss]
    return float(chain.rhs.xreplace({M: depth}).evalf(DIGITS))


def passage(loss: str, depth: float, step: float = STEP) -> Passage:
    """Step the model from -depth until it is at 0 or beyond.

    step  eta, at most 1: then rounding cannot hold the model up
    """
    gradient = LOSSES[loss][0].gradient
    theta, speeds, rounding = np.array([-depth]), [], 0.0
    while theta[0] < 0:
        speeds.append(-float(gradient(theta)[0][0]))
        theta = theta + step * speeds[-1]
        # a rounded sum moves theta by this, which the flow passes in so much time
        rounding += U * (abs(theta[0]) + depth) / speeds[-1]
    speeds.append(-float(gradient(theta)[0][0]))
    quotients = np.array(speeds[:-1]) / np.array(speeds[1:])
    taken = step * len(quotients)
    rounding += 4 * BOUNDS["float64"] * U * taken
    lowest = step * float(np.minimum(1, quotients[:-1]).sum())
    highest = step * float(np.maximum(1, quotients).sum())
    return Passage(
        *(loss, depth, len(quotients), taken, derived(loss, depth)),
        *(float(lowest - 2 * rounding), float(highest + 2 * rounding)),
    )


def flow(found: list[Passage], seed: int = 0, seconds: float = 0.0) -> Evidence:
    """Hold passages against the derived times.

    AGREES     every derived time is one that the steps allow
    REFUTED    one is not
    UNDECIDED  there is no passage, or what its steps allow is too wide to say anything
    """
    wide = max(((p.highest - p.lowest) / p.taken for p in found), default=np.inf)
    off = max((abs(p.taken - p.derived) / p.taken for p in found), default=np.nan)
    held = Verdict.AGREES if wide <= COARSE else Verdict.UNDECIDED
    outside = [p for p in found if not p.inside]
    words = "; ".join(
        f"{p.loss}, M = {p.depth:g}: {p.derived:.6g} is not in [{p.lowest:.6g}, "
        f"{p.highest:.6g}]"
        for p in outside
    )
    return Evidence(
        claim="steps of h = theta enclose the derived times of the gradient flow",
        method="models",
        verdict=Verdict.REFUTED if outside else held,
        figure=words or f"steps and derived times are within {off:.2g}, relatively",
        resolution=f"a relative error of {wide:.2g} in a time",
        seed=seed,
        seconds=seconds,
    )


def passages() -> tuple[list[Passage], float]:
    """Both losses from every depth, and the seconds that it took."""
    started = time.perf_counter()
    found = [passage(loss, depth) for loss in LOSSES for depth in DEPTHS]
    return found, time.perf_counter() - started


def escape_times(seed: int = 0) -> Evidence:
    """Claims 1.18 and 1.23 as they are read, in about a second; without torch.

    seed  nothing is drawn: it is only noted
    """
    found, seconds = passages()
    return flow(found, seed, seconds)
