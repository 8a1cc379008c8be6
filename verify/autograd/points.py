"""Where a definition is differentiated: moderate numbers, one magnitude per vector.

A large coordinate hides an error of order 1 in a small one, so that every sample has a
magnitude of its own. Numbers stay where the definition keeps most of its digits. The
first coordinate of some samples is the exact 0 of a mean, a logit or a log-variance,
which is the exact 1 of a scale and the exact 1/2 of a probability.
"""

from __future__ import annotations

import numpy as np

from verify.accuracy.formats import Format
from verify.accuracy.rounding import rounded
from verify.losses.convention import Convention

MEANS = (1.0, 2.0**-6, 0.25, 4.0, 16.0, 64.0)
"""Magnitudes of means and data."""
EXPONENTS = (1.0, 14.0, 2.0**-6, 0.25, 3.0, 8.0)
"""Magnitudes of log-deviations; the largest are for clamps, and for floors."""
POWERS = 10
"""Of e^(a log-deviation), so many have to be finite: a second derivative has eight."""
LOGITS = (1.0, 30.0, 2.0**-6, 5.0, 0.5, 10.0)
"""Magnitudes of logits: at 30 the definition has three digits left in float64."""
GREY = 0.3  # which share of the targets of a Bernoulli law is neither 0 nor 1
STEP = 2.0**-6  # weights and directions are multiples, exact in every dtype


def shapes(convention: Convention, batch: int, size: int) -> dict[str, tuple[int, int]]:
    """By word: the axes of the second part have sizes of their own.

    A discriminator's second batch has another number of samples, too.
    """
    found = {}
    for number, part in enumerate(convention.loss.parts):
        rows = batch + number if part.axis == "fake" else batch
        for role in part.roles:
            found[convention.word(role)] = (rows, size + 2 * number)
    return found


def arrays(
    convention: Convention,
    batch: int,
    size: int,
    turn: int,
    form: Format,
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    """By word, exact in the format; shape (batch, size), of a factor (..., size, size).

    turn  how far the magnitudes are moved on: another one for each batch
    """
    found = {}
    wanted = shapes(convention, batch, size)
    for place, (word, shape) in enumerate(wanted.items()):
        rows = np.arange(shape[0]) + turn + place * (1 + turn // len(MEANS))
        exact = (rows + place) % 2 == 0
        most = np.log(form.largest) / POWERS
        values = _values(convention, word, shape, rows, exact, most, rng)
        found[word] = rounded(values, form)
    return {word: found[word] for word in convention.inputs}


def _values(
    convention: Convention,
    word: str,
    shape: tuple[int, int],
    rows: np.ndarray,
    exact: np.ndarray,
    most: float,
    rng: np.random.Generator,
) -> np.ndarray:
    kind = word.removeprefix("decoder_").removeprefix("real_").removeprefix("fake_")
    kind = kind.rstrip("12")
    if kind == "tril":
        return _factor(shape, rng)
    if kind == "target" and "logits" in convention.loss.words:
        grey = rng.uniform(size=shape)
        return np.where(grey < GREY, grey / GREY, rng.integers(0, 2, shape))
    table = {"logits": LOGITS, "probabilities": LOGITS}.get(kind, EXPONENTS)
    table = MEANS if kind in ("mu", "mean", "target") else table
    spread = rng.uniform(0.5, 1, shape) * rng.choice([-1.0, 1.0], shape)
    values = np.array(table)[rows % len(table), None] * spread
    if table is EXPONENTS:
        values = np.clip(values, -most, most)
    values[exact, 0] = 0.0
    match kind:
        case "sigma":
            return np.exp(values)
        case "variance":
            return np.exp(2 * values)
        case "log_variance":
            return 2 * values
        case "probabilities":
            return 1 / (1 + np.exp(-np.clip(values, -most, most)))
    return values


def _factor(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Triangular matrices with a positive diagonal, shape (batch, size, size)."""
    batch, size = shape
    below = np.tril(rng.uniform(-1, 1, (batch, size, size)), -1)
    diagonal = np.exp(rng.uniform(-1.5, 1.5, (batch, size)))
    return below + diagonal[..., None] * np.eye(size)


def dyadic(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Random weights between 1/4 and 1 of either sign, with few digits."""
    size = rng.integers(16, 65, shape) * STEP
    return size * rng.choice([-1.0, 1.0], shape)


def coarse(word: str, array: np.ndarray) -> np.ndarray:
    """Near these numbers, multiples of 1/16 up to 4, 1/4 from the end of a domain."""
    near = np.clip(np.rint(16 * array) / 16, -4, 4)
    kind = word.removeprefix("decoder_").rstrip("12")
    if kind.endswith("probabilities"):
        return np.clip(near, 0.25, 0.75)
    if kind in ("sigma", "variance"):
        return np.maximum(near, 0.25)
    if kind == "tril":
        size = array.shape[-1]
        return np.where(np.eye(size, dtype=bool), np.maximum(near, 0.25), near)
    return near


def step(array: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A move by multiples of 1/64, up to 1/8."""
    size = rng.integers(2, 9, array.shape) * STEP
    return size * rng.choice([-1.0, 1.0], array.shape)
