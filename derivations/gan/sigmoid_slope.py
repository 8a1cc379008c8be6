"""The derivative of the sigmoid.

From its definition, by the quotient rule. The softplus has the sigmoid for its
derivative, so both follow one from the other.

Main results
  sigmoid_slope   s' = s (1 - s)
  softplus_slope  softplus' = s

Limits: none, s is smooth on R. Reference: Goodfellow, Bengio and Courville, "Deep
Learning", 2016, section 3.10.
"""

from __future__ import annotations

from sympy import Derivative, exp, log

from derivations import rules
from derivations.chain import derivation
from derivations.functions import sigmoid, softplus
from derivations.gan.setting import x


@derivation
def sigmoid_slope():
    """s'(x) = s(x) (1 - s(x)) for every real x."""
    yield Derivative(sigmoid(x), x)
    yield Derivative(1 / (1 + exp(-x)), x), rules.definition
    yield exp(-x) / (1 + exp(-x)) ** 2, rules.differentiate
    yield sigmoid(x) * (1 - sigmoid(x)), rules.definition


@derivation
def softplus_slope():
    """The derivative of log(1 + e^x) is s(x)."""
    yield Derivative(softplus(x), x)
    yield Derivative(log(1 + exp(x)), x), rules.definition
    yield exp(x) / (1 + exp(x)), rules.differentiate
    yield sigmoid(x), rules.definition
