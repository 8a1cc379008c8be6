"""What makes a line of a chain well formed: each name has one meaning and one range."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from sympy import Basic, Eq, Expr, Indexed, IndexedBase, Product, Sum
from sympy.core.function import AppliedUndef

from derivations.rules.rule import Rule
from derivations.scope import bound_names, free_names

if TYPE_CHECKING:
    from derivations.line import Step


def ill_formed(
    line: Basic, rules: Sequence[Rule], above: Sequence[Step]
) -> Iterator[str]:
    """What is wrong with the form of a line below the lines `above`, a message each."""
    yield from _names(line, rules, above)
    lines = [step.expression for step in above] + [line]
    yield from _indices(line)
    yield from _ranges(lines)
    cited = [rule for step in above for rule in step.rules] + list(rules)
    yield from _meanings(cited)


def _names(line: Basic, rules: Sequence[Rule], above: Sequence[Step]) -> Iterator[str]:
    known = set().union(*(free_names(step.expression) for step in above))
    bound = set().union(
        bound_names(line), *(bound_names(step.expression) for step in above)
    )
    brought = {n for rule in rules for i in rule.introduces for n in free_names(i)}
    for name in sorted(free_names(line) - known - brought, key=str):
        if name in bound:
            yield f"{name} stands outside the sum or the expectation that binds it"
        elif above:
            where = "it is in no line above, and no rule brings it in"
            yield f"{name} appears from nowhere: {where}"


def _indices(line: Basic) -> Iterator[str]:
    """An index must not be declared to be more than its range."""
    for total in line.atoms(Sum, Product):
        for index, lower, *_ in (limit for limit in total.limits if len(limit) == 3):
            if index.is_positive and not lower.is_positive:
                yield f"{index} is declared positive, and {total} runs it from {lower}"
            if index.is_integer is False:
                yield f"{index} is declared to be no integer, and {total} sums over it"


def _ranges(lines: Sequence[Basic]) -> Iterator[str]:
    """All sums over the coordinates of one base keep within one dimension."""
    uppers: dict[IndexedBase, set[Expr]] = {}
    for total in (t for line in lines for t in line.atoms(Sum, Product)):
        for index, _, upper in (limit for limit in total.limits if len(limit) == 3):
            for base in {a.base for a in total.atoms(Indexed) if a.indices == (index,)}:
                uppers.setdefault(base, set()).add(upper)
    for base, found in sorted(uppers.items(), key=str):
        dimensions = [base.shape[0]] if base.shape else sorted(found, key=str)
        if not any(all((d - u).is_nonnegative for u in found) for d in dimensions):
            shown = " and to ".join(map(str, sorted(found, key=str)))
            yield f"the coordinates of {base} run to {shown}; give {base} one dimension"


def _meanings(cited: Sequence[Rule]) -> Iterator[str]:
    """Substitutions and definitions of one chain must hold together."""
    bindings: dict[Basic, Expr] = {}
    functions: dict[Basic, Eq] = {}
    for rule in cited:
        for key, value in rule.bindings.items():
            if bindings.setdefault(key, value) != value:
                yield f"{key} is {bindings[key]} in one step and {value} in another"
        for equation in (e for e in rule.introduces if isinstance(e, Eq)):
            if not isinstance(equation.lhs, AppliedUndef):
                continue
            defined = equation.lhs.func
            if functions.setdefault(defined, equation) != equation:
                yield f"{defined} is defined twice: {functions[defined]}"
    yield from _circles(bindings)


def _circles(bindings: Mapping[Basic, Expr]) -> Iterator[str]:
    named = {k.base if isinstance(k, Indexed) else k: v for k, v in bindings.items()}
    for start in sorted(named, key=str):
        reached: set[Basic] = set()
        front = {start}
        while front:
            front = (
                set().union(*(free_names(named[n]) for n in front))
                & set(named) - reached
            )
            reached |= front
        if start in reached:
            yield f"the substitutions for {start} go in a circle"
