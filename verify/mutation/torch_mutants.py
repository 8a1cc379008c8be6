"""Mutants of a subject: wrong terms, wrong reductions, wrong conduct."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sympy import S
from torch import Tensor

from verify.losses.convention import Convention
from verify.mutation import arithmetic, operators
from verify.mutation.mutant import Mutant, Terms
from verify.mutation.subjects import Subject
from verify.mutation.torch_conduct import CONDUCT, UNSEEN
from verify.mutation.torch_lowered import lowered
from verify.mutation.torch_reductions import RIGHT, WRONG, each, summed

EXPRESSIONS = {**operators.OPERATORS, **arithmetic.OPERATORS}
REDUCED = ("axis", "reduction")
CONDUCTS = tuple(dict.fromkeys(kind for kind, *_ in CONDUCT))
KINDS = (*EXPRESSIONS, *REDUCED, *CONDUCTS)
"""The classes that are made by machine."""
UNDEFINED = (S.NaN, S.ComplexInfinity, S.ImaginaryUnit, S.Infinity)


def loss(
    convention: Convention,
    terms: Terms,
    reduce: Callable[[Sequence[Tensor]], Any] | None = None,
) -> Callable[..., Any]:
    """The torch function that reduces these terms; by the convention's reduction."""
    reduced = reduce or RIGHT[convention.reduction]
    words = convention.inputs
    parts = []
    for part, term in zip(convention.loss.parts, terms, strict=True):
        first = words.index(convention.word(part.roles[0]))
        parts.append((first, lowered(words, term)))

    def function(*given: Tensor) -> Any:
        return reduced([part(given[first], *given) for first, part in parts])

    return function


def of(subject: Subject, kind: str) -> Iterator[Mutant]:
    """The mutants of one class, in one order, none of the same terms twice."""
    made = _terms(subject, kind) if kind in EXPRESSIONS else _made(subject, kind)
    for number, (words, make, change) in enumerate(made, start=1):
        name = f"{subject.name}/{kind}/{number}"
        said = subject.convention
        yield Mutant(name, kind, words, said, subject.dtype, make, change)


def right(subject: Subject, kind: str) -> Mutant:
    """The subject itself, unchanged: what no method may refute."""
    said, terms = subject.convention, subject.terms

    def make() -> Callable[..., Any]:
        return loss(said, terms)

    name, words = f"{subject.name}/{kind}", "unchanged"
    return Mutant(name, kind, words, said, subject.dtype, make, (terms, terms))


Made = Iterator[
    tuple[str, Callable[[], Callable[..., Any]], tuple[Terms, Terms] | None]
]


def _terms(subject: Subject, kind: str) -> Made:
    said, terms = subject.convention, subject.terms
    for place, term in enumerate(terms):
        seen = {term}
        about = subject.about(place)
        for words, wrong in EXPRESSIONS[kind](term, about):
            if wrong in seen or wrong.has(*UNDEFINED):
                continue
            seen.add(wrong)
            changed = (*terms[:place], wrong, *terms[place + 1 :])
            of_part = f" in the term of {about.symbols[0]}" if len(terms) > 1 else ""

            def make(changed: Terms = changed) -> Callable[..., Any]:
                return loss(said, changed)

            yield words + of_part, make, (terms, changed)


def _made(subject: Subject, kind: str) -> Made:
    said, terms = subject.convention, subject.terms
    way = each if said.reduction == "none" else summed
    for of_kind, words, wrong in WRONG[said.reduction] if kind in REDUCED else ():
        if of_kind == kind:

            def reduced(wrong: Callable = wrong) -> Callable[..., Any]:
                return loss(said, terms, way(wrong))

            yield words, reduced, None
    for of_kind, words, around in CONDUCT:
        if of_kind == kind and (said.reduction, words) not in UNSEEN:

            def make(around: Callable = around) -> Callable[..., Any]:
                return around(loss(said, terms))

            yield words, make, None
