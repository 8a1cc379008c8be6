"""What makes a line of a chain well formed: each name has one meaning and one range."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sympy import Basic, Indexed, Product, Sum

from derivations.declarations import misdeclared, two_kinds
from derivations.meanings import contradictions
from derivations.rules.rule import Rule
from derivations.scope import bound_names, free_names, ranges

if TYPE_CHECKING:
    from derivations.line import Step


def ill_formed(
    line: Basic, rules: Sequence[Rule], above: Sequence[Step]
) -> Iterator[str]:
    """What is wrong with the form of a line below the lines `above`, a message each."""
    yield from _names(line, rules, above)
    lines = [step.expression for step in above] + [line]
    yield from misdeclared(line)
    yield from two_kinds(lines)
    yield from _ranges(lines)
    yield from _first_coordinates(line)
    cited = [rule for step in above for rule in step.rules] + list(rules)
    yield from contradictions(cited)


def _names(line: Basic, rules: Sequence[Rule], above: Sequence[Step]) -> Iterator[str]:
    known = set().union(*(free_names(step.expression) for step in above))
    bound = set().union(
        bound_names(line), *(bound_names(step.expression) for step in above)
    )
    for name in sorted(free_names(line) & bound_names(line), key=str):
        yield f"{name} is bound in one place and free in another; give it two names"
    brought = {n for rule in rules for i in rule.introduces for n in free_names(i)}
    for name in sorted(free_names(line) - known - brought, key=str):
        if name in bound:
            yield f"{name} stands outside the sum or the expectation that binds it"
        elif above:
            where = "it is in no line above, and no rule cited here brings it in"
            yield f"{name} appears from nowhere: {where}"


def _first_coordinates(line: Basic) -> Iterator[str]:
    """Coordinates start at 1, in a sum and elsewhere."""
    starts = {
        index: lower
        for total in line.atoms(Sum, Product)
        for index, lower, *_ in (limit for limit in total.limits if len(limit) == 3)
    }
    for coordinate in sorted(line.atoms(Indexed), key=str):
        for index in coordinate.indices:
            first = starts.get(index, index)
            if first.is_Integer and first < 1:
                yield f"{coordinate.base}[{first}] is no coordinate: they start at 1"


def _ranges(lines: Sequence[Basic]) -> Iterator[str]:
    """All sums over the coordinates of one base keep within one dimension."""
    for base, found in sorted(ranges(*lines).items(), key=str):
        dimensions = [base.shape[0]] if base.shape else sorted(found, key=str)
        if not any(all((d - u).is_nonnegative for u in found) for d in dimensions):
            shown = " and to ".join(map(str, sorted(found, key=str)))
            yield f"the coordinates of {base} run to {shown}; give {base} one dimension"
