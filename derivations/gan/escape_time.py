"""How long the gradient flow takes to leave a region in which the discriminator wins.

The logit is the generator's parameter itself, h = theta, and starts at -M. Gradient
flow moves it with the speed minus dL/dtheta; the time to reach 0, where D = 1/2, is the
integral of one over the speed. It is e^M + M - 1 with the saturating loss, M + 1 - e^-M
with the other: exponentially slow, and not never.

Main results
  saturating_escape_time     e^M + M - 1
  nonsaturating_escape_time  M + 1 - e^-M

Limits: gradient flow, a parameter that is the logit; an optimiser that rescales the
gradient partly undoes the difference. Reference: the chains themselves; the two losses
are Goodfellow et al., "Generative Adversarial Nets", 2014, section 3.
"""

from __future__ import annotations

from sympy import Derivative, Integral, Symbol, exp, log

from derivations import rules
from derivations.chain import derivation
from derivations.functions import sigmoid

theta = Symbol("theta", real=True)
M = Symbol("M", positive=True)
way = (theta, -M, 0)


@derivation
def saturating_escape_time():
    """With L_G the gradient flow from h = -M to h = 0 takes the time e^M + M - 1."""
    yield Integral(1 / -Derivative(log(1 - sigmoid(theta)), theta), way)
    yield Integral(1 / sigmoid(theta), way), rules.differentiate
    yield (
        exp(M) + M - 1,
        rules.definition,
        rules.antiderivative(theta - exp(-theta)),
    )


@derivation
def nonsaturating_escape_time():
    """With L_NS it takes the time M + 1 - e^-M."""
    yield Integral(1 / -Derivative(-log(sigmoid(theta)), theta), way)
    yield Integral(1 / (1 - sigmoid(theta)), way), rules.differentiate
    yield (
        M + 1 - exp(-M),
        rules.definition,
        rules.antiderivative(theta + exp(theta)),
    )
