"""Does a trained discriminator arrive at the log ratio, and at 2 log 2 - 2 JS?"""

from __future__ import annotations

import time

import numpy as np

from derivations import discriminator_loss
from verify.evidence import Evidence, Verdict
from verify.known_answers.allowance import said, seen
from verify.known_answers.gaussian_pair import Pair
from verify.known_answers.paired_draws import STANDARD_ERRORS, standard_errors
from verify.known_answers.torch_discriminator import Loss, Trained, U, features, trained

STRATA = 2**14
COARSE = 0.1  # of the smallest number that is looked for: else a pass says nothing


def optimal_discriminator(
    *, steps: int, seed: int, pair: Pair | None = None, loss: Loss = discriminator_loss
) -> list[Evidence]:
    """Train, and judge the coefficients of the logit, then the loss.

    AGREES     within the computed distance
    REFUTED    beyond it
    UNDECIDED  within it, but it is too wide to say anything, as it is where training
               has not come to an end
    """
    started = time.perf_counter()
    found = trained(pair or Pair(), STRATA, steps, seed, loss)
    exact, seconds = found.pair.log_ratio, time.perf_counter() - started
    least = float(np.abs(exact[exact != 0]).min())
    words = ", ".join(
        f"{a:.5f} ({b:.5f})" for a, b in zip(found.coefficients, exact, strict=True)
    )
    logit = Evidence(
        claim="a trained quadratic discriminator's logit is the log density ratio",
        method="models",
        verdict=_verdict(found.distance, found.allowed, least),
        figure=f"coefficients {words}: {found.distance:.2e} apart, "
        f"{said(found.allowed)}",
        resolution=seen(found.allowed, "in a coefficient"),
        seed=seed,
        seconds=seconds,
    )
    return [logit, _of_loss(found, seed)]


def _of_loss(found: Trained, seed: int) -> Evidence:
    started = time.perf_counter()
    best, error = found.pair.best_loss()
    of_real, of_fake = (features(x) @ found.pair.log_ratio for x in found.more)
    terms = (np.logaddexp(0, -of_real), np.logaddexp(0, of_fake))
    sides = [features(x) for x in (found.real, found.fake)]
    squares = sum(float((phi**2).sum(-1).mean()) for phi in sides)
    # the loss bends by at most 1/4 of the squared features; a mean of n positive terms
    moved = squares / 8 * found.allowed**2
    rounding = found.real.size * U * found.loss + error
    allowed = STANDARD_ERRORS * float(standard_errors(*terms)) + moved + rounding
    gap = abs(found.loss - best)
    return Evidence(
        claim="its loss is 2 log 2 - 2 JS",
        method="models",
        verdict=_verdict(gap, allowed, 2 * np.log(2) - best),
        figure=f"{found.loss:.7f} of {best:.7f} nats: {gap:.1e} apart, {said(allowed)}",
        resolution=seen(allowed, "nats"),
        seed=seed,
        seconds=time.perf_counter() - started,
    )


def _verdict(distance: float, allowed: float, wanted: float) -> Verdict:
    """By a distance, what is allowed, and the size of what is looked for."""
    if not distance <= allowed:
        return Verdict.REFUTED
    return Verdict.AGREES if allowed <= COARSE * wanted else Verdict.UNDECIDED
