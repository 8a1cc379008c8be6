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
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property

from sympy import Basic, Expr, Float, S, Sum, latex, sympify
from sympy.core.sympify import SympifyError
from sympy.logic.boolalg import Boolean

from derivations.hypotheses import Hypothesis, of_symbols
from derivations.normal_form import normal
from derivations.rules.lemma import lemma
from derivations.rules.rule import Rule
from derivations.scope import Name, free_names, readable
from derivations.well_formed import ill_formed

Chain = Callable[[], Generator[object, None, None]]
_collecting: ContextVar[tuple[list[Derivation], ...]] = ContextVar(
    "collecting", default=()
)


class DerivationError(ValueError):
    """A derivation that has no form: where, what was given and what was needed."""

    def __init__(self, file: str, line: int, message: str) -> None:
        super().__init__(file, line, message)
        self.file, self.line, self.message = file, line, message

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(frozen=True)
class at_most:
    """The claim that the line above is at most `expression`."""

    expression: Expr


@dataclass(frozen=True)
class Step:
    """One line of a chain, and what makes it follow from the one above.

    relation    "=" or "<=" to the line above; "" for the first line
    quotation   the document's own line, where SymPy writes it otherwise
    produced    whether the rules made the line, rather than a person
    line        the line of the file on which the `yield` stands
    """

    expression: Expr
    relation: str
    rules: tuple[Rule, ...]
    line: int
    quotation: str = ""
    produced: bool = False


class Derivation:
    """The chain that a generator function yields, evaluated when it is first looked at."""

    def __init__(self, chain: Chain, name: str, doc: str) -> None:
        self._chain = chain
        self.name = name
        self.__name__ = name
        self.__doc__ = doc
        self.file = inspect.getsourcefile(chain) or chain.__code__.co_filename
        self.line = chain.__code__.co_firstlineno

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The lines, the first one included; raises DerivationError if one has no form."""
        return tuple(_read(self, self._chain()))

    @property
    def lhs(self) -> Expr:
        """The first line."""
        return self.steps[0].expression

    @property
    def rhs(self) -> Expr:
        """The last line: the result."""
        return self.steps[-1].expression

    @property
    def relation(self) -> str:
        """How the first line stands to the last: "=" or "<="."""
        return "<=" if any(s.relation == "<=" for s in self.steps) else "="

    @cached_property
    def hypotheses(self) -> tuple[Hypothesis, ...]:
        """What the result rests on: signs of symbols, and what the rules left owed."""
        names = set().union(*(free_names(s.expression) for s in self.steps))
        owed = list(of_symbols(names))
        for before, step in zip(self.steps, self.steps[1:], strict=False):
            for line in (before.expression, step.expression):
                for rule in step.rules:
                    owed += rule.owes(line)
                    line = rule.rewrite(line)
        inherited = [
            h for cited in self.lemmas for h in cited.hypotheses if h.rule != "symbols"
        ]
        return tuple(dict.fromkeys([*owed, *inherited]))

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

    def at(self, **values: object) -> Expr:
        """The result at the given values, for instance `.at(k=3)`: sums are written out.

        An indexed symbol takes a sequence: `.at(k=2, mu=(0, 1), sigma=(1, 2))`.
        Raises KeyError for a name that the result does not have.
        """
        scalars: dict[Basic, Expr] = {}
        vectors: dict[Basic, tuple[object, ...]] = {}
        for name, value in values.items():
            if name not in self.symbols:
                raise KeyError(
                    f"{self.name} has no symbol {name}; it has {', '.join(self.symbols)}"
                )
            if isinstance(value, tuple | list):
                vectors[self.symbols[name]] = tuple(value)
            else:
                scalars[self.symbols[name]] = sympify(value)
        result = self.rhs.subs(scalars)
        result = result.replace(lambda e: isinstance(e, Sum), lambda e: e.doit())
        coordinates = {
            base[i]: sympify(v)
            for base, row in vectors.items()
            for i, v in enumerate(row, 1)
        }
        return result.subs(coordinates)

    def latex(self) -> str:
        """The chain as an `align*` environment that compiles with amsmath."""
        from derivations.printing import chain_latex

        return chain_latex(self)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {latex(self.lhs)} {_LATEX[self.relation]} {latex(self.rhs)}$"

    def __repr__(self) -> str:
        return f"<derivation {self.name}: {self.lhs} {self.relation} {self.rhs}>"


_LATEX = {"=": "=", "<=": r"\le"}


def derivation(chain: Chain) -> Derivation:
    """The derivation that a generator function writes; its docstring says what it shows.

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
    """The derivations that are made inside the block, those included that lose their name."""
    found: list[Derivation] = []
    token = _collecting.set((*_collecting.get(), found))
    try:
        yield found
    finally:
        _collecting.reset(token)


def _read(
    owner: Derivation, lines: Generator[object, None, None]
) -> Generator[Step, None, None]:
    """The steps of a running generator; what it raises is said with its place."""
    above: list[Step] = []
    while True:
        try:
            said = next(lines)
        except StopIteration:
            break
        place = lines.gi_frame.f_lineno if lines.gi_frame else owner.line
        fault = _Fault(owner.file, place)
        step = _step(said, above, place, fault)
        for message in ill_formed(step.expression, step.rules, above):
            raise fault(message)
        above.append(step)
        yield step
    if not above:
        raise DerivationError(owner.file, owner.line, f"{owner.name} yields no line")


@dataclass(frozen=True)
class _Fault:
    file: str
    line: int

    def __call__(self, message: str) -> DerivationError:
        return DerivationError(self.file, self.line, message)


def _step(said: object, above: list[Step], line: int, fault: _Fault) -> Step:
    parts = said if isinstance(said, tuple) else (said,)
    quotation = " ".join(p for p in parts if isinstance(p, str))
    parts = tuple(p for p in parts if not isinstance(p, str))
    rules = tuple(lemma(p) if isinstance(p, Derivation) else p for p in parts)
    if parts and all(isinstance(r, Rule) for r in rules):
        if not above:
            raise fault("the first line is a rule; a chain starts with an expression")
        produced, relation = _produced(above[-1].expression, rules)
        return Step(produced, relation, rules, line, quotation, produced=True)
    if not parts:
        raise fault("yields nothing but a quotation; a line is an expression")
    claim, *cited = rules
    relation = "=" if above else ""
    if isinstance(claim, at_most):
        if not above:
            raise fault("the first line is at_most(...): there is no line above it")
        claim, relation = claim.expression, "<="
    for rule in cited:
        if not isinstance(rule, Rule):
            raise fault(
                f"cites {rule!r}, need a rule such as rules.linearity, or a derivation"
            )
    return Step(_expression(claim, fault), relation, tuple(cited), line, quotation)


def _produced(expression: Expr, rules: tuple[Rule, ...]) -> tuple[Expr, str]:
    made = expression
    for rule in rules:
        made = rule.raised(made) if rule.raises else rule.rewrite(made)
    relation = "<=" if any(rule.raises for rule in rules) else "="
    return readable(
        normal(made), expression, *(i for r in rules for i in r.introduces)
    ), relation


def _expression(claim: object, fault: _Fault) -> Expr:
    try:
        expression = sympify(claim, strict=True)
    except SympifyError:
        raise fault(f"yields {claim!r}, need a SymPy expression, or rules") from None
    if not isinstance(expression, Expr | Boolean):
        raise fault(
            f"yields {expression} of type {type(expression).__name__}, need an expression"
        )
    if expression.has(Float):
        (number, *_) = expression.atoms(Float)
        raise fault(
            f"{number} is a rounded number; write it exactly, as Rational(1, 10)"
        )
    if expression.has(S.NaN, S.ComplexInfinity):
        raise fault(f"the line is {expression}: something was divided by zero")
    return expression
