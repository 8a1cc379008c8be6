"""How small the generator's gradient is when the discriminator wins.

If D <= eps almost surely, no coordinate of the gradient of L_G exceeds eps E|dh|. This
is the right form of "the gradient is about 0 if D is about 0": small in proportion to
E|dh|, which the discriminator may make as large as it likes.

Main results
  vanishing_bound             |dL_G/dtheta_j| <= eps E|dh/dtheta_j| if D <= eps
  vanishing_bound_with_exceptions   what to add where D > eps
  vanishing_bound_is_sharp    equality at h = logit(eps) + theta

Limits: under hypothesis I (`softplus_lipschitz`), without which it is false however
small D is (`small_output_without_interchange`). That P(D > eps) is small is not enough
(`rare_outputs`); E|dh| may grow as eps falls (`small_output_large_gradient`).

Reference: Arjovsky and Bottou, "Towards Principled Methods for Training Generative
Adversarial Networks", 2017, theorem 2.4.
"""

from __future__ import annotations

from sympy import Abs, Derivative, Function, Le, Symbol, log

from derivations import rules
from derivations.chain import derivation
from derivations.expectation import E
from derivations.functions import sigmoid
from derivations.gan.setting import D, dh, j, noise, theta, z
from derivations.gan.sigmoid_bijection import odds
from derivations.gan.softplus_lipschitz import softplus_lipschitz
from derivations.gan.threshold import eps
from derivations.laws import Normal
from derivations.line import at_most

exceptional = Function("A", nonnegative=True)(z)
parameter, drawn = Symbol("theta", real=True), Symbol("z", real=True)


@derivation
def vanishing_bound():
    """|dL_G/dtheta_j| <= eps E|dh/dtheta_j| where D <= eps almost surely."""
    yield Abs(Derivative(E(log(1 - D), noise), theta[j]))
    yield (
        Abs(E(D * dh, noise)),
        rules.interchange(softplus_lipschitz),
        rules.differentiate,
    )
    yield at_most(E(D * Abs(dh), noise)), rules.triangle
    yield at_most(eps * E(Abs(dh), noise)), rules.monotone(Le(D, eps))


@derivation
def vanishing_bound_with_exceptions():
    """At most eps E|dh| + E[A |dh|] where D <= eps + A(z), as with A = 1[D > eps]."""
    yield Abs(Derivative(E(log(1 - D), noise), theta[j]))
    yield (
        Abs(E(D * dh, noise)),
        rules.interchange(softplus_lipschitz),
        rules.differentiate,
    )
    yield at_most(E(D * Abs(dh), noise)), rules.triangle
    yield (
        at_most(E((eps + exceptional) * Abs(dh), noise)),
        rules.monotone(Le(D, eps + exceptional)),
    )
    yield eps * E(Abs(dh), noise) + E(exceptional * Abs(dh), noise), rules.linearity


@derivation
def vanishing_bound_is_sharp():
    """At h = logit(eps) + theta and theta = 0, so D = eps, dh = 1, it is -eps."""
    by_odds = rules.substitute({eps: odds / (1 + odds)})
    h = log(odds) + parameter
    yield Derivative(E(log(1 - sigmoid(h)), Normal(drawn)), parameter)
    yield Derivative(log(1 - sigmoid(h)), parameter), rules.linearity
    yield -sigmoid(h), rules.differentiate
    yield -sigmoid(log(odds)), rules.substitute({parameter: 0})
    yield -odds / (1 + odds), rules.definition
    yield -eps, by_odds
