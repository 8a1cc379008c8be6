"""What one logit adds to each of the losses, with its slope and its curvature.

log(1 - s(x)) is -oo in float64 from x = 37 on, and its slope by the chain rule is 0/0
there. The softplus and the sigmoid, at x and at -x, never overflow, and nothing is
subtracted: 1 - s(x) is written s(-x). Slope and curvature come from the loss as the
document writes it, by the chain rule.

Main results
  saturating_term...          log(1 - s(x)), what the generator minimises
  nonsaturating_term...       -log s(x), its other loss; the discriminator's, real data
  fake_term...                -log(1 - s(x)), the discriminator's, generated data
  ..._slope, ..._curvature    of each of them

Limits: exact for every real x, in nats. Reference: Higham, "Accuracy and Stability of
Numerical Algorithms", 2nd edition, 2002, section 1.14.1; Goodfellow et al., "Generative
Adversarial Nets", 2014, section 3.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Derivative, Expr, log

from derivations import rules
from derivations.chain import Derivation, derivation
from derivations.functions import sigmoid, softplus
from derivations.gan.setting import x


@dataclass(frozen=True)
class LogitLoss:
    """A loss of one logit x, in nats.

    name       what its chains are called
    textbook   as the document writes it
    stable     the same
    slope      its derivative
    curvature  its second derivative
    """

    name: str
    textbook: Expr
    stable: Expr
    slope: Expr
    curvature: Expr


LOGIT_LOSSES = (
    LogitLoss(
        "saturating_term", log(1 - sigmoid(x)),
        -softplus(x), -sigmoid(x), -sigmoid(x) * sigmoid(-x),
    ),
    LogitLoss(
        "nonsaturating_term", -log(sigmoid(x)),
        softplus(-x), -sigmoid(-x), sigmoid(x) * sigmoid(-x),
    ),
    LogitLoss(
        "fake_term", -log(1 - sigmoid(x)),
        softplus(x), sigmoid(x), sigmoid(x) * sigmoid(-x),
    ),
)  # fmt: skip


def of_logit(row: LogitLoss) -> Derivation:
    """The chain from the loss to its softplus."""

    def chain():
        yield row.textbook
        yield row.stable, rules.definition, rules.logarithms

    chain.__name__ = row.name
    chain.__doc__ = f"{row.textbook} of a logit x, in nats, without cancellation."
    return derivation(chain)


def slope_of(row: LogitLoss) -> Derivation:
    """The chain from the derivative of the loss to one sigmoid."""

    turned = (rules.definition,) if row.slope.has(sigmoid(-x)) else ()

    def chain():
        yield Derivative(row.textbook, x)
        yield row.slope, rules.differentiate, *turned

    chain.__name__ = f"{row.name}_slope"
    chain.__doc__ = f"The derivative of {row.textbook}, without cancellation."
    return derivation(chain)


def curvature_of(row: LogitLoss) -> Derivation:
    """The chain from the second derivative of the loss to two sigmoids."""

    def chain():
        yield Derivative(row.textbook, (x, 2))
        yield row.curvature, rules.differentiate, rules.definition

    chain.__name__ = f"{row.name}_curvature"
    chain.__doc__ = f"The second derivative of {row.textbook}, without cancellation."
    return derivation(chain)


saturating_term, nonsaturating_term, fake_term = LOSSES_OF_LOGIT = tuple(
    of_logit(row) for row in LOGIT_LOSSES
)
(
    saturating_term_slope,
    nonsaturating_term_slope,
    fake_term_slope,
) = LOGIT_SLOPES = tuple(slope_of(row) for row in LOGIT_LOSSES)
(
    saturating_term_curvature,
    nonsaturating_term_curvature,
    fake_term_curvature,
) = LOGIT_CURVATURES = tuple(curvature_of(row) for row in LOGIT_LOSSES)
