"""The best output of a discriminator, where the data have density a and the fakes b.

L_D is minus the integral of a log D + b log(1 - D) over the images, so it is least
where this is largest at every point: at D = a/(a + b). It rises with the ratio a/b, and
is 1 or 0 only where one density is 0. "Real gives 1, fake gives 0" is the case of two
laws that are mutually singular, and no sigmoid attains it.

Main results
  pointwise_optimum      a log D + b log(1 - D) is at most its value at D = a/(a + b)
  optimum_attained       the logit log(a/b) gives D = a/(a + b)
  optimum_keeps_order    the optimum is the larger, the larger the ratio a/b
  optimum_where_all_is_real, optimum_where_all_is_fake   1 as b -> 0, 0 as a -> 0

Limits: a, b > 0; the optimum is over all measurable D, which a network need not
contain. Reference: Goodfellow et al., "Generative Adversarial Nets", 2014, proposition
1.
"""

from __future__ import annotations

from sympy import Le, Limit, S, Symbol, log

from derivations import rules
from derivations.chain import derivation
from derivations.functions import sigmoid, softplus
from derivations.gan.setting import x
from derivations.line import at_most

a, b = Symbol("a", positive=True), Symbol("b", positive=True)
ratio, other_ratio = Symbol("r", positive=True), Symbol("s", positive=True)
positive = Symbol("v", positive=True)


@derivation
def pointwise_optimum():
    """a log D + b log(1 - D) is at most its value at D = a/(a + b), for D = s(x)."""
    yield a * log(sigmoid(x)) + b * log(1 - sigmoid(x))
    yield -a * softplus(-x) - b * softplus(x), rules.definition, rules.logarithms
    yield (
        at_most(a * log(a / (a + b)) + b * log(1 - a / (a + b))),
        rules.tangent(x, log(a / b)),
        rules.definition,
        rules.logarithms,
    )


@derivation
def optimum_attained():
    """The logit log(a/b), the log ratio of the densities, gives a/(a + b)."""
    yield sigmoid(log(a / b))
    yield a / (a + b), rules.definition


@derivation
def optimum_keeps_order():
    """With ratios r and s of the densities: r/(1 + r) <= s/(1 + s) iff r <= s."""
    yield Le(ratio / (1 + ratio), other_ratio / (1 + other_ratio))
    yield Le(sigmoid(log(ratio)), sigmoid(log(other_ratio))), rules.definition
    yield (
        Le(log(ratio), log(other_ratio)),
        rules.increasing(sigmoid(x), x, log(other_ratio)),
    )
    yield Le(ratio, other_ratio), rules.increasing(log(positive), positive, other_ratio)


@derivation
def optimum_where_all_is_real():
    """a/(a + b) -> 1 as the density of the fakes goes to 0."""
    yield Limit(a / (a + b), b, 0)
    yield S.One, rules.limit


@derivation
def optimum_where_all_is_fake():
    """a/(a + b) -> 0 as the density of the data goes to 0."""
    yield Limit(a / (a + b), a, 0)
    yield S.Zero, rules.limit
