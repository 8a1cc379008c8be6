"""Bound variables: sums, products, integrals, expectations up to the variable's name.

`rename_bound` gives the variable a name that depends only on how deep it stands, so
that two expressions that differ in it become the same. A finite sum is split into its
terms, each with its constant factors outside; a product, an integral or an expectation
is not.
"""

from __future__ import annotations

from collections.abc import Callable

from sympy import (
    Add,
    Dummy,
    Expr,
    IndexedBase,
    Integral,
    Mul,
    Product,
    S,
    Sum,
    Symbol,
    fraction,
)

from derivations.expectation import E, depends
from derivations.laws import Normal, Uniform

BINDERS = (Sum, Product, Integral, E)
UNFOLDED_AT_MOST = 16

Normaliser = Callable[[Expr], Expr]


def rename_bound(expression: Expr, normal: Normaliser) -> Expr:
    """`expression` with canonical bound names and with its body in normal form."""
    if isinstance(expression, E):
        return _expectation(expression, normal)
    *inner, (index, *limits) = expression.limits
    body = (
        expression.func(expression.function, *inner) if inner else expression.function
    )
    if len(limits) != 2:
        return expression.func(normal(body), (index, *limits))
    lower, upper = (normal(limit) for limit in limits)
    if isinstance(expression, Sum | Product) and lower.is_Integer and upper.is_Integer:
        size = upper - lower + 1
        if 0 <= size <= UNFOLDED_AT_MOST:
            whole = Add if isinstance(expression, Sum) else Mul
            return normal(
                whole(*(body.subs(index, lower + n) for n in range(int(size))))
            )
    body = normal(body)
    if isinstance(expression, Integral):
        name = _point(height(body), lower, upper)
    else:
        name = _index(f"i{height(body)}", lower)
    body = normal(body.xreplace({index: name}))
    if isinstance(expression, Sum):
        return _split(body, name, lower, upper, normal)
    return expression.func(body, (name, lower, upper))


def multiplied_out(expression: Expr) -> Expr:
    """Products of sums as sums of products, at the top only; no head is opened."""
    closed = {"log": False, "power_base": False, "power_exp": False, "basic": False}
    return expression.expand(deep=False, mul=True, multinomial=True, **closed)


def height(expression: Expr) -> int:
    """How many binders stand inside one another."""
    below = max((height(a) for a in expression.args), default=0)
    return below + isinstance(expression, BINDERS)


RESERVED = 10**9


def _reserved(name: str, **assumptions: bool) -> Dummy:
    """A name that no line of a user has, and that is the same in every run."""
    return Dummy(name, dummy_index=RESERVED, **assumptions)


def _index(name: str, lower: Expr) -> Symbol:
    """An index that is known to be no more than its range makes it."""
    if lower.is_positive:
        return _reserved(name, integer=True, positive=True)
    return _reserved(name, integer=True)


def _point(depth: int, lower: Expr, upper: Expr) -> Symbol:
    """A variable of integration, real where the path is."""
    if lower.is_extended_real and upper.is_extended_real:
        return _reserved(f"x{depth}", real=True)
    return _reserved(f"x{depth}")


def _split(
    body: Expr, index: Symbol, lower: Expr, upper: Expr, normal: Normaliser
) -> Expr:
    if not finite(lower, upper):
        return Sum(body, (index, lower, upper))
    numerator, denominator = fraction(body)
    total = []
    for term in Add.make_args(multiplied_out(numerator)):
        constant, varying = apart(term / denominator, index)
        if varying == 1 and counts(lower, upper):
            total.append(constant * (upper - lower + 1))
        else:
            total.append(constant * Sum(varying, (index, lower, upper)))
    return Add(*total) if len(total) == 1 else _added(total, normal)


def _added(total: list[Expr], normal: Normaliser) -> Expr:
    # each sum is in normal form already; only the coefficients have to be collected
    whole = Add(*total)
    held = {
        s: _reserved(f"s{n}") for n, s in enumerate(sorted(whole.atoms(Sum), key=str))
    }
    return normal(whole.xreplace(held)).xreplace({v: s for s, v in held.items()})


def counts(lower: Expr, upper: Expr) -> bool:
    """Whether a sum of ones from `lower` to `upper` is upper - lower + 1."""
    if not finite(lower, upper):
        return False
    size = upper - lower + 1
    return bool(size.is_nonnegative) or (lower == 1 and upper.is_Symbol)


def finite(*limits: Expr) -> bool:
    """Whether a sum between the limits has finitely many terms; no other is split."""
    return not any(limit.has(S.Infinity, S.NegativeInfinity) for limit in limits)


def one_finite_sum(expression: Expr) -> bool:
    """Whether `expression` is a sum over one index, with finitely many terms."""
    if not isinstance(expression, Sum) or len(expression.limits) != 1:
        return False
    return finite(*expression.limits[0][1:])


def apart(term: Expr, variable: Symbol | IndexedBase) -> tuple[Expr, Expr]:
    """The factors that are free of `variable`, and the others."""
    constant, varying = S.One, S.One
    for factor in Mul.make_args(term):
        if depends(factor, variable):
            varying *= factor
        else:
            constant *= factor
    return constant, varying


def _expectation(expression: E, normal: Normaliser) -> Expr:
    law = expression.law
    body = normal(expression.body)
    drawn = law.variable
    assumed = (
        {"real": True} if isinstance(law, Normal | Uniform) else drawn.assumptions0
    )
    name: Symbol | IndexedBase = _reserved(f"z{height(body)}", **assumed)
    if isinstance(drawn, IndexedBase):
        known = {k: v for k, v in assumed.items() if v is not None}
        name = IndexedBase(name, shape=drawn.shape, **known)
    body = normal(body.xreplace({drawn: name}))
    named = law.renamed(name)
    named = named.func(
        *(normal(a) if isinstance(a, Expr) and a != name else a for a in named.args)
    )
    constant, varying = _scale(body, name)
    return constant * E(varying, named)


def _scale(body: Expr, drawn: Symbol | IndexedBase) -> tuple[Expr, Expr]:
    """`body` as a constant times a varying part, which all of its terms may share."""
    numerator, denominator = fraction(body)
    parts = [
        apart(t / denominator, drawn) for t in Add.make_args(multiplied_out(numerator))
    ]
    if len({varying for _, varying in parts}) == 1:
        return Add(*(constant for constant, _ in parts)), parts[0][1]
    return apart(body, drawn)


def merged(expression: Expr, normal: Normaliser) -> Expr:
    """`expression` with one `Sum` per range and one `E` per law, where it is linear."""
    for kind in (E, Sum):
        expression = _merged(normal(expression), kind, normal)
    return expression


def _merged(expression: Expr, kind: type, normal: Normaliser) -> Expr:
    numerator, denominator = fraction(expression)
    rest: list[Expr] = []
    bodies: dict[tuple, list[Expr]] = {}
    for term in Add.make_args(multiplied_out(numerator)):
        binders = [f for f in Mul.make_args(term) if isinstance(f, kind)]
        if len(binders) != 1 or denominator.atoms(kind) or not _mergeable(binders[0]):
            rest.append(term / denominator)
            continue
        (binder,) = binders
        place, body = _taken_apart(binder)
        bodies.setdefault(place, []).append(term / denominator / binder * body)
    whole = [
        _put_together(place, Add(*body), kind, normal) for place, body in bodies.items()
    ]
    return normal(Add(*rest, *whole))


def _mergeable(binder: Expr) -> bool:
    return isinstance(binder, E) or (
        len(binder.limits) == 1
        and len(binder.limits[0]) == 3
        and finite(*binder.limits[0][1:])
    )


def _taken_apart(binder: Expr) -> tuple[tuple, Expr]:
    """Where a binder ranges, and its body over the variable of all that range there."""
    if isinstance(binder, E):
        drawn = binder.law.variable
        common: Symbol | IndexedBase = _reserved("drawn", **drawn.assumptions0)
        if isinstance(drawn, IndexedBase):
            common = IndexedBase(common, shape=drawn.shape, **drawn.assumptions0)
        return (binder.law.renamed(common),), binder.body.xreplace({drawn: common})
    ((index, lower, upper),) = binder.limits
    common = _index("common", lower)
    return (lower, upper), binder.function.xreplace({index: common})


def _put_together(place: tuple, body: Expr, kind: type, normal: Normaliser) -> Expr:
    body = normal(body)
    if kind is E:
        (law,) = place
        return E(body, law) if body != 0 else S.Zero
    return Sum(body, (_index("common", place[0]), *place)) if body != 0 else S.Zero


def fresh_index(index: Symbol) -> Symbol:
    """An index of the same assumptions that no line has."""
    return Dummy(str(index), **index.assumptions0)
