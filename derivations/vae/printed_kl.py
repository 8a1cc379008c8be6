"""The closed form as announced, with log sigma_i for log sigma_i^2: it is false.

It is a misprint: the document's own derivation ends in log sigma_i^2 (`gaussian_kl`).
The printed form exceeds the divergence by half the sum of log sigma_i, so it is right
only where the sigma_i have product 1, and it can be negative, as no divergence can. Its
sum has no brackets; read with the sum over sigma_i^2 alone it is wrong for k = 1
already.

Main results
  printed_kl            what is announced, in nats; refuted at k = 1, mu = 0, sigma = 2
  printed_excess        printed - true = 1/2 sum log sigma_i
  printed_is_at_most_iff, printed_is_at_least_iff
                        at most it iff prod sigma_i <= 1, at least it iff >= 1: so they
                        agree iff the product is 1
  printed_minimum       k = 1: at least (log 2 - 1)/4, which is negative and attained at
                        mu = 0, sigma = 1/sqrt 2
  true_at_two, printed_at_two  the two values at the counterexample
  unbracketed_excess    k = 1, summed over sigma_1^2 alone: wrong by (mu_1^2 - 1)/2

Limits: sigma_i > 0.

Reference: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, appendix B, has
it right.
"""

from __future__ import annotations

from sympy import Ge, Le, Product, Rational, S, Sum, Symbol, log, sqrt
from sympy.core.relational import Relational

from derivations import rules
from derivations.chain import Derivation, derivation
from derivations.line import at_most
from derivations.vae.gaussian_kl import gaussian_kl
from derivations.vae.setting import each, i, k, mu, sigma

printed = Sum(sigma[i] ** 2 + mu[i] ** 2 - 1 - log(sigma[i]), each) / 2
x = Symbol("x", positive=True)
s = Symbol("s", positive=True)  # the one sigma for k = 1
printed_on_the_line = (s**2 - 1 - log(s)) / 2  # at mu = 0
at_two = rules.substitute({k: 1, mu[i]: 0, sigma[i]: 2})


@derivation
def printed_kl():
    """The announced closed form, in nats: it is not the divergence."""
    yield gaussian_kl.lhs
    yield printed


@derivation
def printed_excess():
    """Printed exceeds true by half the sum of log sigma_i, in nats."""
    yield printed - gaussian_kl.lhs
    yield printed - gaussian_kl.rhs, gaussian_kl
    yield Sum(log(sigma[i]), each) / 2, rules.logarithms


def printed_compares(relation: type[Relational], word: str) -> Derivation:
    """The chain that printed stands to true as prod sigma_i to 1."""

    def chain():
        yield relation(printed, gaussian_kl.rhs)
        yield relation(log(Product(sigma[i], each)), 0), rules.logarithms
        yield relation(Product(sigma[i], each), 1), rules.increasing(log(x), x, S.One)

    chain.__name__ = f"printed_is_{word}_iff"
    chain.__doc__ = (
        f"The printed form is {word} the divergence iff prod sigma_i is {word} 1."
    )
    return derivation(chain)


printed_is_at_most_iff = printed_compares(Le, "at_most")
printed_is_at_least_iff = printed_compares(Ge, "at_least")


@derivation
def true_at_two():
    """The divergence at k = 1, mu = 0, sigma = 2, in nats."""
    yield gaussian_kl.lhs
    yield gaussian_kl.rhs, gaussian_kl
    yield Rational(3, 2) - log(2), at_two, rules.logarithms


@derivation
def printed_at_two():
    """The printed form at k = 1, mu = 0, sigma = 2, in nats."""
    yield printed
    yield Rational(3, 2) - log(2) / 2, at_two


@derivation
def printed_minimum():
    """Minus the printed form at k = 1, mu = 0 is at most (1 - log 2)/4, in nats."""
    yield -printed_on_the_line
    yield at_most((1 - log(2)) / 4), rules.tangent(s, 1 / sqrt(2)), rules.logarithms


@derivation
def printed_minimum_attained():
    """At sigma = 1/sqrt 2 the printed form is (log 2 - 1)/4, and not above 0."""
    yield printed_on_the_line
    yield (log(2) - 1) / 4, rules.substitute({s: 1 / sqrt(2)}), rules.logarithms
    yield at_most(0)


@derivation
def unbracketed_excess():
    """Summed over sigma_1^2 alone, k = 1, printed exceeds true by (mu_1^2 - 1)/2."""
    unbracketed = sigma[1] ** 2 / 2 + mu[1] ** 2 - 1 - log(sigma[1])
    yield unbracketed - gaussian_kl.rhs.subs(k, 1)
    yield (mu[1] ** 2 - 1) / 2, rules.logarithms
