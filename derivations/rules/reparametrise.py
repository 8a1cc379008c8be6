"""The rule `reparametrise`: a normal variable is its mean plus sigma times noise."""

from __future__ import annotations

from sympy import Basic, Expr, Indexed, IndexedBase, S, Symbol

from derivations.expectation import E, depends
from derivations.laws import Law, Normal, bound
from derivations.rules.rule import Rule, everywhere
from derivations.scope import bound_names


class Reparametrise(Rule):
    """E f(z) = E f(mu + sigma S) for z ~ N(mu, sigma^2) and S ~ N(0, 1).

    `rules.reparametrise(S)` names the noise: a Symbol, or an IndexedBase where z is
    one; then it holds coordinate by coordinate.

    Needs: z occurs only as itself or as coordinates z[i], not inside a function of the
    whole vector, and S neither in f nor in mu or sigma. It is an equality in law.
    Owes: nothing.
    """

    def __init__(self, noise: Symbol | IndexedBase) -> None:
        self.noise = bound(noise)

    @property
    def name(self) -> str:
        return "reparametrise"

    def rewrite(self, expression: Expr) -> Expr:
        return everywhere(expression, self._standard, E)

    @property
    def introduces(self) -> tuple[Basic, ...]:
        return (self.noise,)

    def _standard(self, expectation: Expr) -> Expr:
        if not isinstance(expectation, E) or not isinstance(expectation.law, Normal):
            return expectation
        law: Law = expectation.law
        drawn = law.variable
        if isinstance(drawn, IndexedBase) != isinstance(self.noise, IndexedBase):
            return expectation
        taken = (expectation.body, *law.parameters)
        if self.noise != drawn and any(depends(part, self.noise) for part in taken):
            return expectation
        if {drawn, self.noise} & bound_names(expectation.body):
            return expectation
        if isinstance(drawn, IndexedBase):
            seen = {a for a in expectation.body.atoms(Indexed) if a.base == drawn}
            if depends(expectation.body.xreplace(dict.fromkeys(seen, S.One)), drawn):
                return expectation  # the whole vector stands somewhere
            own = {a: _affine(a, law, self.noise[a.indices]) for a in seen}
        else:
            own = {drawn: _affine(drawn, law, self.noise)}
        return E(expectation.body.xreplace(own), Normal(self.noise, 0, 1))


def _affine(drawn: Expr, law: Normal, noise: Expr) -> Expr:
    mean, sigma = law.of(drawn)
    return mean + sigma * noise
