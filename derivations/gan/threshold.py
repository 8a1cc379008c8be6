"""The output is below a threshold exactly where the logit is below another.

D <= eps iff h <= log(eps/(1 - eps)), for eps in (0, 1): what "D is about 0 iff h << 0"
means, pointwise in z, and so almost surely on both sides. As the sigmoid is an
increasing bijection, "h below every number" and "D below every eps > 0" are the same;
this is why h -> -oo iff s(h) -> 0, in whichever mode of convergence.

Main results
  output_threshold   D <= eps iff h <= log(eps/(1 - eps))
  logit_threshold    h <= -M iff D <= s(-M)
  threshold_vanishes, threshold_attained   s(-M) -> 0, and every eps is an s(-M)

Limits: eps = 0 and eps = 1 are not attained. Reference: the chain itself; the log odds
are Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 3.10.
"""

from __future__ import annotations

from sympy import Le, Limit, S, Symbol, log, oo

from derivations import rules
from derivations.chain import derivation
from derivations.functions import sigmoid
from derivations.gan.setting import D, logit, x
from derivations.gan.sigmoid_bijection import odds

eps = Symbol("epsilon", positive=True)
level = Symbol("M", real=True)
by_odds = rules.substitute({eps: odds / (1 + odds)})


@derivation
def output_threshold():
    """D <= eps iff h <= log(eps/(1 - eps)), for eps = r/(1 + r) in (0, 1)."""
    yield Le(D, eps)
    yield Le(D, odds / (1 + odds)), by_odds
    yield Le(logit, log(odds)), rules.increasing(sigmoid(x), x, log(odds))
    yield Le(logit, log(eps / (1 - eps))), by_odds


@derivation
def logit_threshold():
    """h <= -M iff D <= s(-M)."""
    yield Le(D, sigmoid(-level))
    yield Le(logit, -level), rules.increasing(sigmoid(x), x, -level)


@derivation
def threshold_vanishes():
    """s(-M) -> 0 as M -> oo: h below every number means D below every eps > 0."""
    yield Limit(sigmoid(-level), level, oo)
    yield S.Zero, rules.limit


@derivation
def threshold_attained():
    """s(-M) = eps for M = -log(eps/(1 - eps)), for every eps in (0, 1)."""
    yield sigmoid(log(eps / (1 - eps)))
    yield eps, rules.definition, rules.given(eps < 1)
