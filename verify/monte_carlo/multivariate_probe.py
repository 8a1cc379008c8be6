"""Pairs of laws with full covariances: a batch of them is one call."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from verify.accuracy.formats import Format
from verify.accuracy.rounding import rounded
from verify.losses.call import Results, Weights
from verify.losses.convention import Convention
from verify.monte_carlo.multivariate_definition import MatrixSheet
from verify.monte_carlo.noise import Design, stratified
from verify.monte_carlo.probe import Probe, Row, smallest
from verify.monte_carlo.tail import Spread

BATCHES = ((1, 1), (2, 2), (1, 3), (1, 6))
COARSER = 8  # than other losses: as many integrands are drawn one by one


class MultivariateProbe(Probe[MatrixSheet]):
    """A batch of pairs; each is a sheet of its own, with draws of its own."""

    def __init__(
        self, convention: Convention, form: Format, batch: int, size: int
    ) -> None:
        rng = np.random.default_rng((batch, size, 1))
        sheets = pairs(form, batch, size)
        self.given = {
            name: np.stack([getattr(sheet, name) for sheet in sheets])
            for name in ("mu1", "tril1", "mu2", "tril2")
        }
        self.factors = rng.choice([-1.0, 1.0], batch) * rng.choice([0.5, 2.0], batch)
        super().__init__(convention, form, sheets)

    def arrays(self, seed: int) -> dict[str, np.ndarray]:
        """Means of shape (batch, k), factors of shape (batch, k, k)."""
        return {word: self.given[word] for word in self.convention.inputs}

    def weights(self) -> Weights:
        """Of either sign under "sum", where there is one value for each pair."""
        summed = self.convention.reduction == "sum"
        return Weights((self.factors if summed else np.ones(()),))

    def answers(self, results: Results, seed: int) -> np.ndarray:
        """Values, then for each pair the derivatives, of factors the lower triangle."""
        found = [np.atleast_1d(results.value[0])]
        for number in range(len(self.sheets) if results.slopes else 0):
            for word in ("mu1", "tril1", "mu2", "tril2"):
                slope = results.slopes[word][number]
                found.append(
                    slope[np.tril_indices(len(slope))] if slope.ndim > 1 else slope
                )
        return np.concatenate(found)

    def own(self, place: int, share: np.ndarray) -> list[Spread]:
        """Nothing of it is drawn."""
        return []

    def design(self, wanted: float, odds: float) -> Design:
        """Fewer draws than elsewhere: each integrand has some of its own."""
        return smallest(stratified, COARSER * wanted, odds)

    def _rows(self) -> list[Row]:
        one, count = np.ones(1), len(self.sheets)
        size = self.sheets[0].size
        at = f"at {count} pairs of {size} coordinates"
        if self.convention.reduction == "sum":
            weights = self.factors
            found = [
                Row(f"value {at}", False, {(p, "value"): one}, size)
                for p in range(count)
            ]
        else:
            weights = np.full(count, 1 / count)
            shares = {(p, "value"): one / count for p in range(count)}
            found = [Row(f"value {at}", False, shares, size * count)]
        for place, sheet in enumerate(self.sheets):
            found += [
                Row(f"d/d{name} {at}", True, {(place, name): weights[place] * one})
                for name in sheet.names[1:]
            ]
        return found


@lru_cache(maxsize=64)
def pairs(form: Format, batch: int, size: int) -> tuple[MatrixSheet, ...]:
    """Some pairs of laws, whatever the reduction is."""
    rng = np.random.default_rng((batch, size))
    return tuple(
        MatrixSheet(
            mu1=rounded(rng.uniform(-1, 1, size), form),
            tril1=rounded(_factor(rng, size), form),
            mu2=rounded(rng.uniform(-1, 1, size), form),
            tril2=rounded(_factor(rng, size), form),
            stream=2 * place,
        )
        for place in range(batch)
    )


def _factor(rng: np.random.Generator, size: int) -> np.ndarray:
    """A lower triangle that is far from singular."""
    beside = np.tril(rng.uniform(-0.5, 0.5, (size, size)), -1)
    return beside + np.diag(np.exp(rng.uniform(-0.7, 0.7, size)))
