"""The divergence between two Gaussians: one law standard, both moved, both diagonal."""

from __future__ import annotations

from collections.abc import Callable
from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreement import falls, judged, rounding, stands, unit
from strategies import PAIRED, Drawn, arguments, factors
from subjects import CASES, Function, reference
from verify.accuracy.formats import FORMATS
from verify.evidence import Evidence
from verify.losses.loss import SCALES

STANDARD = {"sigma": 1.0, "variance": 1.0, "log_variance": 0.0, "log_sigma": 0.0}
DOUBLED = {
    "sigma": lambda s: 2 * s,
    "variance": lambda s: 4 * s,
    "log_variance": lambda s: s + 2 * log(2),
    "log_sigma": lambda s: s + log(2),
}
"""A law at twice the distance from 0."""
FULL = CASES["multivariate_gaussian_kl"]
DOUBLE = FORMATS["float64"]


def is_the_one_to_the_standard_normal(
    word: str, loss: Function, drawn: Drawn
) -> Evidence:
    """From N(mu, sigma^2) to N(0, 1) it is the divergence of one Gaussian."""
    mu, scale = drawn.given
    one = np.full_like(scale, STANDARD[word])
    expected = reference(CASES[f"gaussian_kl, {word}"])(mu, scale)
    slack = 2 * rounding(expected, drawn.form, mu.shape[-1])
    found = loss(mu, np.zeros_like(mu), scale, one)
    return judged("to the standard normal", ("the value", found, expected, slack))


def is_the_same_in_other_units(word: str, loss: Function, drawn: Drawn) -> Evidence:
    """Twice as far from 0, and as wide, two laws are as far apart; mirrored, too.

    2 mu is exact; a logarithm that is moved by log 2 is rounded, which moves the value
    by its slope. Slopes in the logarithm of sigma are at most 2 (value + 1) each.
    """
    mu1, mu2, one, two = drawn.given
    expected = np.asarray(loss(mu1, mu2, one, two), np.float64)
    slack = 2 * rounding(expected, drawn.form, mu1.shape[-1])
    change = DOUBLED[word]
    if "log" in word:
        logs = 2 + np.abs(drawn.exact[2]) + np.abs(drawn.exact[3])
        slope = 2 * (np.asarray(each(loss, drawn), np.float64) + 1)
        slack = slack + 4 * unit(drawn.form) * (logs * slope).sum(-1)
    moved = [
        np.asarray(a, mu1.dtype) for a in (2 * mu1, 2 * mu2, change(one), change(two))
    ]
    return judged(
        "other units",
        ("doubled", loss(*moved), expected, slack),
        ("mirrored", loss(-mu1, -mu2, one, two), expected, slack),
        ("the distance alone", loss(mu2, mu1, one, two), expected, slack),
    )


def each(loss: Function, drawn: Drawn) -> np.ndarray:
    alone = loss(*(a.reshape(-1, 1) for a in drawn.given))
    return alone.reshape(drawn.exact[0].shape)


def is_that_of_the_diagonals(loss: Function, laws: Drawn) -> Evidence:
    """With diagonal factors it is the divergence of diagonal laws."""
    mu1, first, mu2, second = laws.exact
    diagonals = (np.diagonal(f, axis1=-2, axis2=-1) for f in (first, second))
    expected = reference(CASES["gaussian_kl_between, sigma"])(mu1, mu2, *diagonals)
    eye = np.eye(mu1.shape[-1])
    slack = 2 * rounding(expected, DOUBLE, mu1.shape[-1])
    found = loss(mu1, first * eye, mu2, second * eye)
    return judged("diagonal factors", ("the value", found, expected, slack))


def is_the_same_after_a_map(loss: Function, laws: Drawn) -> Evidence:
    """z -> A z changes no divergence: here A is triangular, and all products exact.

    A triangular solve is off by its condition number (Higham, "Accuracy and Stability
    of Numerical Algorithms", 2002, theorem 8.10), in each of the two.
    """
    mu1, first, mu2, second = laws.exact
    size = mu1.shape[-1]
    ours = np.tril(np.full((size, size), 0.5), -1) + np.diag(
        2.0 ** (np.arange(size) % 3)
    )
    moved = (mu1 @ ours.T, ours @ first, mu2 @ ours.T, ours @ second)
    expected = loss(*laws.exact)
    worst = condition(second) + condition(moved[3])
    slack = 4 * size * worst * rounding(expected + 1, DOUBLE, size)
    return judged("after a map", ("the value", loss(*moved), expected, slack))


def condition(factor: np.ndarray) -> np.ndarray:
    """How much a triangular solve may grow a rounding, for each factor."""
    grown = np.abs(np.linalg.inv(factor)) @ np.abs(factor)
    return grown.sum(-1).max(-1)


@pytest.mark.parametrize("word", SCALES)
@given(data=st.data())
def test_to_the_standard_normal_it_is_that_of_one(word: str, data) -> None:
    drawn = data.draw(arguments(CASES[f"gaussian_kl, {word}"], share=PAIRED))
    loss = reference(CASES[f"gaussian_kl_between, {word}"])
    stands(is_the_one_to_the_standard_normal(word, loss, drawn))


@pytest.mark.parametrize("word", SCALES)
@given(data=st.data())
def test_it_is_the_same_in_other_units(word: str, data: st.DataObject) -> None:
    case = CASES[f"gaussian_kl_between, {word}"]
    drawn = data.draw(arguments(case, share=PAIRED))
    stands(is_the_same_in_other_units(word, reference(case), drawn))


@given(factors())
def test_diagonal_factors_are_two_diagonal_laws(laws: Drawn) -> None:
    stands(is_that_of_the_diagonals(reference(FULL), laws))


@given(factors())
def test_a_linear_map_changes_no_divergence(laws: Drawn) -> None:
    stands(is_the_same_after_a_map(reference(FULL), laws))


RIGHT = reference(CASES["gaussian_kl_between, sigma"])
SWAPPED = {
    "the laws changed": lambda m1, m2, s1, s2: RIGHT(m2, m1, s2, s1),
    "the scales changed": lambda m1, m2, s1, s2: RIGHT(m1, m2, s2, s1),
    "the distance by the first": lambda m1, m2, s1, s2: (
        RIGHT(m1, m1, s1, s2) + ((m1 - m2) ** 2 / s1**2).sum(-1) / 2
    ),
    "the mean distance left": lambda m1, m2, s1, s2: RIGHT(m1, m1, s1, s2),
    "variances for deviations": lambda m1, m2, s1, s2: RIGHT(m1, m2, s1**2, s2**2),
    "an epsilon on the second": lambda m1, m2, s1, s2: RIGHT(
        m1, m2, s1, s2 + s2.dtype.type(1e-6)
    ),
    "the first mean ignored": lambda m1, m2, s1, s2: RIGHT(0 * m1, m2, s1, s2),
}


@pytest.mark.parametrize("planted", SWAPPED)
def test_another_pair_of_laws_is_found_out(planted: str) -> None:
    def check(drawn: Drawn) -> Evidence:
        return is_the_one_to_the_standard_normal("sigma", SWAPPED[planted], drawn)

    falls(arguments(CASES["gaussian_kl, sigma"], share=PAIRED), check)


UNITS = {
    name: SWAPPED[name]
    for name in ("an epsilon on the second", "the first mean ignored")
} | {
    "not the ratio": lambda m1, m2, s1, s2: RIGHT(m1, m2, s1, s2) + np.log(s2).sum(-1),
    "the distance not squared": lambda m1, m2, s1, s2: (
        RIGHT(m1, m1, s1, s2) + ((m1 - m2) / s2).sum(-1)
    ),
    "the distance by no scale": lambda m1, m2, s1, s2: (
        RIGHT(m1, m1, s1, s2) + ((m1 - m2) ** 2).sum(-1) / 2
    ),
    "clamped at 1e-3": lambda m1, m2, s1, s2: RIGHT(m1, m2, s1, np.maximum(s2, 1e-3)),
}


@pytest.mark.parametrize("planted", UNITS)
def test_a_divergence_with_a_unit_is_found_out(planted: str) -> None:
    def check(drawn: Drawn) -> Evidence:
        return is_the_same_in_other_units("sigma", UNITS[planted], drawn)

    falls(arguments(CASES["gaussian_kl_between, sigma"], share=PAIRED), check)


def textbook(trace: Callable, half: float = 0.5) -> Function:
    """The formula with covariances, with a trace to choose."""

    def loss(mu1, first, mu2, second):
        one, two = (f @ f.swapaxes(-1, -2) for f in (first, second))
        away = np.linalg.solve(two, (mu1 - mu2)[..., None])[..., 0]
        squares = ((mu1 - mu2) * away).sum(-1)
        logs = np.linalg.slogdet(two)[1] - np.linalg.slogdet(one)[1]
        return half * (trace(one, two) + squares - mu1.shape[-1]) + logs / 2

    return loss


def trace_of_ratio(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    return np.trace(np.linalg.solve(two, one), axis1=-2, axis2=-1)


MATRICES = {
    "the covariances changed": textbook(lambda one, two: trace_of_ratio(two, one)),
    "no half": textbook(trace_of_ratio, half=1.0),
    "the covariance for its factor": lambda m1, a, m2, b: reference(FULL)(
        m1, a @ a.swapaxes(-1, -2), m2, b
    ),
    "the laws changed": lambda m1, a, m2, b: reference(FULL)(m2, b, m1, a),
    "the other triangle": lambda m1, a, m2, b: textbook(trace_of_ratio)(
        m1, a.swapaxes(-1, -2), m2, b
    ),
    "the diagonals alone": lambda m1, a, m2, b: reference(FULL)(
        m1, a * np.eye(m1.shape[-1]), m2, b * np.eye(m1.shape[-1])
    ),
}
OF_DIAGONALS = [*MATRICES][:4]
OF_MAPS = ["the covariance for its factor", *[*MATRICES][4:]]


@pytest.mark.parametrize("planted", MATRICES)
def test_a_wrong_matrix_is_found_out(planted: str) -> None:
    if planted in OF_DIAGONALS:
        falls(factors(), lambda laws: is_that_of_the_diagonals(MATRICES[planted], laws))
    if planted in OF_MAPS:
        falls(factors(), lambda laws: is_the_same_after_a_map(MATRICES[planted], laws))
