"""The rule `interchange`: a derivative is taken inside an expectation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Abs, Derivative, Expr, Indexed, Limit, Symbol
from sympy.core.function import AppliedUndef

from derivations.expectation import E, depends, fresh
from derivations.hypotheses import Hypothesis
from derivations.normal_form import normal
from derivations.rules.increasing import same
from derivations.rules.rule import Rule, everywhere
from derivations.rules.substitute import has_signs

if TYPE_CHECKING:
    from derivations.chain import Derivation


class Interchange(Rule):
    """d/dtheta E f = E df/dtheta.

    Needs: a law that does not depend on theta.
    Owes: hypothesis I for f at theta: f is measurable in what is drawn for all
    parameters near theta and E f is finite at theta; outside one null set it is
    differentiable at theta, and |f_a - f_theta| <= M |a - theta| for all a near theta,
    with E M < oo. For a second derivative, I for f near theta and for df/dtheta at it.

    `rules.interchange(lemma)` owes I for the inner u of f = loss(u) only, where `lemma`
    is a derivation of |loss(a) - loss(b)| <= |a - b| and loss is differentiable.
    Several lemmas may be given; each body takes the one that carries it.
    """

    def __init__(self, *carried_by: Derivation) -> None:
        self.carried_by = carried_by

    @property
    def name(self) -> str:
        return "interchange"

    def __call__(self, *carried_by: Derivation) -> Interchange:
        return Interchange(*carried_by)

    def rewrite(self, expression: Expr) -> Expr:
        return everywhere(expression, _inside, Derivative)

    def owes(self, expression: Expr) -> tuple[Hypothesis, ...]:
        movers = expression.atoms(Derivative, Limit)
        moved = set().union(*(m.args[0].atoms(Derivative) for m in movers))
        owed = []
        for derivative in sorted(expression.atoms(Derivative), key=str):
            if not isinstance(derivative.expr, E) or _inside(derivative) == derivative:
                continue
            body = derivative.expr.body
            for position, variable in enumerate(derivative.variables, 1):
                last = position == len(derivative.variables) and derivative not in moved
                owed.append(self._hypothesis(body, variable, "at" if last else "near"))
                body = Derivative(body, variable, evaluate=False)
        return tuple(dict.fromkeys(owed))

    @property
    def lemmas(self) -> tuple[Derivation, ...]:
        return self.carried_by

    def _hypothesis(self, body: Expr, variable: Expr, where: str) -> Hypothesis:
        at = variable.base if isinstance(variable, Indexed) else variable
        for inner in sorted(body.atoms(AppliedUndef), key=str):
            for lemma in self.carried_by:
                rest = body.xreplace({inner: fresh(Symbol("u"))})
                if depends(rest, variable) or not depends(inner, variable):
                    continue
                if carries(lemma, body, inner):
                    words = f"I for {inner} {where} {at}, carried over by {lemma.name}"
                    return Hypothesis(words, "interchange")
        return Hypothesis(f"I for {body} {where} {at}", "interchange")


def _inside(derivative: Expr) -> Expr:
    if not isinstance(derivative, Derivative) or not isinstance(derivative.expr, E):
        return derivative
    body, law = derivative.expr.args
    for variable in derivative.variables:
        moved = any(depends(p, variable) for p in law.parameters)
        if moved or depends(variable, law.variable):
            return derivative
        body = Derivative(body, variable, evaluate=False)
    return E(body, law)


def carries(lemma: Derivation, body: Expr, inner: Expr) -> bool:
    """Whether `lemma` says |f(a) - f(b)| <= |a - b| of the f with body = f(inner)."""
    bound = lemma.rhs
    if lemma.relation != "<=":
        return False
    if not isinstance(lemma.lhs, Abs) or not isinstance(bound, Abs):
        return False
    symbols = sorted(bound.free_symbols, key=str)
    if len(symbols) != 2 or normal(bound - Abs(symbols[0] - symbols[1])) != 0:
        return False
    here, there = fresh(symbols[0]), fresh(symbols[1])
    claimed = lemma.lhs.args[0].xreplace(dict(zip(symbols, (here, there), strict=True)))
    if not all(has_signs(inner, symbol) for symbol in symbols):
        return False
    difference = body.xreplace({inner: here}) - body.xreplace({inner: there})
    return any(same(difference, sign * claimed) for sign in (1, -1))
