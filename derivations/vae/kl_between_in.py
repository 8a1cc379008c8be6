"""The divergence between two diagonal Gaussians in the four parameters of sigma.

As in `parametrisation`, each comes from `gaussian_kl_between` by putting both sigmas
in; what differs is a row of the table. The last line of each chain is the form to
compute with: a sum of squares and remainders, all >= 0, so that nothing cancels. The
ratio of the two scales stands in psi and phi alone, which are 0 where they agree.

Main results
  kl_between_in_sigma, kl_between_in_variance,
  kl_between_in_log_variance, kl_between_in_log_sigma   in nats

Limits: sigma1_i, sigma2_i and the variances are positive. sigma1/sigma2 - 1 is written
(sigma1 - sigma2)/sigma2, which is exact up to one division where they are close.

Reference: Higham, "Accuracy and Stability of Numerical Algorithms", 2nd edition, 2002,
sections 1.7 and 1.14.1.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, IndexedBase, Sum, exp, log, sqrt

from derivations import rules
from derivations.chain import Derivation, derivation
from derivations.functions import phi, psi
from derivations.vae.gaussian_kl_between import (
    gaussian_kl_between,
    mu1,
    mu2,
    sigma1,
    sigma2,
)
from derivations.vae.setting import each, i

v1, v2 = (IndexedBase(name, positive=True) for name in ("v1", "v2"))
t1, t2 = (IndexedBase(name, real=True) for name in ("t1", "t2"))
lam1, lam2 = (IndexedBase(name, real=True) for name in ("lambda1", "lambda2"))
shift = mu1[i] - mu2[i]


@dataclass(frozen=True)
class Pair:
    """A way to write sigma1 and sigma2.

    name       the parameter's name
    first      its coordinates for the first law
    second     and for the second one
    sigma      sigma1_i and sigma2_i, written by coordinate i of them
    term       twice what coordinate i adds to the divergence, as in a textbook
    stable     what it adds, as a sum of nonnegative terms
    """

    name: str
    first: IndexedBase
    second: IndexedBase
    sigma: tuple[Expr, Expr]
    term: Expr
    stable: Expr


PAIRS = (
    Pair(
        "sigma", sigma1, sigma2, (sigma1[i], sigma2[i]),
        log(sigma2[i] ** 2 / sigma1[i] ** 2) - 1
        + (sigma1[i] ** 2 + shift ** 2) / sigma2[i] ** 2,
        (shift / sigma2[i]) ** 2 / 2 + ((sigma1[i] - sigma2[i]) / sigma2[i]) ** 2 / 2
        + psi(sigma1[i] / sigma2[i]),
    ),
    Pair(
        "variance", v1, v2, (sqrt(v1[i]), sqrt(v2[i])),
        log(v2[i] / v1[i]) - 1 + (v1[i] + shift ** 2) / v2[i],
        shift ** 2 / v2[i] / 2 + psi(v1[i] / v2[i]) / 2,
    ),
    Pair(
        "log_variance", t1, t2, (exp(t1[i] / 2), exp(t2[i] / 2)),
        t2[i] - t1[i] - 1 + exp(t1[i] - t2[i]) + shift ** 2 * exp(-t2[i]),
        shift ** 2 * exp(-t2[i]) / 2 + phi(t1[i] - t2[i]) / 2,
    ),
    Pair(
        "log_sigma", lam1, lam2, (exp(lam1[i]), exp(lam2[i])),
        2 * (lam2[i] - lam1[i]) - 1 + exp(2 * (lam1[i] - lam2[i]))
        + shift ** 2 * exp(-2 * lam2[i]),
        shift ** 2 * exp(-2 * lam2[i]) / 2 + phi(2 * (lam1[i] - lam2[i])) / 2,
    ),
)  # fmt: skip


def kl_between_in(pair: Pair) -> Derivation:
    """The chain from the divergence to its stable form in the parameters of the row."""
    written = dict(zip((sigma1[i], sigma2[i]), pair.sigma, strict=True))
    change = (rules.substitute(written),) if pair.first != sigma1 else ()

    logs, taken = pair.term.has(log), (rules.logarithms,)

    def chain():
        yield gaussian_kl_between.lhs
        yield gaussian_kl_between.rhs, gaussian_kl_between
        if change:
            yield Sum(pair.term, each) / 2, *change, *(() if logs else taken)
        yield Sum(pair.stable, each), rules.definition, *(taken if logs else ())

    words = pair.name.replace("_", "-")
    chain.__name__ = f"kl_between_in_{pair.name}"
    chain.__doc__ = f"The divergence in nats, in the means and each {words}."
    return derivation(chain)


(
    kl_between_in_sigma,
    kl_between_in_variance,
    kl_between_in_log_variance,
    kl_between_in_log_sigma,
) = KL_BETWEEN_IN = tuple(map(kl_between_in, PAIRS))
