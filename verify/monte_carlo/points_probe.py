"""Parameter vectors: the callable's value at each, beside the mean over draws there."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from verify.accuracy.formats import Format
from verify.losses.call import Results, Weights
from verify.losses.convention import Convention
from verify.monte_carlo import settings
from verify.monte_carlo.probe import Probe, Row
from verify.monte_carlo.settings import Vectors
from verify.monte_carlo.sheet import Sheet
from verify.monte_carlo.tail import Spread


class PointsProbe(Probe[Sheet]):
    """A batch of parameter vectors; each element is one of the sheet's."""

    def __init__(
        self, convention: Convention, form: Format, chosen: Vectors, number: int
    ) -> None:
        self.shape = (chosen.rows, chosen.size)
        sheet = sheets(replace(convention, reduction=""), form)[number]
        rng = np.random.default_rng((number, 1))
        signs = rng.choice([-1.0, 1.0], self.shape)
        self.signs = signs * rng.choice([0.5, 1.0, 2.0], self.shape)
        super().__init__(convention, form, (sheet,))

    def arrays(self, seed: int) -> dict[str, np.ndarray]:
        """The vectors, of shape (rows, size)."""
        (sheet,) = self.sheets
        shaped = ((r, a.reshape(self.shape)) for r, a in sheet.given.items())
        return {sheet.words[role]: array for role, array in shaped}

    def weights(self) -> Weights:
        """Of either sign and several sizes: a sample that gets another's shows."""
        match self.convention.reduction:
            case "none":
                return Weights((self.signs,))
            case "sum":
                return Weights((self.signs[:, 0],))
        return Weights((np.ones(()),))

    def answers(self, results: Results, seed: int) -> np.ndarray:
        """Values, then the derivatives in each argument."""
        found = [results.value[0].ravel()]
        for role in self.sheets[0].given:
            slope = results.slopes.get(self.convention.word(role))
            found += [] if slope is None else [slope.ravel()]
        return np.concatenate(found)

    def own(self, place: int, share: np.ndarray) -> list[Spread]:
        """Nothing of it is drawn."""
        return []

    def _rows(self) -> list[Row]:
        rows, size = self.shape
        whole, sign = np.eye(rows * size), float(self.sheets[0].sign)
        each = np.repeat(np.eye(rows), size, axis=1)
        table, weight, summed = {
            "none": (whole, self.signs.ravel(), 1),
            "sum": (each, np.repeat(self.signs[:, 0], size), size),
            "mean": (np.full((1, rows * size), 1 / (rows * size)), None, rows * size),
            "sum_mean": (np.full((1, rows * size), 1 / rows), None, rows * size),
        }[self.convention.reduction]
        weight = table[0] if weight is None else weight
        at = f"at {size} coordinates" if rows == 1 else f"at a batch of {rows} x {size}"
        found = [
            Row(f"value {at}", False, {(0, "value"): sign * t}, summed) for t in table
        ]
        for role in self.sheets[0].given:
            what = f"d/d{self.convention.word(role)} {at}"
            found += [
                Row(what, True, {(0, role): sign * weight * unit}) for unit in whole
            ]
        return found


@lru_cache(maxsize=256)
def sheets(convention: Convention, form: Format) -> tuple[Sheet, ...]:
    """One for each batch of vectors.

    convention  without its reduction, on which they do not depend
    """
    (part,) = convention.loss.parts
    words = {role: convention.word(role) for role in part.roles}
    found = []
    for number, chosen in enumerate(settings.vectors(form)):
        natural = settings.gaussian(chosen, number, part.roles)
        given = settings.in_words(natural, words, form)
        flat = {role: array.ravel() for role, array in given.items()}
        noise = np.tile(np.arange(chosen.size), chosen.rows)
        found.append(Sheet(part.name, part.sign, words, flat, noise, 0))
    return tuple(found)
