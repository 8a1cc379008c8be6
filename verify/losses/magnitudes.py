"""Numbers that fit a word: how large they get, and how they are spread.

A vector has one magnitude, dealt from a list until all have had their turn. Its numbers
lie between that magnitude and the next lower one, evenly in their logarithm, so that
nothing between two magnitudes is left out; some are the magnitude itself, exactly, and
some are exactly 0.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from verify.accuracy.formats import Format
from verify.accuracy.rounding import rounded

REAL = (
    *(0.0, 1e-30, 1e-8, 1e-3, 0.1, 0.5, 1.0, 2.0, 5.0, 15.0, 50.0, 200.0, 1e3, 1e4),
    *(1e6, 1e9, 1e15, 1e30, 1e75, 1e150),
)
"""Magnitudes of means and data, in order."""
EXPONENT = (
    *(0.0, 1e-300, 4e-16, 1e-12, 1e-8, 4e-7, 1e-5, 1e-3, 0.03, 0.1, 0.3, 0.5, 1.0),
    *(2.0, 4.0, 7.0, 10.0, 14.0, 17.0, 21.0, 26.0, 33.0, 39.0, 46.0, 58.0, 70.0, 79.5),
    *(110.0, 170.0, 260.0, 400.0, 550.0, 698.0),
)
"""Magnitudes of logits and of log-variances, in order."""
INSIDE = {"float64": 700.0, "float32": 80.0, "bfloat16": 80.0, "float16": 8.0}
"""How large a logit or a log-variance has to be taken, by dtype."""
ROOM = 16.0  # the square of a mean, and a sum of some, have to be finite
ZEROS, EXACT = 0.08, 0.2  # the shares of exact zeros, and of exact magnitudes
TARGETS = (0.0, 1.0, 0.5, 0.25, 1e-9, 1 - 2.0**-7)
EXACTLY = (0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0)
"""Means, logits and logarithms of scales that somebody may test for."""
SCALES = (1.0, 0.5, 2.0, 0.25, 4.0, 3.0)
CHANCES = (0.5, 0.25, 0.75, 0.125)


def kind_of(word: str) -> str:
    """The word without what tells two of a kind apart."""
    kind = word.removeprefix("decoder_").rstrip("12")
    return kind.removeprefix("real_").removeprefix("fake_")


def is_real(kind: str) -> bool:
    """Whether any real number fits: a mean, or a datum."""
    return kind in ("mu", "mean", "target")


def exponents(word: str, values: np.ndarray) -> np.ndarray:
    """What a number is as a logit or a log-variance; of a mean, log of its square.

    0 where a mean is below 1, and of what has no magnitude.
    """
    with np.errstate(divide="ignore"):
        match kind_of(word):
            case "sigma":
                return 2 * np.log(values)
            case "variance":
                return np.log(values)
            case "log_sigma":
                return 2 * values
            case "probabilities":
                return np.log(values) - np.log1p(-values)
            case "log_variance" | "logits":
                return values
            case "mu" | "mean" | "target":
                return np.maximum(2 * np.log(np.abs(values)), 0.0)
    return np.zeros_like(values)


def in_word(kind: str, exponent: np.ndarray, form: Format) -> np.ndarray:
    """A logit or a log-variance in the measure of a word, inside its domain."""
    least, most = 2.0**form.lowest, form.largest
    with np.errstate(over="ignore", under="ignore"):
        match kind:
            case "log_sigma":
                values = exponent / 2
            case "variance":
                values = np.clip(np.exp(exponent), least, most)
            case "sigma":
                values = np.clip(np.exp(exponent / 2), least, most)
            case "probabilities":
                below_one = 1 - 2.0**-form.digits
                values = np.clip(1 / (1 + np.exp(-exponent)), least, below_one)
            case _:
                values = exponent
    return rounded(values, form)


def exact_choices(kind: str, chance: bool) -> tuple[float, ...]:
    """Numbers of a word that somebody may compare with; `chance`: a datum is one."""
    match kind:
        case "sigma" | "variance":
            return SCALES
        case "probabilities":
            return CHANCES
        case "target" if chance:
            return TARGETS[:4]
    return EXACTLY


class Deck:
    """Magnitudes, each of which comes once before any comes again."""

    def __init__(self, real: bool, form: Format, rng: np.random.Generator) -> None:
        most = form.largest**0.5 / ROOM if real else INSIDE[form.name]
        self.order = [m for m in (REAL if real else EXPONENT) if m <= most]
        self.real, self.rng = real, rng
        self.left: list[float] = []

    def numbers(self, rows: int, shape: Sequence[int]) -> np.ndarray:
        """Signed numbers, (batch, size), with a magnitude for each of `rows` rows."""
        upper = np.array([self._dealt() for _ in range(rows)])
        lower = np.array([self._below(m) for m in upper])
        with np.errstate(divide="ignore", invalid="ignore"):
            low, high = np.log(lower)[:, None], np.log(upper)[:, None]
            share = self.rng.uniform(size=shape)
            size = np.where(upper[:, None] > 0, np.exp(low + share * (high - low)), 0.0)
        size = np.minimum(size, upper[:, None])  # exp of log errs by a little
        chance = self.rng.uniform(size=shape)
        size = np.where(chance < EXACT, upper[:, None], size)
        size = np.where((chance > 1 - ZEROS) & self.real, 0.0, size)
        return size * self.rng.choice([-1.0, 1.0], shape)

    def _below(self, magnitude: float) -> float:
        place = bisect_left(self.order, magnitude)
        lower = self.order[place - 1] if place else 0.0
        return lower or magnitude / 2

    def _dealt(self) -> float:
        if not self.left:
            self.left = [self.order[n] for n in self.rng.permutation(len(self.order))]
        return self.left.pop()
