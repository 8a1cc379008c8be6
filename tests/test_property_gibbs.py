"""Gibbs' inequality: the divergence is never negative, and 0 where the laws are one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agreement import below, falls, judged, rounding, stands
from strategies import PAIRED, Drawn, arguments, drawn_from
from subjects import CASES, Function, reference
from verify.evidence import Evidence
from verify.losses.loss import SCALES

KEY, BETWEEN = "gaussian_kl, {}", "gaussian_kl_between, {}"
NEUTRAL = {"sigma": 1.0, "variance": 1.0, "log_variance": 0.0, "log_sigma": 0.0}


def floor(word: str, scale: np.ndarray) -> np.ndarray:
    """What the scale adds at least: psi(v)/2 >= (v - 1)^2/(4 max(v, 1)) and the like.

    psi(v) = v - 1 - log v is the integral of 1 - 1/s from 1 to v; phi(t) = e^t - 1 - t
    is psi(e^t), and is at least t^2/2 above 0, t^2/(2 - 2 t) below it.
    """
    if "log" in word:
        t = scale * (2 if word == "log_sigma" else 1)
        return t**2 / 4 / np.where(t < 0, 1 - t, 1.0)
    away = scale - 1
    if word == "sigma":
        away = away * (scale + 1)
        scale = scale**2
    return (away / np.maximum(scale, 1.0)) * away / 4


def gibbs(word: str, loss: Function, drawn: Drawn) -> Evidence:
    """At least a sum of squares, which is 0 only at the standard normal; there, 0."""
    mu, scale = drawn.exact
    least = (mu**2 / 2 + floor(word, scale)).sum(-1)
    slack = rounding(least, drawn.form, mu.shape[-1])
    standard = np.full_like(drawn.given[0], NEUTRAL[word])
    nothing = loss(np.zeros_like(standard), standard)
    return judged(
        "Gibbs",
        below("minus the divergence", -loss(*drawn.given), -least, slack),
        ("the standard normal", nothing, np.zeros(len(mu)), 0.0),
    )


def zero_between_equals(loss: Function, drawn: Drawn) -> Evidence:
    """Never negative; exactly 0 from a law to itself."""
    found = loss(*drawn.given)
    mu, _, scale, _ = drawn.given
    itself = loss(mu, mu, scale, scale)
    return judged(
        "Gibbs between two",
        below("minus the divergence", -found, 0.0, 0.0),
        ("a law and itself", itself, np.zeros(len(mu)), 0.0),
    )


@pytest.mark.parametrize("word", SCALES)
def test_it_is_zero_at_the_standard_normal_and_more_elsewhere(word: str) -> None:
    near = drawn_from(mu=[[0.0]], **{word: [[np.nextafter(NEUTRAL[word], 9.0)]]})
    tiny = drawn_from(mu=[[1e-150]], **{word: [[NEUTRAL[word]]]})

    @given(arguments(CASES[KEY.format(word)]))
    @example(near)
    @example(tiny)
    def holds(drawn: Drawn) -> None:
        stands(gibbs(word, reference(CASES[KEY.format(word)]), drawn))

    holds()


@pytest.mark.parametrize("word", SCALES)
@given(data=st.data())
def test_from_a_law_to_itself_it_is_zero(word: str, data: st.DataObject) -> None:
    case = CASES[BETWEEN.format(word)]
    drawn = data.draw(arguments(case, share=PAIRED))
    stands(zero_between_equals(reference(case), drawn))


def textbook(log: Callable, one: float = 1.0, half: float = 0.5) -> Function:
    """The sum as papers write it, of a variance, with a logarithm to choose."""

    def value(mu: np.ndarray, variance: np.ndarray) -> np.ndarray:
        kind = variance.dtype.type
        terms = mu**2 + variance - kind(one) - log(variance)
        return kind(half) * terms.sum(-1)

    return value


NEAR_MISSES = {
    "as a paper writes it: negative by rounding near 1": textbook(np.log),
    "the logarithm of sigma, not of the variance": textbook(lambda v: np.log(v) / 2),
    "twice the logarithm": textbook(lambda v: 2 * np.log(v)),
    "no -1": textbook(np.log, one=0.0),
    "log base 2": textbook(np.log2),
    "an epsilon in the logarithm": textbook(lambda v: np.log(v + v.dtype.type(1e-6))),
    "the sign of the whole": textbook(np.log, half=-0.5),
    "a clamp": lambda mu, v: textbook(np.log)(mu, np.clip(v, 1e-3, 1e3)),
    "sigma given for the variance": lambda mu, v: textbook(np.log)(mu, np.sqrt(v)),
    "free bits": lambda mu, v: np.maximum(textbook(np.log)(mu, v), v.dtype.type(0.1)),
}


@pytest.mark.parametrize("planted", NEAR_MISSES)
def test_a_sum_that_is_not_the_divergence_is_found_out(planted: str) -> None:
    wrong, drawn = NEAR_MISSES[planted], arguments(CASES[KEY.format("variance")])
    falls(drawn, lambda d: gibbs("variance", wrong, d))


def between(log: Callable, one: float = 1.0, distance: float = 1.0) -> Function:
    """The sum as papers write it, of variances, with a logarithm to choose."""

    def value(mu1: np.ndarray, mu2: np.ndarray, v1: np.ndarray, v2: np.ndarray):
        kind = v1.dtype.type
        away = kind(distance) * (mu1 - mu2) ** 2 / v2
        terms = log(v2) - log(v1) + v1 / v2 + away - kind(one)
        return terms.sum(-1) / 2

    return value


MISSES_BETWEEN = {
    "as a paper writes it": between(np.log),
    "the logarithm turned round": between(lambda v: -np.log(v)),
    "no -1": between(np.log, one=0.0),
    "deviations under the logarithm": between(lambda v: np.log(v) / 2),
    "the distance taken off": between(np.log, distance=-1.0),
}


@pytest.mark.parametrize("planted", MISSES_BETWEEN)
def test_a_wrong_sum_between_two_is_found_out(planted: str) -> None:
    drawn = arguments(CASES[BETWEEN.format("variance")], share=PAIRED)
    falls(drawn, lambda d: zero_between_equals(MISSES_BETWEEN[planted], d))
