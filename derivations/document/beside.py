"""Beside the claims: what a user of the divergence needs, proved the same way.

The document has none of this. The quotation says the fact in the notation of exercise 2:
v_i = sigma_i^2, t_i = log v_i, lambda_i = log sigma_i.
"""

from __future__ import annotations

from derivations.chain import Derivation
from derivations.document.claim import Claim, Expected
from derivations.document.exercise_2 import STANDING
from derivations.vae.gaussian_kl import gaussian_kl_by_rules
from derivations.vae.kl_hessian import HESSIANS, HESSIANS_BY_RULES, MIXED, hessian_in_mean
from derivations.vae.kl_nonnegative import (
    kl_as_squares,
    kl_of_standard_normal,
    minus_kl_below_distance,
    minus_kl_below_one_term,
    minus_kl_nonpositive,
    term_is_remainder,
)
from derivations.vae.kl_slopes import SLOPES, SLOPES_BY_RULES, slope_in_mean
from derivations.vae.parametrisation import KL_IN

INDICES = frozenset({"j <= k", "l <= k"})


def own_words(*derivations: Derivation) -> frozenset[str]:
    """What the change of variable of the derivations says: the notation of the row."""
    rules = ("substitute", "symbols")
    return frozenset(h.words for d in derivations for h in d.hypotheses if h.rule in rules)


IN_WORDS = ("sigma", "the variance v", "the log-variance t", "the log-deviation lambda")
TERMS = (
    r"\sigma_i^2 - 1 - \log \sigma_i^2",
    r"v_i - 1 - \log v_i",
    r"e^{t_i} - 1 - t_i",
    r"e^{2 \lambda_i} - 1 - 2 \lambda_i",
)
SLOPE_TEXTS = (
    r"\frac{\partial D_{KL}}{\partial \sigma_j} = \sigma_j - \frac{1}{\sigma_j}",
    r"\frac{\partial D_{KL}}{\partial v_j} = \frac{1}{2} \left(1 - \frac{1}{v_j}\right)",
    r"\frac{\partial D_{KL}}{\partial t_j} = \frac{1}{2} \left(e^{t_j} - 1\right)",
    r"\frac{\partial D_{KL}}{\partial \lambda_j} = e^{2 \lambda_j} - 1",
)
HESSIAN_TEXTS = (
    r"\frac{\partial^2 D_{KL}}{\partial \sigma_j^2} = 1 + \frac{1}{\sigma_j^2}",
    r"\frac{\partial^2 D_{KL}}{\partial v_j^2} = \frac{1}{2 v_j^2}",
    r"\frac{\partial^2 D_{KL}}{\partial t_j^2} = \frac{1}{2} e^{t_j}",
    r"\frac{\partial^2 D_{KL}}{\partial \lambda_j^2} = 2 e^{2 \lambda_j}",
)


def fact(id_: str, text: str, *derivations: Derivation, reading: str = "") -> Claim:
    """A row that is proved for all values."""
    return Claim(
        id_,
        text,
        Expected.PROVED,
        reading=reading,
        statements=derivations,
        standing=STANDING | INDICES | own_words(*derivations),
    )


BESIDE = (
    fact(
        "3.01",
        r"D_{KL}(q \| p) \ge 0",
        minus_kl_below_distance,
        minus_kl_nonpositive,
        reading="it is at least half the squared distance of (mu, sigma) from (0, 1)",
    ),
    fact(
        "3.02",
        r"D_{KL}(q \| p) = 0 \iff \mu = 0, \sigma = 1",
        minus_kl_below_one_term,
        kl_of_standard_normal,
        term_is_remainder,
        kl_as_squares,
        reading="KL is 0 there, and at least (mu_j^2 + (sigma_j - 1)^2)/2 for every j: so it is "
        "0 only where each of these is",
    ),
    fact(
        "3.03",
        r"E_q\left[\log \frac{q}{p}\right], \text{ made by the rules alone}",
        gaussian_kl_by_rules,
    ),
    *(
        fact(
            f"3.{4 + n:02}",
            rf"D_{{KL}}(q \| p) = \frac{{1}}{{2}} \sum_{{i=1}}^k \mu_i^2 + {term}",
            KL_IN[n],
            reading=f"in {word}, with the sum over all terms",
        )
        for n, (term, word) in enumerate(zip(TERMS, IN_WORDS, strict=True))
    ),
    fact("3.08", r"\frac{\partial D_{KL}}{\partial \mu_j} = \mu_j", slope_in_mean),
    *(
        fact(f"3.{9 + n:02}", text, SLOPES[n], SLOPES_BY_RULES[n])
        for n, text in enumerate(SLOPE_TEXTS)
    ),
    fact(
        "3.13",
        r"\frac{\partial^2 D_{KL}}{\partial \mu_j \partial \mu_l} = \delta_{jl}",
        hessian_in_mean,
    ),
    *(
        fact(
            f"3.{14 + n:02}",
            text,
            HESSIANS[n],
            MIXED[n],
            HESSIANS_BY_RULES[n],
            reading="and 0 for two different coordinates, and for a mean with it",
        )
        for n, text in enumerate(HESSIAN_TEXTS)
    ),
)
