"""The rule `differentiate`: derivatives by the table of elementary functions."""

from __future__ import annotations

from collections.abc import Iterable

from sympy import (
    Add,
    Derivative,
    Expr,
    Function,
    Indexed,
    IndexedBase,
    KroneckerDelta,
    Le,
    Mul,
    Pow,
    S,
    Subs,
    Sum,
    Symbol,
    asinh,
    atan,
    cos,
    cosh,
    erf,
    exp,
    log,
    sin,
    sinh,
    tan,
    tanh,
)
from sympy.core.function import AppliedUndef

from derivations.binders import finite, fresh_index
from derivations.expectation import depends, fresh
from derivations.functions import NAMED
from derivations.hypotheses import Hypothesis
from derivations.normal_form import terms
from derivations.rules.rule import Rule, everywhere
from derivations.scope import ranges


class Differentiate(Rule):
    """Carry out the derivatives: sum, product, quotient and chain rule.

    The derivative of h(G) for a vector G = IndexedBase(G(z, theta), shape=(n,)) unfolds
    to Sum(dh/dG_m dG_m/dtheta_j, (m, 1, n)). The derivative of an expectation is left:
    that is `rules.interchange`. So is what has no table entry, like |x|.

    Needs: a coordinate theta_j whose index runs over the whole range of its sum: j is a
    symbol, and all sums over theta in the line have one range. Every derivative that a
    line writes is supposed to exist.
    Owes: that such an index is within the range; that an undefined function is totally
    differentiable, where the chain rule goes through a vector or several arguments.
    """

    @property
    def name(self) -> str:
        return "differentiate"

    def rewrite(self, expression: Expr) -> Expr:
        moved = {v for d in expression.atoms(Derivative) for v in d.variables}
        bases = {v.base for v in moved if isinstance(v, Indexed)}
        if any(len(u) > 1 for base, u in ranges(expression).items() if base in bases):
            return expression  # theta_j need not be in the shorter sum
        return everywhere(expression, _carried_out, Derivative)

    def owes(self, expression: Expr) -> tuple[Hypothesis, ...]:
        owed = []
        for found in sorted(expression.atoms(Derivative), key=str):
            for inner in sorted(found.expr.atoms(AppliedUndef), key=str):
                if point := _unfolds(inner, found.variables):
                    words = f"{inner.func} is totally differentiable at {point}"
                    owed.append(Hypothesis(words, "differentiate"))
            owed += [h for v in found.variables for h in _in_range(found.expr, v)]
        return tuple(dict.fromkeys(owed))


def _in_range(expression: Expr, variable: Expr) -> list[Hypothesis]:
    """That the coordinate is one of those that a sum in `expression` runs over."""
    if not isinstance(variable, Indexed):
        return []
    return [
        Hypothesis(f"{place} <= {upper}", "differentiate", Le(place, upper))
        for base, uppers in ranges(expression).items()
        if base == variable.base
        for upper in sorted(uppers, key=str)
        for place in variable.indices
        if place.is_Symbol
    ]


def _unfolds(applied: AppliedUndef, variables: Iterable[Expr]) -> str:
    """The point at which the chain rule needs more than partial derivatives, or ""."""
    for variable in variables:
        moved = [a for a in applied.args if depends(a, variable)]
        through = any(isinstance(a, IndexedBase) and a.label.args for a in moved)
        if through or len(moved) > 1:
            return str(moved[0] if len(moved) == 1 else moved)
    return ""


def _carried_out(derivative: Expr) -> Expr:
    if not isinstance(derivative, Derivative):
        return derivative
    expression = derivative.expr
    for variable, count in derivative.variable_count:
        if not count.is_Integer:
            return derivative
        for _ in range(int(count)):
            expression = slope(expression, variable)
    return expression


def slope(expression: Expr, variable: Symbol | Indexed) -> Expr:
    """The derivative of `expression` with respect to a symbol or a coordinate."""
    if expression == variable:
        return S.One
    if not depends(expression, variable):
        return S.Zero
    match expression:
        case Add():
            return Add(*(slope(a, variable) for a in expression.args))
        case Mul():
            return _of_product(expression, variable)
        case Pow():
            return _of_power(expression, variable)
        case Indexed():
            return _of_coordinate(expression, variable)
        case Sum():
            return _of_sum(expression, variable)
        case AppliedUndef():
            return _of_undefined(expression, variable)
        case Function() if isinstance(expression, TABLE) and len(expression.args) == 1:
            return expression.fdiff() * slope(expression.args[0], variable)
    return Derivative(expression, variable, evaluate=False)


TABLE = (exp, log, *NAMED, sin, cos, tan, sinh, cosh, tanh, asinh, atan, erf)


def _of_product(product: Mul, variable: Expr) -> Expr:
    factors = product.args
    return Add(
        *(
            Mul(*factors[:i], slope(f, variable), *factors[i + 1 :])
            for i, f in enumerate(factors)
            if depends(f, variable)
        )
    )


def _of_power(power: Pow, variable: Expr) -> Expr:
    base, exponent = power.args
    through_base = exponent * base ** (exponent - 1) * slope(base, variable)
    if not depends(exponent, variable):
        return through_base
    return through_base + power * log(base) * slope(exponent, variable)


def _of_coordinate(coordinate: Indexed, variable: Expr) -> Expr:
    same = isinstance(variable, Indexed) and coordinate.base == variable.base
    if same and len(coordinate.indices) == 1:
        return KroneckerDelta(coordinate.indices[0], variable.indices[0])
    return Derivative(coordinate, variable, evaluate=False)


def _of_sum(total: Sum, variable: Expr) -> Expr:
    if len(total.limits) != 1 or any(depends(b, variable) for b in total.limits[0][1:]):
        return Derivative(total, variable, evaluate=False)
    index, lower, upper = total.limits[0]
    if not finite(lower, upper):
        return Derivative(total, variable, evaluate=False)
    apart = fresh_index(index)
    body = slope(total.function.xreplace({index: apart}), variable)
    if not body.has(KroneckerDelta):
        return Sum(body, (apart, lower, upper))
    if total.has(KroneckerDelta) or not _whole_range(variable, lower, upper):
        return Derivative(total, variable, evaluate=False)
    place = variable.indices[0]
    delta = KroneckerDelta(apart, place)
    collapsed, rest = S.Zero, S.Zero
    for term in terms(body):
        if delta in Mul.make_args(term):
            collapsed += term / delta
        else:
            rest += term
    if (collapsed + rest).has(KroneckerDelta):
        return Derivative(total, variable, evaluate=False)
    return collapsed.xreplace({apart: place}) + Sum(rest, (apart, lower, upper))


def _whole_range(variable: Indexed, lower: Expr, upper: Expr) -> bool:
    """Whether an index of the variable's base always lies within the limits."""
    if lower != 1:
        return False
    if not all(index.is_Symbol for index in variable.indices):
        return False
    shape = variable.base.shape
    return bool(upper == shape[0] if shape else upper.is_Symbol)


def _of_undefined(applied: AppliedUndef, variable: Expr) -> Expr:
    if _direct(applied, variable):
        return Derivative(applied, variable, evaluate=False)
    total = S.Zero
    for position, argument in enumerate(applied.args):
        if not depends(argument, variable):
            continue
        if isinstance(argument, IndexedBase):
            if not argument.label.args or not argument.shape:
                return Derivative(applied, variable, evaluate=False)
            m = fresh_index(Symbol("m", integer=True, positive=True))
            inner = argument[m]
            outer = Derivative(applied, inner, evaluate=False)
            body = outer * Derivative(inner, variable, evaluate=False)
            total += Sum(body, (m, 1, argument.shape[0]))
        else:
            total += _partial(applied, position) * slope(argument, variable)
    return total


def _direct(applied: AppliedUndef, variable: Expr) -> bool:
    """Whether the variable or its vector is itself an argument, and in no other one."""
    name = variable.base if isinstance(variable, Indexed) else variable
    touched = [a for a in applied.args if depends(a, variable)]
    return len(touched) == 1 and touched[0] in (variable, name)


def _partial(applied: AppliedUndef, position: int) -> Expr:
    argument = applied.args[position]
    others = [a for i, a in enumerate(applied.args) if i != position]
    if argument.is_Symbol and not any(depends(a, argument) for a in others):
        return Derivative(applied, argument, evaluate=False)
    place = fresh(Symbol("x", **argument.assumptions0))
    arguments = list(applied.args)
    arguments[position] = place
    taken = Derivative(applied.func(*arguments), place, evaluate=False)
    return Subs(taken, place, argument)
