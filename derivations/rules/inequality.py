"""Rules of inequality: `triangle`, `monotone(premise)` and `sign`.

Each gives something that is at least the line above. All of them act on the terms of a
sum: a bound of one factor bounds the term only where the other factors are nonnegative,
and that has to be known from SymPy's assumptions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from sympy import (
    Abs,
    Add,
    Dummy,
    Expr,
    Le,
    Mul,
    S,
    Sum,
    cos,
    exp,
    expand_mul,
    sin,
)
from sympy.core.relational import Relational

from derivations.expectation import E
from derivations.functions import sigmoid, softplus
from derivations.hypotheses import Hypothesis
from derivations.normal_form import normal, terms
from derivations.rules.definition import Definition
from derivations.rules.rule import Rule

if TYPE_CHECKING:
    from derivations.chain import Derivation


class Triangle(Rule):
    """|E f| <= E|f|, |Sum f_i| <= Sum|f_i|, |f + g| <= |f| + |g|, in terms with a sign.

    Needs: the absolute value stands in a term whose other factors are nonnegative.
    Owes: nothing; where E|f| is infinite the bound says nothing.
    """

    raises = True

    @property
    def name(self) -> str:
        return "triangle"

    def raised(self, expression: Expr) -> Expr:
        parts = Add.make_args(expression)
        return Add(*(_factorwise(part, _triangle) for part in parts))

    def rewrite(self, expression: Expr) -> Expr:
        return expression


def _triangle(factor: Expr) -> Expr:
    if not isinstance(factor, Abs):
        return factor
    (inside,) = factor.args
    scale, binder = _scaled(inside)
    if isinstance(binder, E):
        return scale * E(Abs(binder.body), binder.law)
    if isinstance(binder, Sum):
        return scale * Sum(Abs(binder.function), *binder.limits)
    if isinstance(inside, Add):
        return Add(*(Abs(a) for a in inside.args))
    return factor


def _scaled(inside: Expr) -> tuple[Expr, Expr]:
    """|c| and X for c X with one sum or expectation X and no other factor but c."""
    factors = Mul.make_args(inside)
    binders = [f for f in factors if isinstance(f, E | Sum)]
    if len(binders) != 1:
        return S.One, inside
    return Abs(Mul(*(f for f in factors if f != binders[0]))), binders[0]


def _factorwise(term: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """Change one factor of a term to a larger one, the others being nonnegative."""
    factors = Mul.make_args(term)
    for position, factor in enumerate(factors):
        others = factors[:position] + factors[position + 1 :]
        if all(o.is_extended_nonnegative for o in others):
            larger = change(factor)
            if larger != factor:
                return Mul(larger, *others)
    return term


ORDER = ("<=", "<", ">=", ">")


class Monotone(Rule):
    """Replace the smaller side of a premise by the larger: `rules.monotone(s <= eps)`.

    Inside an expectation the premise is taken almost surely, inside a sum for every
    index; both keep the order. A derivation of an inequality may stand for the premise:
    then it is proved, not assumed.

    Needs: the smaller side stands to the first power in terms whose other factors are
    nonnegative; exp, the sigmoid and the softplus of such terms keep the order too.
    Owes: the premise, unless it is a derivation, or follows from the declared signs.
    """

    raises = True

    def __init__(self, premise: Relational | Derivation) -> None:
        self.derivation: Derivation | None = None
        if isinstance(premise, Relational):
            self.premise = premise
        elif hasattr(premise, "steps"):
            self.derivation = premise
            self.premise = Le(premise.lhs, premise.rhs)
        else:  # SymPy decides Le(2, 3) by itself, and leaves a truth value
            raise TypeError(f"monotone: {premise} is no inequality and no derivation")
        if not isinstance(self.premise, Relational) or self.premise.rel_op not in ORDER:
            wrong = "is no inequality and no derivation of one"
            raise TypeError(f"monotone: {premise} {wrong}")
        if self.derivation is not None and self.derivation.relation != "<=":
            wrong = "derives an equality; cite it as it is"
            raise TypeError(f"monotone: {self.derivation.name} {wrong}")

    @property
    def name(self) -> str:
        words = self.derivation.name if self.derivation else self._words
        return f"monotone({words})"

    @property
    def _words(self) -> str:
        return f"{self.premise.lts} <= {self.premise.gts}"

    def raised(self, expression: Expr) -> Expr:
        return _raised(expression, self.premise.lts, self.premise.gts)

    def owes(self, expression: Expr) -> tuple[Hypothesis, ...]:
        if self.derivation is not None or self._evident():
            return ()
        almost_surely = " almost surely" if expression.has(E) else ""
        return (Hypothesis(self._words + almost_surely, "monotone", self.premise),)

    def _evident(self) -> bool:
        """Whether the premise follows from definitions, signs, or the sine's range."""
        small, large = self.premise.lts, self.premise.gts
        if isinstance(small, sin | cos) and self.premise.rel_op in ("<=", ">="):
            return bool(small.args[0].is_real and (large - 1).is_nonnegative)
        slack = normal(Definition().rewrite(large - small))
        return bool(slack.is_extended_nonnegative)

    @property
    def premises(self) -> tuple[Relational, ...]:
        return () if self.derivation or self._evident() else (self.premise,)

    @property
    def introduces(self) -> tuple[Expr, ...]:
        return (self.premise.gts, self.premise.lts)

    @property
    def lemmas(self) -> tuple[Derivation, ...]:
        return (self.derivation,) if self.derivation else ()


def _raised(expression: Expr, small: Expr, large: Expr) -> Expr:
    """Every term that holds `small` once, with `large` there, inside E and Sum too."""
    made = []
    # no normal form: bound names have to stay as the premise has them
    for term in Add.make_args(expand_mul(expression, deep=False)):
        held = Dummy("small", real=True)
        inner = _factorwise(term, lambda f: _through_binder(f, small, large))
        if inner != term:
            made.append(inner)
            continue
        marked = term.xreplace({small: held})
        cofactor = marked.coeff(held)
        once = marked == cofactor * held and not cofactor.has(held)
        if once and cofactor.is_extended_nonnegative:
            made.append(cofactor * large)
        else:
            made.append(term)
    return Add(*made)


def _through_binder(factor: Expr, small: Expr, large: Expr) -> Expr:
    if isinstance(factor, E):
        return E(_raised(factor.body, small, large), factor.law)
    if isinstance(factor, Sum):
        return Sum(_raised(factor.function, small, large), *factor.limits)
    if isinstance(factor, exp | sigmoid | softplus) and factor.args[0].is_real:
        return factor.func(_raised(factor.args[0], small, large))
    return factor


class Sign(Rule):
    """Drop the terms that are nonpositive; in sums and expectations too.

    Needs: the sign, from SymPy's assumptions.
    Owes: nothing.
    """

    raises = True

    @property
    def name(self) -> str:
        return "sign"

    def raised(self, expression: Expr) -> Expr:
        return _kept(terms(_kept(Add.make_args(expression))))

    def rewrite(self, expression: Expr) -> Expr:
        return expression


def _kept(parts: Iterable[Expr]) -> Expr:
    return Add(*(t for t in parts if not t.is_nonpositive and not _nonpositive(t)))


def _nonpositive(term: Expr) -> bool:
    """Whether minus the term is a product of nonnegative factors and sums of such."""
    return all(
        f.is_extended_nonnegative
        or (isinstance(f, Sum) and f.function.is_extended_nonnegative)
        for f in Mul.make_args(-term)
    )
