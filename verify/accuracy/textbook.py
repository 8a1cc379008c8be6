"""The textbook expressions: what is true of one number, as a paper writes it.

They are the definitions that the derivations start from, not the stable forms that are
computed; the derivatives are SymPy's own, of these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from sympy import Expr, Symbol, diff, together

from derivations import discriminator_loss, gaussian_kl
from derivations import nonsaturating_generator_loss as nonsaturating
from derivations import saturating_generator_loss as saturating
from derivations.functions import NAMED
from derivations.gan.setting import x
from derivations.gan.stable_losses import LOGIT_LOSSES
from derivations.lowered import Lowered
from derivations.vae.parametrisation import PARAMETRISATIONS
from derivations.vae.setting import i
from verify.accuracy.enclosure import enclosed

Order = tuple[int, ...]
"""Which argument, once for every derivative; () is the value."""


@dataclass(frozen=True)
class Term:
    """One function of numbers, with its truth and what we compute for it.

    name       how a reader writes it
    subject    what it is one of: a parametrisation's name, or a loss of one logit
    arguments  its symbols, in order, with what is known of their sign
    textbook   the value, as a definition writes it
    form       the lowered derivation that users call
    part       which of the form's terms it is
    """

    name: str
    subject: str
    arguments: tuple[Symbol, ...]
    textbook: Expr
    form: Lowered
    part: int = 0

    @property
    def orders(self) -> tuple[Order, ...]:
        """The value, the gradient and the second derivatives."""
        places = range(len(self.arguments))
        second = tuple((a, b) for a in places for b in places if a <= b)
        return ((), *((a,) for a in places), *second)

    @cached_property
    def derivatives(self) -> dict[Order, Expr]:
        """The textbook's value and its derivatives.

        1 - 1/(1 + e^-x) is 0 in any precision that ends, so that it becomes one
        quotient first: e^-x/(1 + e^-x) is not.
        """
        found: dict[Order, Expr] = {(): together(self.textbook, deep=True)}
        for order in self.orders[1:]:
            *before, place = order
            found[order] = diff(found[tuple(before)], self.arguments[place])
        return found

    @cached_property
    def enclosures(self) -> dict[Order, Callable]:
        """The same as functions of balls."""
        return {
            order: enclosed(expression, self.arguments)
            for order, expression in self.derivatives.items()
        }

    def label(self, order: Order) -> str:
        """Which derivative, as a reader writes it: d/dmu dsigma, or nothing."""
        if not order:
            return ""
        return "d/" + " ".join(f"d{self.arguments[place]}" for place in order)


def unfolded(expression: Expr) -> Expr:
    """The named functions by their definitions."""
    for head in NAMED:
        expression = expression.replace(head, lambda a, h=head: h(a).definition())
    return expression


def _kl_terms() -> tuple[Term, ...]:
    found = []
    for row in PARAMETRISATIONS:
        positive = bool(row.base.label.is_positive or row.base.is_positive)
        mean = Symbol("mu", real=True)
        scale = Symbol(row.name, real=True, positive=positive or None)
        value = (mean**2 + row.term.xreplace({row.base[i]: scale})) / 2
        name, form = f"gaussian_kl(mu, {row.name}=)", gaussian_kl.forms[row.name]
        found.append(Term(name, row.name, (mean, scale), value, form))
    return tuple(found)


def _logit_terms() -> tuple[Term, ...]:
    losses = {row.name: unfolded(row.textbook.xreplace({x: h})) for row in LOGIT_LOSSES}
    both = discriminator_loss.forms["logits"]
    rows = (
        ("saturating_generator_loss", "saturating_term", saturating.forms["logits"], 0),
        *(
            (
                "nonsaturating_generator_loss",
                "nonsaturating_term",
                nonsaturating.forms["logits"],
                0,
            ),
        ),
        ("discriminator_loss, real logits", "nonsaturating_term", both, 0),
        ("discriminator_loss, fake logits", "fake_term", both, 1),
    )
    return tuple(
        Term(name, loss, (h,), losses[loss], form, part)
        for name, loss, form, part in rows
    )


h = Symbol("h", real=True)
TERMS = (*_kl_terms(), *_logit_terms())
"""Every result that is measured."""
