"""Wrong expressions, made from a right one by a change of what it says.

An operator takes the term of one coordinate and what is known of it, and yields each
wrong term with words for what was done. The changes of one place are those of
`verify.mutants`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sympy import Add, Expr, Number, Rational, Symbol, log

from derivations.functions import psi, sigmoid
from verify import mutants

Changes = Iterator[tuple[str, Expr]]


@dataclass(frozen=True)
class About:
    """What is known of a term beside its expression.

    symbols   its arguments
    sign      1 if it is never negative, -1 if never positive, 0 if it has either sign
    smallest  relative error that its dtype can show
    """

    symbols: tuple[Symbol, ...]
    sign: int
    smallest: Rational


Operator = Callable[[Expr, About], Changes]

EPSILONS = tuple(Rational(1, 10**n) for n in range(3, 13))
RELATIVE = tuple(Rational(1, 10**n) for n in range(1, 13))


def small(number: Rational) -> str:
    """A power of ten as one writes it: 1e-9."""
    return f"{float(number):.3g}"


def places(term: Expr, *heads: type) -> list[Expr]:
    """The functions of these kinds that stand in the term, always in one order."""
    return sorted(term.atoms(*heads), key=str)


def addends(term: Expr) -> tuple[Expr, ...]:
    """What is added up, as SymPy orders it for a reader."""
    return tuple(term.as_ordered_terms())


def instead(term: Expr, old: Expr, new: Expr) -> Expr:
    """The sum with another addend."""
    return Add(*(new if part == old else part for part in addends(term)))


def _by(*names: str) -> Operator:
    """The changes of one place that `verify.mutants` has under these names."""

    def operator(term: Expr, about: About) -> Changes:
        for name in names:
            for wrong in mutants.changes(
                term, mutants.OPERATORS[name], {*term.free_symbols}
            ):
                yield str(wrong), wrong

    return operator


def _signs(term: Expr, about: About) -> Changes:
    yield f"the whole negated: {-term}", -term
    yield from _by("sign")(term, about)


def _coefficients(term: Expr, about: About) -> Changes:
    for factor in (Rational(2), Rational(1, 2), Rational(3)):
        yield f"{factor} times the whole", factor * term
    yield from _by("factor")(term, about)


def _numbers(term: Expr, about: About) -> Changes:
    """1 more, and the other sign, for every number that stands in it."""
    for number in places(term, Number):
        for other in (number + 1, -number):
            yield f"{other} for {number}", term.xreplace({number: other})


def _doubled(term: Expr, about: About) -> Changes:
    for part in addends(term):
        yield f"{part} twice", term + part


def _dropped(term: Expr, about: About) -> Changes:
    for part in addends(term):
        yield f"without {part}", term - part
    yield from _by("dropped")(term, about)


def _functions(term: Expr, about: About) -> Changes:
    for words, wrong in _by("function")(term, about):
        if not _other_base(wrong) or _other_base(term):
            yield words, wrong


def _other_base(term: Expr) -> bool:
    return any(log(base) in term.atoms(log) for base in (2, 10))


def _bases(term: Expr, about: About) -> Changes:
    for node in places(term, log, psi):
        for base in (2, 10):
            inside = node.args[0]
            of = log(inside) / log(base)
            new = of if isinstance(node, log) else inside - 1 - of
            yield f"log{base}({inside})", term.xreplace({node: new})


def _orders(term: Expr, about: About) -> Changes:
    yield from _by("name")(term, about)
    for place, one in enumerate(about.symbols):
        for other in about.symbols[place + 1 :]:
            swapped = term.xreplace({one: other, other: one})
            yield f"{one} and {other} exchanged", swapped


def _epsilons(term: Expr, about: About) -> Changes:
    for node in places(term, log):
        inside = node.args[0]
        if inside.is_number:
            continue
        for epsilon in EPSILONS:
            wrong = term.xreplace({node: log(inside + epsilon)})
            yield f"log({inside} + {small(epsilon)})", wrong
    for one in about.symbols:
        if one.is_positive:
            for epsilon in EPSILONS[::3]:
                yield f"{one} + {small(epsilon)}", term.xreplace({one: one + epsilon})
    for node in places(term, sigmoid):
        for epsilon in EPSILONS[::3]:
            wrong = term.xreplace({node: (1 - 2 * epsilon) * node + epsilon})
            yield f"{node} moved into [{small(epsilon)}, 1 - ...]", wrong


def _relative(term: Expr, about: About) -> Changes:
    for size in [size for size in RELATIVE if size >= about.smallest]:
        yield f"the whole times 1 + {small(size)}", (1 + size) * term
        for part in addends(term):
            if part != term:
                wrong = instead(term, part, (1 + size) * part)
                yield f"{part} times 1 + {small(size)}", wrong


OPERATORS: dict[str, Operator] = {
    "sign": _signs,
    "doubled term": _doubled,
    "coefficient": lambda t, a: (
        change for made in (_coefficients(t, a), _numbers(t, a)) for change in made
    ),
    "exponent": _by("exponent"),
    "dropped term": _dropped,
    "log base": _bases,
    "function": _functions,
    "argument order": _orders,
    "epsilon": _epsilons,
    "relative error": _relative,
}
"""By class; a term that two classes make belongs to the first."""
