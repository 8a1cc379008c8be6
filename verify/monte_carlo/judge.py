"""Judge somebody's loss by the means of its definition over draws.

A difference beyond the tolerance refutes. The tolerance is a tail bound, so that in a
whole run what is right is refuted with a probability below 1e-9; the draws are as many
as the resolution wanted takes, chosen before anything is drawn, and there is no second
look. Second derivatives are not looked at.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from verify.budget import Budget
from verify.evidence import Evidence, Verdict
from verify.losses.call import Fault, evaluated
from verify.losses.candidate import Candidate
from verify.losses.convention import Convention
from verify.monte_carlo.comparison import Compared, compared, seen, sight
from verify.monte_carlo.family_wise import WHOLE_RUN, FamilyWise
from verify.monte_carlo.noise import Design, stratified
from verify.monte_carlo.plan import comparisons, probes
from verify.monte_carlo.sampling import HERE, Place
from verify.monte_carlo.truth import Means, truth

METHOD = "Monte Carlo"
WANTED = 2e-3  # of the size of an integrand, in a standard run
COARSE = 0.1  # a pass that would not have seen an error of a tenth means nothing


@dataclass(frozen=True)
class SampledEvidence(Evidence):
    """Evidence by sampling.

    share             the largest difference, as a share of what is allowed; inf for a
                      fault
    draws             of the definition, at each setting
    compared          numbers that were compared
    in_value          the least relative error of all values that would have been seen
    in_gradient       the same of all derivatives; inf where there are none
    typical_value     the median over all values, of which each has such an error
    typical_gradient  the same over all derivatives
    """

    share: float = 0.0
    draws: int = 0
    compared: int = 0
    in_value: float = np.inf
    in_gradient: float = np.inf
    typical_value: float = np.inf
    typical_gradient: float = np.inf


def cannot(convention: Convention) -> str:
    """Why sampling has nothing to say about a convention; "" if it has something.

    Every loss that is judged has some law: of z, of logits, or of targets.
    """
    return ""


def family(convention: Convention, dtype: str, rate: float | None) -> FamilyWise:
    """What a judgement may spend: its share of a whole run, or a rate of its own."""
    if rate is None:
        return WHOLE_RUN
    return FamilyWise(rate, comparisons(probes(convention, dtype)))


def designs(
    convention: Convention,
    dtype: str,
    chosen: FamilyWise,
    budget: Budget = Budget.STANDARD,
    draws: int | None = None,
) -> tuple[Design, ...]:
    """The draws of each probe: so many, or as the resolution of a budget needs them."""
    asked = probes(convention, dtype)
    if draws is None:
        return tuple(p.design(WANTED / budget.factor, chosen.odds) for p in asked)
    return (stratified(draws),) * len(asked)


def judged(
    candidate: Candidate,
    *,
    seed: int = 0,
    budget: Budget = Budget.STANDARD,
    rate: float | None = None,
    draws: int | None = None,
    place: Place = HERE,
) -> SampledEvidence:
    """Compare a callable with sampled means: its values, then its gradient.

    seed    of the draws, >= 0
    budget  how fine the resolution is; draws, if given, overrides it
    rate    the probability that this judgement refutes what is right, at most; None:
            its share of a whole run, in which no right callable of any convention is
            refuted with a probability of 1 - 1e-9
    place   where the definition is averaged; the verdict is the same everywhere

    AGREES     every value and derivative is within its tolerance
    REFUTED    one is not, or the callable did something else than compute
    UNDECIDED  the tolerance exceeds a tenth of every value, or of every derivative
    """
    started = time.perf_counter()
    convention, dtype = candidate.convention, candidate.dtype
    chosen = family(convention, dtype, rate)
    many = designs(convention, dtype, chosen, budget, draws)
    known = truth(convention, dtype, many, seed, place)
    found: list[Compared] = []
    try:
        for means in known:
            found.append(_asked(candidate, means, chosen, seed))
            if not found[-1].share <= 1:
                break
    except Fault as fault:
        return _evidence(candidate, known, chosen, found, str(fault), seed, started)
    return _evidence(candidate, known, chosen, found, "", seed, started)


def _asked(
    candidate: Candidate, means: Means, chosen: FamilyWise, seed: int
) -> Compared:
    """One call, compared; Fault if the callable has no gradient and should have."""
    probe = means.probe
    results = evaluated(candidate, probe.arrays(seed), probe.weights())
    without = results.missing.get("gradient")
    if without and candidate.framework != "numpy":
        raise Fault(without)
    return compared(means, probe.answers(results, seed), chosen)


def _evidence(
    candidate: Candidate,
    known: tuple[Means, ...],
    chosen: FamilyWise,
    found: list[Compared],
    fault: str,
    seed: int,
    started: float,
) -> SampledEvidence:
    worst = max(found, key=lambda one: one.share, default=None)
    share = np.inf if fault or worst is None else worst.share
    sights = [sight(means, chosen) for means in known]
    of_value, of_slope = (min(column) for column in zip(*sights, strict=True))
    often_value, often_slope = typical(known, chosen)
    if candidate.framework == "numpy":  # which has no gradients
        of_slope = often_slope = np.inf
    sees = of_value < COARSE and (of_slope < COARSE or candidate.framework == "numpy")
    verdict = _verdict(share, sees)
    draws = max(means.design.draws for means in known)
    count = sum(one.count for one in found)
    figure = f"{count} means over {draws} draws, off by {share:.2g} of what is allowed"
    if verdict is Verdict.REFUTED:
        figure = fault or (worst.words if worst else figure)
    return SampledEvidence(
        claim=str(candidate.convention),
        method=METHOD,
        verdict=verdict,
        figure=figure,
        resolution=_resolution((often_value, of_value), (often_slope, of_slope)),
        seed=seed,
        seconds=time.perf_counter() - started,
        share=share,
        draws=draws,
        compared=count,
        in_value=of_value,
        in_gradient=of_slope,
        typical_value=often_value,
        typical_gradient=often_slope,
    )


def _verdict(share: float, sees: bool) -> Verdict:
    """Of the largest share of what is allowed; one that is nan agrees with nothing."""
    if not share <= 1:
        return Verdict.REFUTED
    return Verdict.AGREES if sees else Verdict.UNDECIDED


def typical(known: Sequence[Means], chosen: FamilyWise) -> tuple[float, float]:
    """The median relative errors that would be seen, over values and derivatives.

    inf where there is none.
    """
    columns = zip(*(seen(means, chosen) for means in known), strict=True)
    joined = [np.concatenate(column) for column in columns]
    of_value, of_slope = (float(np.median(c)) if c.size else np.inf for c in joined)
    return of_value, of_slope


def _resolution(of_value: tuple[float, float], of_slope: tuple[float, float]) -> str:
    """In words: what is seen typically and at best, of values and of derivatives."""
    often, best = (f"{error:.1g}" for error in of_value)
    words = "relative errors in the value of "
    words += f"{often} typically, {best} at best"
    if np.isfinite(of_slope[1]):
        often, best = (f"{error:.1g}" for error in of_slope)
        words += f", in the gradient of {often} typically, {best} at best"
    return words + "; second derivatives are not looked at"
