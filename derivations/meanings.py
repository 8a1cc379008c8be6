"""One name, one meaning: the substitutions and definitions of a chain hold together.

A chain that puts sigma = 1 in one step and sigma = 2 in another would prove 1 = 2 of
numbers that are not there, each step of it correct. So would two functions that are
defined by each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

from sympy import Basic, Eq, Expr, Indexed
from sympy.core.function import AppliedUndef

from derivations.rules.rule import Rule
from derivations.scope import Name, free_names


def contradictions(cited: Iterable[Rule]) -> Iterator[str]:
    """What the rules say of one name that is not one thing, a message each."""
    bindings: dict[Basic, Expr] = {}
    functions: dict[Name, Eq] = {}
    for rule in _all(cited):
        for key, value in rule.bindings.items():
            if bindings.setdefault(key, value) != value:
                yield f"{key} is {bindings[key]} in one step and {value} in another"
        for equation in (e for e in rule.introduces if isinstance(e, Eq)):
            if not isinstance(equation.lhs, AppliedUndef):
                continue
            defined = equation.lhs.func
            if functions.setdefault(defined, equation) != equation:
                yield f"{defined} is defined twice: {functions[defined]}"
    yield from _coordinates(bindings)
    named: dict[Name, set[Name]] = {}
    for key, value in bindings.items():
        name = key.base if isinstance(key, Indexed) else key
        named.setdefault(name, set()).update(free_names(value))
    yield from _circles(named, "the substitutions for")
    meant = {f: free_names(e.rhs) for f, e in functions.items()}
    yield from _circles(meant, "the definitions of")


def _all(cited: Iterable[Rule]) -> Iterator[Rule]:
    """The rules, and those of the derivations that they cite."""
    for rule in cited:
        yield rule
        for derivation in rule.lemmas:
            for step in derivation.steps:
                yield from _all(step.rules)


def _coordinates(bindings: Mapping[Basic, Expr]) -> Iterator[str]:
    """sigma[i] = 1 is said of every i, and leaves nothing to say of sigma[j]."""
    coordinates = {k: v for k, v in bindings.items() if isinstance(k, Indexed)}
    for (one, value), (other, also) in combinations(coordinates.items(), 2):
        if one.base != other.base:
            continue
        (place,), (there,) = one.indices, other.indices
        if place.is_Symbol:
            same = value.xreplace({place: there}) == also
        elif there.is_Symbol:
            same = also.xreplace({there: place}) == value
        else:
            same = value == also or (place - there).is_zero is False
        if not same:
            yield f"{one} is {value} in one step and {other} is {also} in another"


def _circles(named: Mapping[Name, set[Name]], words: str) -> Iterator[str]:
    for start in sorted(named, key=str):
        reached: set[Name] = set()
        front = {start}
        while front:
            front = set().union(*(named[n] for n in front)) & set(named) - reached
            reached |= front
        if start in reached:
            yield f"{words} {start} go in a circle"
