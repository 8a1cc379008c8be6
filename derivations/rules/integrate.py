"""Rules of integrals over a line: `antiderivative`, `mean_value` and `density`."""

from __future__ import annotations

from sympy import (
    Add,
    Dummy,
    Expr,
    Integral,
    Limit,
    Mul,
    S,
    Symbol,
    cos,
    erf,
    exp,
    log,
    oo,
    sin,
    sympify,
)

from derivations.expectation import E, depends
from derivations.functions import sigmoid, softplus
from derivations.laws import Normal, Uniform
from derivations.normal_form import normal
from derivations.rules.differentiate import slope
from derivations.rules.limit import LimitRule
from derivations.rules.rule import Rule, everywhere


class Antiderivative(Rule):
    """The integral of f is F(b) - F(a), where F' = f: `rules.antiderivative(F)`.

    It applies to `Integral(f, (x, a, b))` with finite or infinite ends, and to E f(u)
    for u uniform on (0, 1).

    Needs: real ends; F is made of elementary functions that are smooth between them,
    F' = f there by `differentiate` and arithmetic, and F has finite limits at both ends
    by `limit`.
    Owes: nothing; the integral is supposed to exist, as every line is.
    """

    def __init__(self, antiderivative: Expr) -> None:
        self.antiderivative = sympify(antiderivative)

    @property
    def name(self) -> str:
        return f"antiderivative({self.antiderivative})"

    def rewrite(self, expression: Expr) -> Expr:
        return everywhere(expression, self._integrated, E, Integral)

    @property
    def introduces(self) -> tuple[Expr, ...]:
        return (self.antiderivative,)

    def _integrated(self, whole: Expr) -> Expr:
        if isinstance(whole, E) and isinstance(whole.law, Uniform):
            body, variable, ends = whole.body, whole.law.variable, (S.Zero, S.One)
        elif isinstance(whole, Integral) and list(map(len, whole.limits)) == [3]:
            body, (variable, *ends) = whole.function, whole.limits[0]
        else:
            return whole
        if not all(end.is_extended_real for end in ends):
            return whole
        if not smooth(self.antiderivative, variable, between(variable, *ends)):
            return whole
        if normal(slope(self.antiderivative, variable) - body) != 0:
            return whole
        start, end = (self._at(variable, *at) for at in zip(ends, "+-", strict=True))
        if any(
            value.has(Limit) or value.is_finite is not True for value in (start, end)
        ):
            return whole
        return end - start

    def _at(self, variable: Symbol, end: Expr, side: str) -> Expr:
        return LimitRule().rewrite(Limit(self.antiderivative, variable, end, side))


def between(variable: Symbol, lower: Expr, upper: Expr) -> Expr:
    """A stand-in for the variable, known to SymPy to lie between the ends."""
    inside = Dummy("inside", positive=True)
    if (lower, upper) == (0, 1):
        return inside / (1 + inside)
    if not (upper - lower).is_extended_nonnegative:
        return Dummy("inside", real=True)
    if lower.is_nonnegative:
        return lower + inside
    if upper.is_nonpositive:
        return upper - inside
    return Dummy("inside", real=True)


def smooth(f: Expr, x: Symbol, inside: Expr) -> bool:
    """Whether f is elementary, and continuously differentiable where x is `inside`."""
    if not depends(f, x) or f == x:
        return True
    if not all(smooth(a, x, inside) for a in f.args):
        return False
    if f.is_Add or f.is_Mul or f.func in (exp, sigmoid, softplus, sin, cos, erf):
        return True
    if isinstance(f, log):
        return bool(normal(f.args[0].xreplace({x: inside})).is_positive)
    if not f.is_Pow or depends(f.exp, x):
        return bool(f.is_Pow and normal(f.base.xreplace({x: inside})).is_positive)
    if f.exp.is_Integer and f.exp.is_nonnegative:
        return True
    base = normal(f.base.xreplace({x: inside}))
    return bool(base.is_positive) or (bool(f.exp.is_Integer) and bool(base.is_negative))


SIGNS = ("positive", "negative", "nonnegative", "nonpositive", "real")


def within(x: Symbol) -> Symbol:
    """A stand-in for a real x that keeps its sign and nothing else: on an interval."""
    signs = {sign: True for sign in SIGNS if getattr(x, f"is_{sign}")}
    return Dummy("inside", **signs)


def has_sign_of(rule: str, x: Symbol, *points: Expr) -> None:
    """Raise ValueError unless x is real, and each point has the sign of x."""
    if not x.is_real:
        raise ValueError(f"{rule}: {x} is not declared real")
    for sign in (sign for sign in SIGNS if getattr(x, f"is_{sign}")):
        for point in (p for p in points if not getattr(p, f"is_{sign}")):
            wrong = f"and the point {point} need not be"
            raise ValueError(f"{rule}: {x} is {sign}, {wrong}")


class MeanValue(Rule):
    """f(b) - f(a) = (b - a) E f'(a + u (b - a)) for u uniform on (0, 1).

    It is cited as `rules.mean_value(f(x), x, a, b, u)`.

    Needs: f elementary and continuously differentiable for every x of its declared
    sign, which a and b have, so that the segment keeps it; u is a new name.
    Owes: nothing.
    """

    def __init__(self, f: Expr, x: Symbol, a: Expr, b: Expr, u: Symbol) -> None:
        self.f, self.x, self.a, self.b, self.u = f, x, sympify(a), sympify(b), u
        has_sign_of("mean_value", x, self.a, self.b)
        if any(depends(part, u) for part in (f, self.a, self.b)):
            raise ValueError(f"mean_value: {u} is in use, need a new name")
        if not smooth(f, x, within(x)):
            raise ValueError(f"mean_value: {f} is not known to be smooth in {x}")

    @property
    def name(self) -> str:
        return "mean_value"

    def rewrite(self, expression: Expr) -> Expr:
        at = {p: self.f.xreplace({self.x: p}) for p in (self.a, self.b)}
        step = self.b - self.a
        inside = slope(self.f, self.x).xreplace({self.x: self.a + self.u * step})
        mean = E(inside, Uniform(self.u))
        return expression.xreplace({at[self.b]: at[self.a] + mean * step})

    @property
    def introduces(self) -> tuple[Expr, ...]:
        return (self.u, self.a, self.b)


class Density(Rule):
    """E f(z) for a normal z is the integral of f times its density over the real line.

    Needs: a normal Symbol with a real mean; a vector is drawn coordinate by coordinate.
    Owes: nothing: it is what the expectation means.
    """

    @property
    def name(self) -> str:
        return "density"

    def rewrite(self, expression: Expr) -> Expr:
        return everywhere(expression, _averaged, Integral)


def _averaged(integral: Expr) -> Expr:
    if not isinstance(integral, Integral) or len(integral.limits[0]) != 3:
        return integral
    variable, lower, upper = integral.limits[0]
    if (lower, upper) != (-oo, oo) or len(integral.limits) != 1:
        return integral
    law = _law_of(integral.function, variable)
    if law is None:
        return integral
    return E(integral.function / law.density(variable), law)


def _law_of(body: Expr, variable: Symbol) -> Normal | None:
    """The normal law whose density is a factor of the integrand."""
    factors = (f for f in Mul.make_args(body) if f.as_base_exp()[0] is S.Exp1)
    whole = normal(Add(*(f.exp for f in factors))).expand()
    curvature = whole.coeff(variable, 2)
    if curvature == 0 or not (-curvature).is_positive or whole.coeff(variable, 3) != 0:
        return None
    variance = -1 / (2 * curvature)
    mean = normal(whole.coeff(variable, 1) * variance)
    if not mean.is_real or depends(mean, variable):
        return None
    return Normal(variable, mean, variance**S.Half)
