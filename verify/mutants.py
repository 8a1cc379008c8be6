"""Wrong lines made by machine from the lines of a chain.

Each operator changes one place of one line: a sign, a factor, an exponent, a dropped
term, a swapped function or name, a law, a range, a number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from sympy import (
    Abs,
    Add,
    Basic,
    Derivative,
    Expr,
    Indexed,
    IndexedBase,
    Integral,
    KroneckerDelta,
    Limit,
    Mul,
    Number,
    Piecewise,
    Pow,
    Product,
    Rational,
    S,
    Subs,
    Sum,
    Symbol,
    exp,
    log,
)

from derivations.chain import Derivation
from derivations.expectation import E
from derivations.functions import expm1, phi, psi, sigmoid, softplus
from derivations.laws import Normal
from derivations.line import Step
from derivations.normal_form import Undefined, normal
from derivations.scope import free_names

Operator = Callable[[Basic, set[Basic]], Iterable[Basic]]


def _signs(node: Basic, names: set[Basic]) -> Iterable[Basic]:
    if isinstance(node, Add):
        return [Add(*(-a if a is term else a for a in node.args)) for term in node.args]
    return []


def _factors(node: Basic, names: set[Basic]) -> Iterable[Basic]:
    if isinstance(node, Add):
        return [
            Add(*(c * a if a is term else a for a in node.args))
            for term in node.args
            for c in (2, Rational(1, 2))
        ]
    return []


def _exponents(node: Basic, names: set[Basic]) -> Iterable[Basic]:
    if isinstance(node, Pow) and node.exp.is_Rational:
        return [node.base ** (node.exp + c) for c in (1, -1)]
    if isinstance(node, Indexed) or (isinstance(node, Symbol) and not node.is_integer):
        return [node**2]
    return []


def _dropped(node: Basic, names: set[Basic]) -> Iterable[Basic]:
    if isinstance(node, Add | Mul):
        return [
            node.func(*(a for a in node.args if a is not part)) for part in node.args
        ]
    if isinstance(node, Abs):
        return [node.args[0]]
    return []


def _functions(node: Basic, names: set[Basic]) -> Iterable[Basic]:
    match node:
        case sigmoid():
            return [1 - node, softplus(*node.args), exp(*node.args)]
        case softplus():
            return [sigmoid(*node.args), softplus(-node.args[0]), -node]
        case phi():
            return [expm1(*node.args), phi(-node.args[0])]
        case psi():
            return [phi(*node.args), psi(node.args[0] ** 2)]
        case expm1():
            return [exp(*node.args), phi(*node.args)]
        case exp():
            return [1 / node, node - 1]
        case log():
            return [exp(*node.args), log(node.args[0]) / log(2), log(1 + node.args[0])]
    return []


def _names(node: Basic, names: set[Basic]) -> Iterable[Basic]:
    if isinstance(node, Indexed) and node.base in names:
        others = (n for n in names if isinstance(n, IndexedBase) and n != node.base)
        return [n[node.indices] for n in sorted(others, key=str) if n.label.is_Symbol]
    if isinstance(node, Symbol) and node in names and not node.is_integer:
        others = (
            n for n in names if isinstance(n, Symbol) and not n.is_integer and n != node
        )
        return sorted(others, key=str)
    return []


def _laws(node: Basic, names: set[Basic]) -> Iterable[Basic]:
    if isinstance(node, E) and isinstance(node.law, Normal):
        drawn, mean, sigma = node.law.args
        wider = sigma**2 if not isinstance(sigma, IndexedBase) and sigma != 1 else S(2)
        return [
            E(node.body, Normal(drawn, S.Zero if mean != 0 else S.One, sigma)),
            E(node.body, Normal(drawn, mean, wider)),
        ]
    return []


def _ranges(node: Basic, names: set[Basic]) -> Iterable[Basic]:
    if isinstance(node, Sum) and len(node.limits) == 1:
        index, lower, upper = node.limits[0]
        return [
            Sum(node.function, (index, lower, upper - 1)),
            Sum(node.function, (index, 2, upper)),
            node.function.subs(index, 1),
        ]
    if isinstance(node, Derivative):
        return [node.expr, 2 * node]
    return []


def _numbers(node: Basic, names: set[Basic]) -> Iterable[Basic]:
    return [-node, node + 1] if isinstance(node, Number) and node.is_finite else []


OPERATORS: dict[str, Operator] = {
    "sign": _signs,
    "factor": _factors,
    "exponent": _exponents,
    "dropped": _dropped,
    "function": _functions,
    "name": _names,
    "law": _laws,
    "range": _ranges,
    "number": _numbers,
}


INFINITE = (S.Infinity, S.NegativeInfinity)


def mutants(derivation: Derivation) -> Iterator[tuple[str, Basic, Step]]:
    """(operator, the line above, the step with its line changed), each line once."""
    for above, step in zip(derivation.steps, derivation.steps[1:], strict=False):
        seen = {step.expression}
        names = free_names(step.expression) | free_names(above.expression)
        for operator, change in OPERATORS.items():
            for wrong in changes(step.expression, change, names):
                if wrong in seen or not another(wrong, step.expression):
                    continue
                seen.add(wrong)
                yield operator, above.expression, replace(step, expression=wrong)


def without_a_rule(derivation: Derivation) -> Iterator[tuple[str, Basic, Step]]:
    """(the rule, the line above, the step without the rule), for each rule cited."""
    for above, step in zip(derivation.steps, derivation.steps[1:], strict=False):
        for lost in step.rules:
            kept = tuple(rule for rule in step.rules if rule is not lost)
            yield lost.name, above.expression, replace(step, rules=kept)


def changes(node: Basic, change: Operator, names: set[Basic]) -> Iterator[Basic]:
    """The expression with one place changed, for each place and each change."""
    yield from (c for c in change(node, names) if isinstance(c, Basic))
    if isinstance(node, Indexed | IndexedBase | Symbol | KroneckerDelta | Piecewise):
        return
    binds = isinstance(node, Sum | Product | Integral | Derivative | Subs | Limit | E)
    for position, argument in enumerate(node.args):
        if position and binds:
            break  # ranges, variables and laws have operators of their own
        for wrong in changes(argument, change, names):
            arguments = list(node.args)
            arguments[position] = wrong
            try:
                yield node.func(*arguments)
            except TypeError:  # SymPy compares nothing that is not real
                continue


def another(wrong: Basic, line: Basic) -> bool:
    """Whether the changed line has a meaning and is not the same by arithmetic."""
    if wrong.has(S.NaN, S.ComplexInfinity, S.ImaginaryUnit):
        return False
    if wrong.has(*INFINITE) and not line.has(*INFINITE):
        return False
    if not (isinstance(wrong, Expr) and isinstance(line, Expr)):
        return type(wrong) is not bool and wrong not in (S.true, S.false)
    try:
        return bool(normal(wrong) != normal(line))
    except Undefined:
        return False
