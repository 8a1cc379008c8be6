"""The formulas that the document printed and the ledger refutes, as functions.

Each is lowered from the printed line itself, so that what the methods refute is what
the proof refutes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import Sum, Symbol, lambdify

from derivations.document.exercise_2 import EXERCISE_2
from derivations.vae.setting import i, mu, sigma


def printed_kl() -> Callable[..., Any]:
    """The announcement of exercise 2: log sigma where log sigma^2 is meant."""
    (claim,) = (c for c in EXERCISE_2 if c.id == "2.03")
    (statement,) = claim.statements
    names = {mu[i]: Symbol("mean", real=True), sigma[i]: Symbol("scale", positive=True)}
    term = statement.rhs.replace(Sum, lambda body, *_: body).xreplace(names)
    function = lambdify([*names.values()], term, modules="torch")
    return lambda mean, scale: function(mean, scale).sum(-1)


def printed_zero_gradient() -> Callable[..., Any]:
    """The last line of exercise 1: a loss whose gradient is 0."""
    from derivations import saturating_generator_loss as loss

    return lambda logits: loss(logits.detach()) + 0.0 * logits.sum()


PRINTED: dict[str, Callable[[], Callable[..., Any]]] = {
    "printed_kl": printed_kl,
    "printed_zero_gradient": printed_zero_gradient,
}
"""By the name that `Subject.printed` has."""
