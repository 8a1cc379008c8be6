"""The property tests look where errors are, and their judgement can say no."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from agreement import below, falls, judged, rounding, stands
from near_misses import NEAR_MISSES
from strategies import WIDE, Drawn, arguments, domain, formats, vectors
from subjects import CASES
from verify.accuracy.formats import FORMATS
from verify.evidence import Verdict
from verify.losses.loss import LOSSES, SCALES

KL, LOG = CASES["gaussian_kl, sigma"], CASES["gaussian_kl, log_variance"]
FOUND = settings(
    max_examples=400,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def mu(drawn: Drawn) -> np.ndarray:
    return drawn.arrays["mu"]


def sigma(drawn: Drawn) -> np.ndarray:
    return drawn.arrays["sigma"]


def widest(drawn: Drawn) -> float:
    return drawn.form.highest * WIDE


STRATA: dict[str, Callable[[Drawn], bool]] = {
    "a batch of one": lambda d: mu(d).shape[0] == 1 < mu(d).shape[1],
    "one coordinate": lambda d: mu(d).shape[1] == 1 < mu(d).shape[0],
    "a batch of more than 8": lambda d: mu(d).shape[0] > 8 > mu(d).shape[1],
    "more than 8 coordinates": lambda d: mu(d).shape[1] > 8 > mu(d).shape[0],
    "both of more than 8": lambda d: min(mu(d).shape) > 8,
    "exact 0": lambda d: bool((mu(d) == 0).any() and (mu(d) != 0).any()),
    "exact 1": lambda d: bool((sigma(d) == 1).any() and (sigma(d) != 1).any()),
    "within 2^-20 of 1": lambda d: bool(
        ((sigma(d) != 1) & (np.abs(sigma(d) - 1) < 2.0**-20)).any()
    ),
    "both signs": lambda d: bool((mu(d) > 0).any() and (mu(d) < 0).any()),
    "the largest mean": lambda d: bool(np.abs(mu(d)).max() > 2.0 ** (widest(d) - 2)),
    "the least deviation": lambda d: bool(sigma(d).min() < 2.0 ** (2 - widest(d))),
    "the largest deviation": lambda d: bool(sigma(d).max() > 2.0 ** (widest(d) - 2)),
    "a small vector beside a large one": lambda d: bool(
        (np.abs(mu(d)).max(1).min() < 1e-9) and (np.abs(mu(d)).max() > 1e9)
    ),
    "ordinary numbers alone": lambda d: bool(
        ((np.abs(mu(d)) > 0.05) & (np.abs(mu(d)) < 20)).all() and mu(d).size > 8
    ),
    "float32": lambda d: d.form.name == "float32",
}


@pytest.mark.parametrize("stratum", STRATA)
def test_a_stratum_is_reached(stratum: str) -> None:
    found = find(arguments(KL), STRATA[stratum], settings=FOUND)
    assert STRATA[stratum](found)


SEPARABLE = [key for key, case in CASES.items() if case.loss.separable]


@given(key=st.sampled_from(SEPARABLE), data=st.data())
def test_numbers_are_of_the_dtype_and_of_the_domain(key: str, data) -> None:
    case = CASES[key]
    drawn = data.draw(arguments(case))
    for word, array in drawn.arrays.items():
        held = array.astype(drawn.form.name).astype(np.float64)
        assert (held == array).all()
        assert np.isfinite(array).all()
        if word.endswith(("sigma", "variance")) and "log" not in word:
            assert (array > 0).all()
        if word == "target" and key.startswith("bernoulli"):
            assert ((array >= 0) & (array <= 1)).all()


@given(form=formats, data=st.data())
def test_one_magnitude_a_vector(form, data) -> None:
    """All numbers of a row that are not special are within a factor of 2."""
    of = domain("mu", form, WIDE * form.highest, "gaussian_kl")
    rows = data.draw(vectors(of, form, np.zeros(5, bool), 9))
    for row in np.abs(rows):
        sized = row[(row != 0) & ~((row >= 0.5) & (row <= 1.5))]
        if sized.size:
            assert sized.max() <= 2 * sized.min() * (1 + 2.0**-20)


REFUSED = {
    "more than is allowed": ("x", 1.0 + 1e-15, 1.0, 1e-16),
    "nan": ("x", np.nan, 1.0, 1.0),
    "a tolerance of nan": ("x", 2.0, 1.0, np.nan),
    "inf for a number": ("x", np.inf, 1.0, 1.0),
    "another shape": ("x", np.ones(2), np.ones(3), 1.0),
    "above a bound": below("x", 1.0, 0.5, 0.1),
    "one of many": ("x", np.array([0.0, 1.0, 0.0]), np.zeros(3), 0.5),
}


@pytest.mark.parametrize("row", REFUSED)
def test_what_is_not_within_its_allowance_is_refuted(row: str) -> None:
    fine = ("y", 1.0, 1.0, 0.0)
    assert judged("a claim", fine, REFUSED[row]).verdict is Verdict.REFUTED
    with pytest.raises(AssertionError):
        stands(judged("a claim", REFUSED[row], fine))


def test_what_is_within_its_allowance_agrees() -> None:
    rows = ("x", np.inf, np.inf, 0.0), ("y", 1.0, 1.5, 0.5), below("z", -9.0, 0.0, 0.0)
    assert judged("a claim", *rows).verdict is Verdict.AGREES


def test_an_error_that_is_not_found_fails_its_test() -> None:
    with pytest.raises(AssertionError, match="was not found out"):
        falls(st.integers(), lambda n: judged("right", ("n", float(n), float(n), 0.0)))


def test_the_allowance_grows_with_the_terms_and_ends_at_the_subnormals() -> None:
    form = FORMATS["float64"]
    assert rounding(1.0, form, 10) == 19 * 2.0**-53
    assert rounding(0.0, form) > 0


def test_every_loss_has_near_misses() -> None:
    assert set(NEAR_MISSES) == set(LOSSES)
    assert min(map(len, NEAR_MISSES.values())) >= 3


def test_every_measure_of_scale_is_judged() -> None:
    for word in SCALES:
        assert f"gaussian_kl, {word}" in CASES


def test_ci_tries_the_same_examples_in_every_run() -> None:
    profile = settings.get_profile("ci")
    assert profile.derandomize
    assert profile.deadline is None
    assert settings.get_profile("nightly").max_examples > 10 * profile.max_examples
