"""Two normal laws on the line, and what the best discriminator between them attains.

Its logit is the log density ratio, a quadratic. The integrals are enclosed in balls by
python-flint, error of the quadrature included (Johansson, "Numerical Integration in
Arbitrary-Precision Ball Arithmetic", 2018); what lies beyond +-REACH deviations is
bounded by the tails of the normal law.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import erfc, exp, log, pi, sqrt
from typing import Any

import numpy as np
from flint import acb, arb

REACH = 14.0  # standard deviations; beyond them lies less than 1e-43
Ball = Any


@dataclass(frozen=True)
class Pair:
    """The law of the data, and that of a generator which gives mean + sigma z."""

    real_mean: float = 0.0
    real_sigma: float = 1.0
    fake_mean: float = 1.0
    fake_sigma: float = 1.5

    @property
    def log_ratio(self) -> np.ndarray:
        """log(a/b) of the densities: the coefficients of 1, x and x^2."""
        real, fake = self.real_sigma**-2, self.fake_sigma**-2
        constant = log(self.fake_sigma / self.real_sigma)
        constant += (self.fake_mean**2 * fake - self.real_mean**2 * real) / 2
        slope = self.real_mean * real - self.fake_mean * fake
        return np.array([constant, slope, (fake - real) / 2])

    def best_loss(self) -> tuple[float, float]:
        """The least L_D, which is 2 log 2 - 2 JS, in nats; its error at most.

        JS is the mean divergence of both laws from their mixture.
        """

        def divergences(x: Ball, analytic: bool) -> Ball:
            a, b = self._densities(x)
            log_mean = _log((a + b) / 2, analytic)
            return a * (self._log(x, "real") - log_mean) + b * (
                self._log(x, "fake") - log_mean
            )

        twice, error = self._integral(divergences)
        return 2 * log(2) - twice, error + 2.0**-51

    def best_gradient(self) -> tuple[np.ndarray, float]:
        """d/d(fake_mean, fake_sigma) of the integral of b log(1 - D), D held fixed.

        D = a/(a + b). Only densities come in: b is differentiated, no logit is. Gives
        two numbers, and a bound on their errors.
        """
        found = []
        for score in (self._score_of_mean, self._score_of_sigma):

            def integrand(x: Ball, analytic: bool, score: Callable = score) -> Ball:
                a, b = self._densities(x)
                rest = self._log(x, "fake") - _log(a + b, analytic)
                return b * score(x) * rest

            found.append(self._integral(integrand))
        return np.array([value for value, _ in found]), max(e for _, e in found)

    def _score_of_mean(self, x: Ball) -> Ball:
        return (x - self.fake_mean) / self.fake_sigma**2

    def _score_of_sigma(self, x: Ball) -> Ball:
        return ((x - self.fake_mean) / self.fake_sigma) ** 2 / self.fake_sigma - (
            1 / self.fake_sigma
        )

    def _log(self, x: Ball, law: str) -> Ball:
        mean, sigma = (getattr(self, f"{law}_{what}") for what in ("mean", "sigma"))
        return (
            -(((x - mean) / sigma) ** 2) / 2 - (arb(2 * arb.pi()).sqrt() * sigma).log()
        )

    def _densities(self, x: Ball) -> tuple[Ball, Ball]:
        return self._log(x, "real").exp(), self._log(x, "fake").exp()

    def _integral(self, integrand: Callable[[Ball, bool], Ball]) -> tuple[float, float]:
        """The integral over the line, and a bound on its error."""
        spread = REACH * max(self.real_sigma, self.fake_sigma)
        low = min(self.real_mean, self.fake_mean) - spread
        high = max(self.real_mean, self.fake_mean) + spread
        found = acb.integral(integrand, acb(low), acb(high)).real
        middle = float(found.mid())
        return middle, float(found.rad()) + abs(middle) * 2.0**-52 + self._tails()

    def _tails(self) -> float:
        """A bound beyond REACH, of density times score times (1 + |log a| + |log b|).

        Each of these is at most a polynomial p of degree 4 in y, the number of
        deviations, with p(y) <= p(1) y^4 for y >= 1; the integral of y^4 times the
        normal density beyond t is (t^3 + 3 t) density(t) + 3 tail(t).
        """
        scale = min(self.real_sigma, self.fake_sigma)
        wide = max(self.real_sigma, self.fake_sigma)
        apart = abs(self.real_mean - self.fake_mean)
        y = (wide + apart) / scale
        logs = 2 * (y**2 + abs(log(scale)) + abs(log(wide)) + 3)
        scores = (1 + y) ** 2 * (1 + 1 / scale)
        density = exp(-(REACH**2) / 2) / sqrt(2 * pi)
        tail = erfc(REACH / sqrt(2)) / 2
        beyond = (REACH**3 + 3 * REACH) * density + 3 * tail
        return 4 * logs * scores * beyond


def _log(x: Ball, analytic: bool) -> Ball:
    return x.log(analytic=analytic)
