"""The rule `coordinates`: independent coordinates are drawn one after another."""

from __future__ import annotations

from itertools import combinations

from sympy import Expr, Indexed, IndexedBase, Symbol, default_sort_key

from derivations.expectation import E, depends, fresh
from derivations.hypotheses import Hypothesis
from derivations.laws import Normal
from derivations.rules.polynomial import degree
from derivations.rules.rule import Rule, everywhere
from derivations.scope import bound_names


class Coordinates(Rule):
    """E f(z[a], z[b], ...) = E ... E f(s, t, ...), each number from its own normal law.

    With one coordinate it is the marginal law, with several it is Fubini's theorem for
    independent coordinates. The coordinate of the first index is drawn last, outermost.

    Needs: a normal law of a vector, of which the body sees only coordinates z[a] whose
    index is fixed (no sum in the body runs over it), and whose indices differ by
    SymPy's assumptions: i and i + m for a positive m, or 1 and 2, not i and j.
    Owes: for several coordinates, that f is integrable, unless it is a polynomial, or
    nonnegative by SymPy's assumptions (Tonelli).
    """

    @property
    def name(self) -> str:
        return "coordinates"

    def rewrite(self, expression: Expr) -> Expr:
        return everywhere(expression, _one_by_one, E)

    def owes(self, expression: Expr) -> tuple[Hypothesis, ...]:
        owed = []
        for whole in sorted(expression.atoms(E), key=str):
            seen = _fixed(whole)
            body, law = whole.args
            polynomial = degree(body, law.variable) is not None
            if len(seen) > 1 and not (polynomial or body.is_nonnegative):
                owed.append(Hypothesis(f"E|{body}| < oo under {law}", "coordinates"))
        return tuple(dict.fromkeys(owed))


def _one_by_one(expectation: Expr) -> Expr:
    made = expectation
    if not isinstance(expectation, E):
        return expectation
    law = expectation.law
    for number, coordinate in enumerate(reversed(_fixed(expectation))):
        drawn = fresh(Symbol("t", real=True))
        body = (made if number else expectation.body).xreplace({coordinate: drawn})
        made = E(body, Normal(drawn, *law.of(coordinate)))
    return made


def _fixed(expectation: E) -> list[Indexed]:
    """The coordinates that the body sees, in order; none where the rule can't apply."""
    body, law = expectation.body, expectation.law
    drawn = law.variable
    if not (isinstance(law, Normal) and isinstance(drawn, IndexedBase)):
        return []
    inside = bound_names(body)
    if drawn in inside or any(depends(p, drawn) for p in law.parameters):
        return []
    seen = sorted(
        {a for a in body.atoms(Indexed) if a.base == drawn}, key=default_sort_key
    )
    if any(
        len(a.indices) != 1 or a.free_symbols & inside or depends(a.indices[0], drawn)
        for a in seen
    ):
        return []
    if depends(body.xreplace({a: fresh(Symbol("t", real=True)) for a in seen}), drawn):
        return []  # the whole vector stands somewhere
    apart = all(
        (a.indices[0] - b.indices[0]).is_zero is False for a, b in combinations(seen, 2)
    )
    return seen if apart else []
