"""What is known of the evidence lower bound: what it misses the likelihood by."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import log, pi

import numpy as np
import pytest
from hypothesis import given

from agreement import below, falls, judged, rounding, stands, unit
from strategies import PAIRED, Drawn, arguments, double
from subjects import CASES, Function, reference
from verify.accuracy.formats import FORMATS
from verify.evidence import Evidence

ELBO, MODEL = (
    CASES[f"{name}_elbo, log_variance"] for name in ("bernoulli", "gaussian")
)
OF_ELBO, WHOLE = reference(ELBO), reference(MODEL)
NLL, GAUSS, KL = (
    reference(CASES[key])
    for key in (
        *("bernoulli_nll", "gaussian_nll, log_variance", "gaussian_kl, log_variance"),
    )
)
DOUBLE = FORMATS["float64"]
U = unit(DOUBLE)
FEW = 4  # outputs of which all images are listed


def bound_adds_up(elbo: Function, drawn: Drawn) -> Evidence:
    """e^elbo over all images is e^-KL: at most 1, and 1 where the laws are one."""
    logits, _, mu, scale = drawn.exact
    few = logits[:, :FEW]
    images = np.array([*product((0.0, 1.0), repeat=few.shape[-1])])
    each = np.stack(
        [elbo(few, np.broadcast_to(x, few.shape), mu, scale) for x in images]
    )
    kl = reference(CASES["gaussian_kl, log_variance"])(mu, scale)
    seen = kl < 600
    found = np.exp(np.where(seen, each + kl, 0)).sum(0)
    expected = np.where(seen, 1.0, float(len(images)))
    size = np.minimum(kl, 600) * 2 + 750
    slack = 4 * rounding(size, DOUBLE, few.shape[-1] + mu.shape[-1])
    return judged(
        "the bound over all images",
        ("sum", found, expected, slack + 16 * U),
        below(
            "the bound",
            each.max(0),
            -kl,
            4 * rounding(kl, DOUBLE, mu.shape[-1]) + 8 * U,
        ),
    )


class Model:
    """z ~ N(0, 1), x_i ~ N(w_i z + b_i, s_i^2): its likelihood is known.

    The posterior is N(m, v), 1/v = 1 + sum w^2/s^2, m = v sum w (x - b)/s^2, and
    log p(x) = log p(x, z) - log p(z | x) at any z (Bishop, "Pattern Recognition and
    Machine Learning", 2006, section 2.3.3).
    """

    def __init__(self, drawn: Drawn) -> None:
        self.b, self.x, _, scale, _ = (a.clip(-20, 20) for a in drawn.exact)
        self.s = np.exp(scale.clip(-8, 8) / 2)
        self.w = np.cos(self.b + self.x)
        self.v = 1 / (1 + (self.w**2 / self.s**2).sum(-1))
        self.m = self.v * (self.w * (self.x - self.b) / self.s**2).sum(-1)

    def pieces(self, z: np.ndarray) -> np.ndarray:
        """What log p(x) is the sum of, one column for each."""
        away = (self.x - self.b - self.w * z[:, None]) / self.s
        data = -(away**2) / 2, -np.log(self.s), np.full_like(away, -log(2 * pi) / 2)
        code = -(z**2) / 2, (z - self.m) ** 2 / (2 * self.v), np.log(self.v) / 2
        return np.concatenate([*data, *(c[:, None] for c in code)], axis=-1)


def bound_misses_by_the_divergence(elbo: Function, drawn: Drawn) -> Evidence:
    """log p(x) - E_q[elbo] = KL(q || p(z | x)) >= 0, for a linear Gaussian model.

    The bound is quadratic in z, so that two Gauss-Hermite nodes, mu +- sigma, are exact
    for its mean.
    """
    model = Model(drawn)
    mu, scale = (a[:, :1].clip(-8, 8) for a in drawn.exact[-3::2])
    sigma, t = np.exp(scale / 2), 2 * np.log(model.s)
    nodes = []
    for z in (mu - sigma, mu + sigma):
        mean = model.w * z + model.b
        nodes.append(elbo(mean, model.x, mu, t, scale))
    pieces = model.pieces(mu[:, 0])
    between = reference(CASES["gaussian_kl_between, variance"])
    apart = between(mu, model.m[:, None], sigma**2, model.v[:, None])
    away = np.abs(model.x) + np.abs(model.b) + np.abs(mu) + sigma
    size = np.abs(pieces).sum(-1) + (away**2 / model.s**2).sum(-1)
    size += (
        (1 + np.abs(mu[:, 0]) + np.abs(model.m) + sigma[:, 0]) ** 2
    ) / model.v + apart
    slack = 16 * rounding(size, DOUBLE, pieces.shape[-1])
    found = sum(nodes) / 2
    return judged("the bound", ("its mean", found, pieces.sum(-1) - apart, slack))


@given(arguments(ELBO, share=PAIRED, forms=double))
def test_the_bound_of_all_images_adds_up_to_the_divergence(drawn: Drawn) -> None:
    stands(bound_adds_up(reference(ELBO), drawn))


@given(arguments(MODEL, reach=4.0, forms=double))
def test_the_bound_misses_the_likelihood_by_the_divergence(drawn: Drawn) -> None:
    stands(bound_misses_by_the_divergence(reference(MODEL), drawn))


CHECKS: dict[Callable, tuple] = {
    bound_adds_up: (
        arguments(ELBO, share=PAIRED, forms=double),
        {
            "the divergence added": lambda h, x, m, t: (
                OF_ELBO(h, x, m, t) + 2 * KL(m, t)
            ),
            "half of the divergence": lambda h, x, m, t: (
                OF_ELBO(h, x, m, t) + KL(m, t) / 2
            ),
            "the divergence left": lambda h, x, m, t: -NLL(h, x),
            "a loss, not a bound": lambda h, x, m, t: -OF_ELBO(h, x, m, t),
            "a mean over outputs": lambda h, x, m, t: (
                -NLL(h, x) / h.shape[-1] - KL(m, t)
            ),
        },
    ),
    bound_misses_by_the_divergence: (
        arguments(MODEL, reach=4.0, forms=double),
        {
            "no constant": lambda *a: WHOLE(*a) + log(2 * pi) / 2 * a[0].shape[-1],
            "the divergence twice": lambda *a: WHOLE(*a) - KL(a[2], a[4]),
            "a mean over outputs": lambda *a: (
                -GAUSS(a[0], a[1], a[3]) / a[0].shape[-1] - KL(a[2], a[4])
            ),
            "unit noise": lambda *a: WHOLE(*a[:3], 0 * a[3], a[4]),
            "squares alone": lambda *a: (
                -(((a[0] - a[1]) ** 2).sum(-1)) / 2 - KL(a[2], a[4])
            ),
        },
    ),
}


@pytest.mark.parametrize(
    ("check", "planted"),
    [
        pytest.param(check, name, id=f"{check.__name__}, {name}")
        for check, (_, wrong) in CHECKS.items()
        for name in wrong
    ],
)
def test_a_wrong_bound_is_found_out(check: Callable, planted: str) -> None:
    drawn, wrong = CHECKS[check]
    falls(drawn, lambda d: check(wrong[planted], d))
