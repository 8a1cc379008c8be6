"""Does the KL of every image agree with the mean of log q - log p over draws?

The densities are written out, no closed form is. The same even draws serve all images:
z = mu + sigma e, and each image's mean may be off by a tail bound that holds for any
number of draws. By Bonferroni's inequality one or more of all images is refuted wrongly
with a probability of at most 1e-9, however the images depend on each other.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from verify.accuracy.bounds import BOUNDS
from verify.accuracy.formats import FORMATS
from verify.evidence import Evidence, Verdict
from verify.monte_carlo.family_wise import FamilyWise
from verify.monte_carlo.gaussian_definition import log_density, minus
from verify.monte_carlo.noise import COLUMNS, Design, normals, stratified
from verify.monte_carlo.tail import Spread, tolerance

CLAIM = "the KL of the encoder's outputs is the mean of log q - log p over draws"
DRAWS = (2**12, 2**14, 2**16)
LOOKED_AT = 64  # images, evenly many, by which the number of draws is chosen
TOGETHER = 64  # numbers that draws are made for at once: it bounds the memory
COARSE = 0.1  # if an error of a tenth of the median KL is not seen, a pass says nothing
ROUNDINGS = 8  # of a draw; a mean has one more for each of them
U = 2.0**-53
Array = np.ndarray


def kl_sampled(
    mu: Array, log_variance: Array, values: Array, *, dtype: str, words: str, seed: int
) -> Evidence:
    """Compare the KL of every image with its mean.

    mu, log_variance  of every image, shape (N, k), float64
    values            their KL in nats, as it was computed, shape (N,)
    dtype             in which it was computed
    words             of which images, where

    AGREES     every image is within its tolerance
    REFUTED    one is not, or is not finite
    UNDECIDED  the tolerance is more than a tenth of the KL, in the median
    """
    started = time.perf_counter()
    count = len(mu)
    finite = np.isfinite(mu).all(-1) & np.isfinite(log_variance).all(-1)
    finite &= np.isfinite(values)
    whole = bool(finite.all())
    chosen = FamilyWise(comparisons=count)
    if whole:
        design = _design(mu, log_variance, values, chosen.odds)
        means, roundings = _means(mu, log_variance, design, seed)
        allowed = _tolerances(mu, log_variance, design, chosen.odds) + roundings
        units = 2 * BOUNDS[dtype] + mu.shape[1]
        allowed += units * 2.0 ** -FORMATS[dtype].digits * np.abs(values)
        off = np.abs(values - means)
        worst = int(np.argmax(off / allowed))
        coarse = float(np.median(allowed / np.maximum(np.abs(means), allowed)))
        share = off[worst] / allowed[worst]
        figure = (
            f"{share:.2g} of what is allowed at most: {values[worst]:.6g} nats, "
            f"{means[worst]:.6g} sampled; {count} images, {design.draws} even draws"
        )
        resolution = (
            f"{float(allowed.max()):.1e} nats in any image, a relative error of "
            f"{coarse:.1e} in the median one; wrongly refuted: 1e-9 for all together"
        )
        verdict = Verdict.UNDECIDED if coarse > COARSE else Verdict.AGREES
        verdict = verdict if share <= 1 else Verdict.REFUTED
    else:
        verdict, resolution = Verdict.REFUTED, "any number that is not finite"
        figure = f"{count - int(finite.sum())} of {count} images: not finite"
    return Evidence(
        claim=f"{CLAIM}; {words}",
        method="models",
        verdict=verdict,
        figure=figure,
        resolution=resolution,
        seed=seed,
        seconds=time.perf_counter() - started,
    )


def _design(mu: Array, log_variance: Array, values: Array, odds: float) -> Design:
    """The fewest draws that see half of what is coarse; nothing is drawn for that."""
    some = slice(None, None, -(-len(mu) // LOOKED_AT))
    sizes = np.abs(values[some])
    for draws in DRAWS:
        design = stratified(draws)
        allowed = _tolerances(mu[some], log_variance[some], design, odds)
        if np.median(allowed - COARSE / 2 * sizes) <= 0:
            break
    return design


def _means(
    mu: Array, log_variance: Array, design: Design, seed: int
) -> tuple[Array, Array]:
    """The mean of log q(z) - log p(z) of every image, and its rounding; (N,) both."""
    columns = mu.shape[1]
    draws = _draws(design, columns, seed)
    size = max(1, TOGETHER // columns)
    found = [
        _mean(draws, mu[n : n + size], np.exp(log_variance[n : n + size] / 2))
        for n in range(0, len(mu), size)
    ]
    means, roundings = (np.concatenate(part) for part in zip(*found, strict=True))
    return means, roundings


def _mean(draws: Array, mu: Array, sigma: Array) -> tuple[Array, Array]:
    """The same of a few images.

    z - mu has lost the digits of sigma e that mu + sigma e had no room for.
    """
    z = mu + sigma * draws[:, None, :]
    origin, one = np.zeros_like(mu), np.ones_like(mu)
    on: Any = np
    pieces = log_density(z, mu, sigma, on) + minus(log_density(z, origin, one, on))
    total = [_averaged(piece, z) for piece in pieces]
    sizes = [_averaged(np.abs(piece), z) for piece in pieces]
    lost = ROUNDINGS * U * (np.abs(mu) + np.abs(z)) / sigma  # of (z - mu)/sigma
    lost *= np.abs(draws[:, None, :]) + lost
    roundings = (len(draws) + ROUNDINGS) * U * np.sum(sizes, axis=0)
    return np.sum(total, axis=0), roundings + _averaged(lost, z)


def _averaged(piece: Array, z: Array) -> Array:
    """Over the draws, and summed over coordinates: shape (images,)."""
    found: Array = np.broadcast_to(piece, z.shape).mean(0).sum(-1)
    return found


def _draws(design: Design, columns: int, seed: int) -> Array:
    """Standard normal, even in every coordinate, shape (draws, columns)."""
    streams = range(-(-columns // COLUMNS))
    found = [
        np.concatenate([normals(design, seed, s, b) for b in range(design.blocks)])
        for s in streams
    ]
    return np.concatenate(found, axis=1)[:, :columns]


def _tolerances(mu: Array, log_variance: Array, design: Design, odds: float) -> Array:
    """How far each mean can be from its expectation: of a e^2 + b e, coordinatewise.

    log q - log p is -e^2/2 + (mu + sigma e)^2/2 and a constant.
    """
    sigma = np.exp(log_variance / 2)
    a, b, none = np.expm1(log_variance) / 2, mu * sigma, np.zeros(mu.shape[1])
    return np.array(
        [
            tolerance([Spread(design, *row, none)], odds)
            for row in zip(a, b, strict=True)
        ]
    )
