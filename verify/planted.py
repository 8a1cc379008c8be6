"""Planted errors: from every line of a chain, wrong lines made by machine.

Each operator changes one place of one line: a sign, a factor, an exponent, a dropped
term, a swapped function or name, a law, a range, a lost rule. The judges must refute
the wrong lines, and must not prove one of them unless it is truly equal after all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum

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
from derivations.functions import sigmoid, softplus
from derivations.laws import Normal
from derivations.line import Step
from derivations.normal_form import Undefined, normal
from derivations.printing import unicode_math
from derivations.scope import free_names
from verify.evidence import Verdict
from verify.judge import Judge, StepJudgement

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


AGAIN = (101, 102, 103)

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


class Fate(Enum):
    """What became of a wrong line."""

    REFUTED = "refuted"
    EQUAL = "proved equal"
    UNDEFINED = "undefined everywhere"
    STILL_A_BOUND = "a bound that agrees"
    OPEN = "neither refuted nor proved"


@dataclass(frozen=True)
class Planted:
    """One wrong line: where it came from, what was done to it, and what became of it.

    operator   the kind of the error
    reason     the witness of a refuted line; otherwise why it is not refuted
    """

    derivation: str
    line: int
    operator: str
    expression: str
    fate: Fate
    reason: str


def mutants(derivation: Derivation) -> Iterator[tuple[str, Basic, Step]]:
    """(operator, the line above, the step with its line changed), each line once."""
    for above, step in zip(derivation.steps, derivation.steps[1:], strict=False):
        seen = {step.expression}
        names = free_names(step.expression) | free_names(above.expression)
        for operator, change in OPERATORS.items():
            for wrong in _changes(step.expression, change, names):
                if wrong in seen or not _another(wrong, step.expression):
                    continue
                seen.add(wrong)
                yield operator, above.expression, replace(step, expression=wrong)


def without_a_rule(derivation: Derivation) -> Iterator[tuple[str, Basic, Step]]:
    """(the rule, the line above, the step without the rule), for each rule of each step."""
    for above, step in zip(derivation.steps, derivation.steps[1:], strict=False):
        for lost in step.rules:
            kept = tuple(rule for rule in step.rules if rule is not lost)
            yield lost.name, above.expression, replace(step, rules=kept)


def plant(
    derivation: Derivation, judge: Judge, each: int | None = None
) -> list[Planted]:
    """The fates of the wrong lines of a derivation, evenly chosen if more than `each`.

    A line that is proved although it was changed is tried again under other seeds;
    raises Conflict where a proved line is refuted.
    """
    planted = []
    made = list(mutants(derivation))
    stride = 1 if each is None else max(1, -(-len(made) // each))
    for operator, above, step in made[::stride]:
        found = judge.step(above, step)
        fate = _fate(found)
        if fate is Fate.EQUAL:
            for seed in AGAIN:
                Judge(seed=seed, seconds=judge.seconds, points=24).step(above, step)
        shown = unicode_math(step.expression)
        reason = found.witness or found.reason
        planted.append(
            Planted(derivation.name, step.line, operator, shown, fate, reason)
        )
    return planted


def _fate(found: StepJudgement) -> Fate:
    if found.verdict is Verdict.REFUTED:
        return Fate.REFUTED
    if found.verdict is Verdict.PROVED:
        return Fate.EQUAL
    compared = found.comparison
    if compared is not None and not compared.tried and compared.undefined:
        return Fate.UNDEFINED
    bound = found.step.relation == "<=" and found.verdict is Verdict.AGREES
    return Fate.STILL_A_BOUND if bound else Fate.OPEN


def counts(planted: Iterable[Planted]) -> Counter[tuple[str, Fate]]:
    """How often each kind of error met each fate."""
    return Counter((p.operator, p.fate) for p in planted)


def power(planted: Iterable[Planted]) -> float:
    """The share of the unequal lines that were refuted; lines without a value left out."""
    fates = Counter(p.fate for p in planted)
    unequal = fates[Fate.REFUTED] + fates[Fate.OPEN]
    return fates[Fate.REFUTED] / unequal if unequal else 1.0


def _changes(node: Basic, change: Operator, names: set[Basic]) -> Iterator[Basic]:
    yield from (c for c in change(node, names) if isinstance(c, Basic))
    if isinstance(node, Indexed | IndexedBase | Symbol | KroneckerDelta | Piecewise):
        return
    binds = isinstance(node, Sum | Product | Integral | Derivative | Subs | Limit | E)
    for position, argument in enumerate(node.args):
        if position and binds:
            break  # ranges, variables and laws have operators of their own
        for wrong in _changes(argument, change, names):
            arguments = list(node.args)
            arguments[position] = wrong
            yield node.func(*arguments)


def _another(wrong: Basic, line: Basic) -> bool:
    """Whether the changed line has a meaning and is not the same by arithmetic."""
    if wrong.has(S.NaN, S.ComplexInfinity, S.Infinity, S.NegativeInfinity):
        return False
    if not (isinstance(wrong, Expr) and isinstance(line, Expr)):
        return type(wrong) is not bool and wrong not in (S.true, S.false)
    try:
        return bool(normal(wrong) != normal(line))
    except Undefined:
        return False
