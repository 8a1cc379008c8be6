"""Tail bounds: they hold exactly where the truth is known, and waste little."""

from __future__ import annotations

from itertools import pairwise
from math import exp, inf, log

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtri
from scipy.stats import binom, chi2, norm

from verify.monte_carlo.family_wise import CONVENTIONS, MOST, FamilyWise
from verify.monte_carlo.noise import Design, independent, normals, stratified
from verify.monte_carlo.strata import cumulants
from verify.monte_carlo.tail import Spread, tolerance

ONE, NONE = np.ones(1), np.zeros(1)
RATE, RUNS, SURE = 0.1, 2000, 1e-9


@pytest.mark.parametrize("draws", [1, 5, 40, 1000, 8192])
@pytest.mark.parametrize("odds", [1.0, 3.0, 10.0, 35.0])
def test_the_mean_of_squares_keeps_its_bound_exactly(draws: int, odds: float) -> None:
    """Its law is known: n mean(e^2) is chi-squared with n degrees of freedom."""
    design = Design(draws)
    width = tolerance([Spread(design, ONE, NONE, NONE)], odds)
    beyond = chi2.sf(draws * (1 + width), draws) + chi2.cdf(draws * (1 - width), draws)
    assert beyond <= 2 * exp(-odds)
    if odds >= 10:
        assert width <= 2 * (chi2.isf(exp(-odds), draws) / draws - 1), "it is too wide"


@pytest.mark.parametrize("odds", [1.0, 10.0, 35.0])
def test_a_lipschitz_mean_is_bounded_as_a_normal_is(odds: float) -> None:
    """A linear function reaches the bound: exp(-n t^2/(2 L^2)) on each side."""
    design, slope = Design(64), 3.0
    width = tolerance([Spread(design, NONE, NONE, slope * ONE)], odds)
    assert width == pytest.approx(slope * np.sqrt(2 * odds / 64), rel=0.01)
    assert width >= slope * np.sqrt(2 * odds / 64)
    assert 2 * norm.sf(width * 8 / slope) <= 2 * exp(-odds)


def _exact(rate: float, a: float, b: float, strata: int) -> float:
    """log E exp(rate (X - E X)) of one round, stratum after stratum, by quadrature."""
    ends = [-inf, *ndtri(np.arange(1, strata) / strata), inf]
    total = 0.0
    for below, above in pairwise(ends):

        def value(e: float) -> float:
            return a * e**2 + b * e

        mean, _ = quad(lambda e: value(e) * norm.pdf(e) * strata, below, above)
        moment, _ = quad(
            lambda e, mean=mean: (
                exp(rate * (value(e) - mean) - e**2 / 2) / np.sqrt(2 * np.pi) * strata
            ),
            below,
            above,
        )
        total += log(moment)
    return total


@pytest.mark.parametrize("strata", [1, 2, 4, 16])
@pytest.mark.parametrize(("a", "b"), [(1.0, 0.0), (-1.0, 0.5), (0.3, 2.0), (0.0, -1.0)])
@pytest.mark.parametrize("rate", [0.05, 0.4])
def test_the_cumulants_of_strata_are_bounds(
    strata: int, a: float, b: float, rate: float
) -> None:
    exact = _exact(rate, a, b, strata)
    (bound,) = cumulants(np.array([[rate]]), np.array([a]), np.array([b]), strata)
    slack = 1e-7  # of the quadrature
    assert bound >= exact - slack
    if strata == 1:
        assert bound == pytest.approx(exact, abs=slack)


@pytest.mark.parametrize("design", [Design(64), stratified(64)], ids=["free", "strata"])
@pytest.mark.parametrize("share", [(1.0, 0.5, 0.0), (-0.2, 1.0, 0.0), (0.0, 0.0, 1.0)])
def test_the_bound_has_its_rate_over_many_runs(
    design: Design, share: tuple[float, float, float]
) -> None:
    """At most so many of the runs miss as a coin of this rate has, all but surely."""
    a, b, slope = share
    odds = FamilyWise(RATE, 1).odds
    spread = Spread(design, a * ONE, b * ONE, slope * ONE)
    width = tolerance([spread], odds)
    missed = 0
    for seed in range(RUNS // 10):
        draws = normals(design, seed, 0, 0)[:, :10]  # ten columns are ten runs
        values = a * (draws**2 - 1) + b * draws + slope * np.abs(draws - 0.3)
        truth = slope * _folded(0.3)
        missed += int(np.sum(np.abs(values.mean(0) - truth) > width))
    assert missed <= binom.isf(SURE, RUNS, RATE)


def _folded(shift: float) -> float:
    """E abs(e - shift)."""
    return float(2 * norm.pdf(shift) + shift * (1 - 2 * norm.sf(shift)))


def test_half_the_bound_does_not_have_that_rate() -> None:
    """The measurement can fail: independent draws miss half the tolerance too often."""
    design, odds = Design(64), FamilyWise(RATE, 1).odds
    width = tolerance([Spread(design, ONE, NONE, NONE)], odds) / 2
    missed = 0
    for seed in range(RUNS // 10):
        draws = normals(design, seed, 0, 0)[:, :10]
        missed += int(np.sum(np.abs((draws**2 - 1).mean(0)) > width))
    assert missed > binom.isf(SURE, RUNS, RATE)


def test_strata_make_a_mean_much_surer() -> None:
    odds = FamilyWise().odds
    widths = [
        tolerance([Spread(design, ONE, ONE, NONE)], odds)
        for design in (independent(2**16), stratified(2**16))
    ]
    assert widths[1] < widths[0] / 20


def test_a_family_shares_its_rate() -> None:
    run = FamilyWise()
    assert run.each * CONVENTIONS * MOST == pytest.approx(1e-9)
    assert 2 * exp(-run.odds) == pytest.approx(run.each)
    for rate, comparisons in ((0.0, 3), (1.0, 3), (0.5, 0)):
        with pytest.raises(ValueError, match="need 0 < rate < 1"):
            FamilyWise(rate, comparisons)
