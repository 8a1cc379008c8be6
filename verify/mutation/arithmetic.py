"""Wrong computations of a right expression: clamps, floors, precision, gradients.

As `operators`, with marks in the expression; see `marks`.
"""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Integer, Rational, S, exp, log

from derivations.functions import phi, psi, sigmoid, softplus
from verify.mutation import marks
from verify.mutation.operators import About, Changes, Operator, addends, instead, places

FUNCTIONS = (exp, log, sigmoid, softplus, phi, psi)
BOUNDS = tuple(map(Integer, (5, 10, 20, 30, 50)))
FLOORS = tuple(Rational(1, 10**n) for n in (1, 3, 6, 9, 11))
TINY = tuple(Rational(1, 10**n) for n in (3, 6, 8, 12))
FACTORS = (S.NegativeOne, Integer(2), Rational(1, 2))
SLIGHT = tuple(Rational(1, 10**n) for n in (3, 6, 9, 12))
NEAR = Rational(1, 1000)
OF_FLOAT32 = Rational(1, 2**24)  # half a unit of 1: below it, float32 loses something


def _put(term: Expr, old: Expr, mark: Expr) -> Iterator[tuple[str, Expr]]:
    """The term with the mark where the old one stood."""
    yield mark.words, term.xreplace({old: mark})


def _clamps(term: Expr, about: About) -> Changes:
    for one in about.symbols:
        if one.is_positive:
            for bound in TINY:
                yield from _put(term, one, marks.at_least(one, bound))
                yield from _put(term, one, marks.below(one, 1 / bound))
        elif one.name == "target":
            for bound in TINY:
                yield from _put(term, one, marks.at_least(one, bound))
                yield from _put(term, one, marks.below(one, 1 - bound))
        else:
            for bound in BOUNDS:
                yield from _put(term, one, marks.at_least(one, -bound))
                yield from _put(term, one, marks.below(one, bound))
            inside = marks.clamped_through(one, -BOUNDS[1], BOUNDS[1])
            yield from _put(term, one, inside)
    for node in places(term, log):
        for bound in TINY:
            if not node.args[0].is_number:
                inside = marks.at_least(node.args[0], bound)
                yield from _put(term, node.args[0], inside)
        yield from _put(term, node, marks.at_least(node, Integer(-100)))
    for node in places(term, exp):
        for bound in BOUNDS[1::2]:
            inside = marks.below(node.args[0], bound)
            yield inside.words, term.xreplace({node: exp(inside)})
    for bound in (Integer(10), Integer(30), Integer(60)):
        if about.sign >= 0:
            yield from _put(term, term, marks.below(term, bound))
        if about.sign <= 0:
            yield from _put(term, term, marks.at_least(term, -bound))


def _floors(term: Expr, about: About) -> Changes:
    for floor in [floor for floor in FLOORS if floor >= 10 * about.smallest]:
        if about.sign < 0:
            yield from _put(term, term, marks.below(term, -floor))
        else:
            yield from _put(term, term, marks.at_least(term, floor))
        for node in places(term, exp, sigmoid, softplus, phi, psi):
            yield from _put(term, node, marks.at_least(node, floor))


def _precision(*kinds: type[marks.Mark]) -> Operator:
    def operator(term: Expr, about: About) -> Changes:
        for kind in kinds if about.smallest < OF_FLOAT32 else kinds[1:]:
            yield from _put(term, term, kind(term))
            for part in (*about.symbols, *places(term, *FUNCTIONS)):
                if part != term and part.free_symbols:
                    yield from _put(term, part, kind(part))

    return operator


def _gradients(term: Expr, about: About) -> Changes:
    yield from _put(term, term, marks.detached(term))
    slight = (1 + size for size in SLIGHT if size >= about.smallest)
    factors = (*FACTORS, *slight)
    for factor in factors:
        yield from _put(term, term, marks.scaled(term, factor))
    for part in addends(term):
        if part != term and part.free_symbols:
            new = marks.detached(part)
            yield new.words, instead(term, part, new)
    for one in about.symbols:
        yield from _put(term, one, marks.detached(one))
        for factor in factors:
            yield from _put(term, one, marks.scaled(one, factor))
        if one.name not in ("target", "logits", "real_logits", "fake_logits"):
            for size in (1, 10, 1000):
                yield from _put(term, one, marks.clipped(one, Integer(size)))


def _branches(term: Expr, about: About) -> Changes:
    far = BOUNDS[1] if about.smallest > NEAR**3 else BOUNDS[2]
    for one in about.symbols:
        for factor in (S.Zero, Integer(2), 1 + NEAR):
            if one.is_positive:
                yield from _put(term, one, marks.scaled_below(one, factor, NEAR))
                yield from _put(term, one, marks.scaled_above(one, factor, 1 / NEAR))
                near = marks.scaled_within(one, factor, S.One, NEAR)
                yield from _put(term, one, near)
                continue
            if one.name == "target":
                half = marks.scaled_below(one, factor, S.Half)
                yield from _put(term, one, half)
                continue
            yield from _put(term, one, marks.scaled_below(one, factor, S.Zero))
            yield from _put(term, one, marks.scaled_above(one, factor, S.Zero))
            if factor != 1 + NEAR:
                yield from _put(term, one, marks.scaled_below(one, factor, -BOUNDS[1]))
                yield from _put(term, one, marks.scaled_above(one, factor, far))
            if "log" in one.name and "logits" not in one.name:
                near = marks.scaled_within(one, factor, S.Zero, NEAR)
                yield from _put(term, one, near)


def _seconds(term: Expr, about: About) -> Changes:
    for one in about.symbols:
        for factor in (S.Zero, Integer(2), S.NegativeOne, 1 + Rational(1, 10**6)):
            yield from _put(term, one, marks.curved(one, factor))
        if one.is_positive:
            yield from _put(term, one, marks.curved_below(one, S.Zero, NEAR))
            yield from _put(term, one, marks.curved_within(one, S.Zero, S.One, NEAR))
        elif one.name != "target":
            yield from _put(term, one, marks.curved_below(one, S.Zero, S.Zero))
            yield from _put(term, one, marks.curved_within(one, S.Zero, S.Zero, NEAR))


OPERATORS: dict[str, Operator] = {
    "clamp": _clamps,
    "floor": _floors,
    "precision": _precision(marks.in_float32, marks.in_float16, marks.in_bfloat16),
    "gradient": _gradients,
    "branch": _branches,
    "curvature": _seconds,
}
"""By class, as in `operators`."""
