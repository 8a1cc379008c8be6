"""A derivation: a chain of lines, each with the rules that make it from the one above.

A derivation is written as a generator function. The first `yield` states an expression,
every further one claims that the line above equals it, or is at most it, and names why
(a line may be a relation too; then the claim is that both hold or neither):

    @derivation
    def second_moment():
        yield E(z**2, Normal(z, mean, sigma))
        yield mean**2 + sigma**2, rules.moments

Writing a chain checks nothing but its form: whether it is true, `verify` says.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property
from itertools import pairwise
from types import GeneratorType

from sympy import latex

from derivations.hypotheses import Hypothesis, of_symbols
from derivations.laws import Law
from derivations.line import DerivationError, Line, Place, Step, read
from derivations.rules.lemma import Lemma
from derivations.rules.rule import owed
from derivations.scope import Name, free_names
from derivations.values import at_values
from derivations.well_formed import ill_formed

Chain = Callable[[], Iterator[object]]  # a generator function without arguments
_collecting: ContextVar[tuple[list[Derivation], ...]] = ContextVar(
    "collecting", default=()
)


class Derivation:
    """The chain that a generator function yields, run when it is first looked at."""

    def __init__(self, chain: Chain, name: str, doc: str) -> None:
        self._chain = chain
        self.name = name
        self.__name__ = name
        self.__doc__ = doc
        self.file = inspect.getsourcefile(chain) or chain.__code__.co_filename
        self.line = chain.__code__.co_firstlineno

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The lines, the first included; raises DerivationError if one has no form."""
        return tuple(_read(self, self._chain()))

    @property
    def lhs(self) -> Line:
        """The first line."""
        return self.steps[0].expression

    @property
    def rhs(self) -> Line:
        """The last line: the result."""
        return self.steps[-1].expression

    @property
    def relation(self) -> str:
        """How the first line stands to the last: "=" or "<="."""
        return "<=" if any(s.relation == "<=" for s in self.steps) else "="

    @cached_property
    def hypotheses(self) -> tuple[Hypothesis, ...]:
        """What the result rests on: signs of symbols, and what the rules left owed."""
        found = list(of_symbols(self._names))
        for before, step in pairwise(self.steps):
            found += owed(before.expression, step.expression, step.rules)
        for cited in self.lemmas:
            found += [h for h in cited.hypotheses if h.rule != "symbols"]
            found += of_symbols(cited._names - set(cited.symbols.values()))
        return tuple(dict.fromkeys(found))

    @property
    def _names(self) -> set[Name]:
        """What the lines take from outside, and what they draw from unknown laws."""
        lines = [step.expression for step in self.steps]
        unknown = (law for line in lines for law in line.atoms(Law) if law.func is Law)
        drawn = {law.variable for law in unknown}
        return drawn.union(*(free_names(line) for line in lines))

    @property
    def lemmas(self) -> tuple[Derivation, ...]:
        """The derivations that the steps cite."""
        cited = (d for step in self.steps for rule in step.rules for d in rule.lemmas)
        return tuple(dict.fromkeys(cited))

    @property
    def symbols(self) -> Mapping[str, Name]:
        """The free symbols, bases and functions of the result, by name."""
        names = free_names(self.lhs) | free_names(self.rhs)
        return {str(n): n for n in sorted(names, key=str)}

    def at(self, **values: object) -> Line:
        """The result at values, for instance `.at(k=3)`: its sums are written out.

        An indexed symbol takes a sequence: `.at(k=2, mu=(0, 1), sigma=(1, 2))`, or an
        array of one axis, with a number for each coordinate.
        Raises KeyError for a name that the result does not have; TypeError for a number
        where a sequence is needed, or the reverse; ValueError for a sequence of another
        length than the sums over it, or where their length is not given, and for a
        value that is not what the symbol is declared to be.
        """
        for name in values:
            if name not in self.symbols:
                known = ", ".join(self.symbols)
                raise KeyError(f"{self.name} has no symbol {name}; it has {known}")
        return at_values(self.rhs, self.symbols, values)

    def latex(self) -> str:
        """The chain as an `align*` environment that compiles with amsmath."""
        from derivations.printing import chain_latex

        return chain_latex(self)

    def _repr_latex_(self) -> str:
        sign = r"\le" if self.relation == "<=" else "="
        return f"$\\displaystyle {latex(self.lhs)} {sign} {latex(self.rhs)}$"

    def __repr__(self) -> str:
        return f"<derivation {self.name}: {self.lhs} {self.relation} {self.rhs}>"


def derivation(chain: Chain) -> Derivation:
    """A generator function as a derivation; its docstring says what is shown.

    Raises TypeError for something that is not a generator function without arguments.
    """
    if not inspect.isgeneratorfunction(chain):
        raise TypeError(
            f"@derivation needs a generator function (one that yields), got {chain!r}"
        )
    if inspect.signature(chain).parameters:
        raise TypeError(
            f"@derivation needs a function without arguments: {chain.__name__}"
        )
    made = Derivation(chain, chain.__name__, inspect.getdoc(chain) or "")
    for found in _collecting.get():
        found.append(made)
    return made


@contextmanager
def collected() -> Iterator[list[Derivation]]:
    """The derivations made inside the block, those included that lose their name."""
    found: list[Derivation] = []
    token = _collecting.set((*_collecting.get(), found))
    try:
        yield found
    finally:
        _collecting.reset(token)


def _read(owner: Derivation, lines: Iterator[object]) -> Iterator[Step]:
    """The steps of a running generator; what has no form is said with its place."""
    above: list[Step] = []
    for said in lines:
        frame = lines.gi_frame if isinstance(lines, GeneratorType) else None
        place = Place(owner.file, frame.f_lineno if frame else owner.line)
        parts = said if isinstance(said, tuple) else (said,)
        cited = (Lemma(p) if isinstance(p, Derivation) else p for p in parts)
        step = read(tuple(cited), above, place)
        for message in ill_formed(step.expression, step.rules, above):
            raise place.fault(message)
        above.append(step)
        yield step
    if not above:
        raise DerivationError(owner.file, owner.line, f"{owner.name} yields no line")
