"""The truth of a divergence between Gaussians with full covariances, in balls.

The log ratio is a quadratic in z, whose mean over N(mu1, L1 L1') is its mean over the
2 k points mu1 -+ sqrt(k) L1 e_j: they have that law's mean and covariance. The log
densities are written with forward substitution; slopes are coefficients of series.

What rounding is measured against comes from the same substitutions in absolute values,
each of which bounds what a triangular solve may lose.

Source: Stroud, "Approximate Calculation of Multiple Integrals", 1971, U3: 3-1 (the
points); Higham, "Accuracy and Stability of Numerical Algorithms", 2002, theorem 8.5
(the solve).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import flint
import numpy as np
from flint import arb, arb_series

from verify.accuracy.truth import FIRST, LAST, Wide
from verify.oracle.truth import Exact, Numbers, enclosed_numbers, series_of_length

Series = Any
Sample = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""mu1 (k,), L1 (k, k), mu2 (k,), L2 (k, k)."""
WHOLE, SOME = 3, 6  # samples up to this size have all slopes known, others so many
SLOPE = 2  # the length of a series with a value and a slope


def divergences(
    arrays: Sequence[np.ndarray],
) -> tuple[Exact, tuple[Exact, Exact, Exact, Exact]]:
    """The divergence of each sample, (batch,), and its slopes in the four arguments.

    arrays  mu1 (batch, k), L1 (batch, k, k), mu2, L2; what stands above the diagonals
            is not looked at. A slope that is not known has the size inf: there, and at
            most places of a sample of more than 3
    """
    batch = len(arrays[0])
    value = np.empty((3, batch))
    slopes = [np.empty((3, *a.shape)) for a in arrays]
    for n in range(batch):
        sample: Sample = tuple(a[n] for a in arrays)
        of_value, of_slopes = sizes(sample)
        value[:, n] = _known(sample, None, float(of_value))
        for place, (slope, size) in enumerate(zip(slopes, of_slopes, strict=True)):
            slope[:, n] = np.array([0.0, 0.0, np.inf]).reshape(-1, *[1] * size.ndim)
            for index in _judged(size):
                where: Any = (slice(None), n, *index)
                slope[where] = _known(sample, (place, index), float(size[index]))
    return Exact(*value), tuple(Exact(*s) for s in slopes)  # type: ignore[return-value]


def _judged(size: np.ndarray) -> list[tuple[int, ...]]:
    """The places whose slopes are enclosed: of a large sample some, evenly spread."""
    every = list(_entries(size))
    return every if len(size) <= WHOLE else every[:: -(-len(every) // SOME)]


def _entries(array: np.ndarray) -> Iterator[tuple[int, ...]]:
    """The places of a vector, or of a lower triangle."""
    for index in np.ndindex(array.shape):
        if len(index) == 1 or index[1] <= index[0]:
            yield index


def _known(
    sample: Sample, along: tuple[int, tuple[int, ...]] | None, size: float
) -> Numbers:
    bits = FIRST
    while bits <= LAST:
        with flint.ctx.workprec(bits), series_of_length(SLOPE):
            series = _divergence(sample, along)
            found = enclosed_numbers(series[0 if along is None else 1], size)
        if found is not None:
            return found
        bits *= 2
    raise Wide(f"the divergence of {sample}")


def _divergence(sample: Sample, along: tuple[int, tuple[int, ...]] | None) -> Series:
    mu1, tril1, mu2, tril2 = (_series(a, n, along) for n, a in enumerate(sample))
    k, root = len(sample[0]), arb(len(sample[0])).sqrt()
    zero = [arb_series([arb(0)])] * k
    total = arb_series([arb(0)])
    for j, sign in product(range(k), (1, -1)):
        column = [tril1[i, j] if j <= i else zero[i] for i in range(k)]
        z = [mu1[i,] + sign * root * column[i] for i in range(k)]
        total = total + _log_density(z, mu1, tril1) - _log_density(z, mu2, tril2)
    return total / (2 * k)


def _series(
    array: np.ndarray, place: int, along: tuple[int, tuple[int, ...]] | None
) -> dict[tuple[int, ...], Series]:
    return {
        index: arb_series([arb(float(array[index])), int((place, index) == along)])
        for index in _entries(array)
    }


def _log_density(z: Sequence[Series], mu: Any, tril: Any) -> Series:
    """Of N(mu, L L') at z, less the constant that two of them share."""
    solved: list[Series] = []
    total = arb_series([arb(0)])
    for i, number in enumerate(z):
        rest = number - mu[i,]
        for j in range(i):
            rest = rest - tril[i, j] * solved[j]
        solved.append(rest / tril[i, i])
        total = total - solved[i] * solved[i] / 2 - tril[i, i].log()
    return total


def sizes(sample: Sample) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """What a solve, its squares and their slopes are made of, in absolute values."""
    mu1, tril1, mu2, tril2 = sample
    first, second = np.tril(np.abs(tril1)), np.tril(np.abs(tril2))
    bound = 2 * np.diag(np.diag(second)) - second  # its inverse bounds any signs'
    inverse = np.linalg.inv(bound)
    lost = inverse @ second  # how much of a solution one solve may lose
    away = lost @ inverse @ np.abs(mu1 - mu2)[:, None]
    ratio = lost @ inverse @ (first + second)  # some solve for the difference
    logs = np.abs(np.log(np.diag(first))).sum() + np.abs(np.log(np.diag(second))).sum()
    value = (ratio**2).sum() / 2 + (away**2).sum() / 2 + logs + len(mu1) / 2
    back = (lost @ inverse).T
    of_mean = (back @ away)[:, 0]
    of_first = back @ ratio + np.diag(1 / np.diag(first))
    of_second = back @ (ratio @ ratio.T + away @ away.T) + np.diag(1 / np.diag(second))
    return value, (of_mean, of_first, of_mean, of_second)
