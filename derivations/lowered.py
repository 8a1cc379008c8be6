"""A derivation that can be called: its last line as a function of arrays.

`lower(chain, arguments={"mu": mu, "sigma": sigma}, axis=k)` takes the chain's result as
it stands. A sum to `axis` becomes a sum over the last axis of the arrays, an
expectation the mean over all that is given; what stands under them is the function's
terms. The arrays choose the framework. Derivatives are those of the chains given as
`gradient` and `hessian`, or SymPy's derivatives of the result.

Lowering trusts the chain: whether it is true, `verify` says, of all in `derivations`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from keyword import iskeyword
from types import ModuleType
from typing import Any, TypeAlias
from weakref import WeakValueDictionary

from sympy import (
    Add,
    Basic,
    Expr,
    Indexed,
    IndexedBase,
    KroneckerDelta,
    Mul,
    S,
    Sum,
    Symbol,
)

from derivations.backends.arguments import backend, backend_of
from derivations.backends.emitter import LoweringError
from derivations.backends.smooth import Order, Smooth
from derivations.chain import Derivation
from derivations.expectation import E

Array = Any
BY_KEY: WeakValueDictionary[str, Any] = WeakValueDictionary()
"""Every lowered derivation by its `key`, which a tracer takes for a constant."""
_keys = count()
Meaning: TypeAlias = Expr | IndexedBase | tuple[Expr | IndexedBase, ...]


def keyed(computing: Any) -> str:
    """A key for an object with a method `computed`, under which a tracer finds it."""
    key = f"{computing.name}, {next(_keys)}"  # a number may become a symbol
    BY_KEY[key] = computing
    return key


@dataclass(frozen=True)
class Part:
    """One sum or mean of the result.

    reduction   "sum" over the last axis, "mean" over everything, or "none"
    places      which of the function's arguments its terms depend on
    terms       the terms, as a function of these
    """

    reduction: str
    places: tuple[int, ...]
    terms: Smooth


class Lowered(Derivation):
    """A derivation with its arguments declared, to be called with arrays.

    Raises LoweringError at the first call if the result is not made of sums to `axis`,
    of expectations, and of functions that the backends have.
    """

    def __init__(
        self,
        chain: Derivation,
        arguments: Mapping[str, Meaning],
        axis: Symbol | None,
        gradient: Mapping[str, Derivation],
        hessian: Mapping[tuple[str, str], Derivation],
    ) -> None:
        super().__init__(chain._chain, chain.name, chain.__doc__ or "")
        self.file, self.line = chain.file, chain.line
        self.chain, self.arguments, self.axis = chain, tuple(arguments), axis
        self.called = ""  # the name that errors give, if another than the chain's
        self._meanings = {n: meanings_of(n, m) for n, m in arguments.items()}
        self._gradient, self._hessian = dict(gradient), dict(hessian)
        for name in {*gradient, *(n for pair in hessian for n in pair)} - {*arguments}:
            known = ", ".join(arguments)
            raise LoweringError(f"{chain.name} has no argument {name}; it has {known}")
        self.key = keyed(self)

    @property
    def derivations(self) -> tuple[Derivation, ...]:
        """All chains that are computed from: the value's, and the derivatives'."""
        return (self.chain, *self._gradient.values(), *self._hessian.values())

    def __call__(self, *arrays: Array, **named: Array) -> Array:
        """The value: sums over the last axis, means over everything."""
        return self._apply("value", arrays, named)

    def terms(self, *arrays: Array, **named: Array) -> Array:
        """What is summed or averaged, elementwise; a tuple if there are several."""
        return self._apply("terms", arrays, named)

    def gradient(self, *arrays: Array, **named: Array) -> tuple[Array, ...]:
        """The derivative of the value in every argument, in their order.

        Each has the shape that the arguments broadcast to.
        """
        return self._apply("gradient", arrays, named)

    def source(self, framework: str = "numpy") -> str:
        """The generated functions as Python: the terms, and their derivatives.

        They take a kit, which has the framework's functions and the atoms, then arrays
        of the kit's dtype. Raises ValueError for an unknown framework.
        """
        backend(framework)
        head = (
            f"from derivations.backends.{framework}_backend import KITS\n\n"
            'kit = KITS["float64"]\n'
        )
        return "\n\n".join((head, *self.functions))

    @property
    def functions(self) -> tuple[str, ...]:
        """The source of every function that is generated."""
        found: dict[str, None] = {}
        for part in self.parts:
            for function in (part.terms, *part.terms.partials):
                for derived in (function, *(function.partials if function else ())):
                    if derived is not None:
                        found[derived.source()] = None
        return tuple(found)

    def _apply(self, what: str, arrays: tuple, named: Mapping[str, Array]) -> Array:
        given = self._bound(arrays, named)
        return backend_of(self.called or self.name, given).call(self, what, given)

    def _bound(self, arrays: tuple, named: Mapping[str, Array]) -> dict[str, Array]:
        if len(arrays) > len(self.arguments):
            raise TypeError(f"{self._needs()}, got {len(arrays)} arrays")
        given = dict(zip(self.arguments, arrays, strict=False))
        for name, value in named.items():
            if name not in self.arguments:
                raise TypeError(f"{self._needs()}, got {name}")
            if name in given:
                raise TypeError(f"{self.called or self.name} got {name} twice")
            given[name] = value
        if missing := [n for n in self.arguments if n not in given]:
            raise TypeError(f"{self._needs()}; {', '.join(missing)} is missing")
        return {name: given[name] for name in self.arguments}

    def _needs(self) -> str:
        return f"{self.called or self.name} needs {', '.join(self.arguments)}"

    def computed(self, on: ModuleType, what: str, given: Mapping[str, Array]) -> Array:
        """The value, the terms or the gradient, on a backend; see the methods."""
        names = self.arguments
        found: list[Array] = []
        slopes: dict[int, Array] = {}
        for part in self.parts:
            arrays = on.common(
                self.called or self.name,
                {names[n]: given[names[n]] for n in part.places},
            )
            if part.reduction == "mean" and what != "terms":
                self._count(arrays[0])
            if what == "gradient":
                slopes.update(self._slopes(on, part, arrays))
                continue
            terms = on.evaluate(part.terms, arrays)
            reduce = {"sum": on.total, "mean": on.mean}.get(part.reduction)
            found.append(terms if what == "terms" or not reduce else reduce(terms))
        if what == "gradient":
            return tuple(slopes[n] for n in range(len(names)))
        if what == "terms":
            return found[0] if len(found) == 1 else tuple(found)
        total = found[0]
        for more in found[1:]:
            total = total + more
        return total

    def _slopes(
        self, on: ModuleType, part: Part, arrays: list[Array]
    ) -> dict[int, Array]:
        found = {}
        for number, place in enumerate(part.places):
            slope = part.terms.partial(number)
            value = on.zeros(arrays) if slope is None else on.evaluate(slope, arrays)
            if slope is not None and slope.expression.is_Symbol:
                value = on.copied(value)  # what was given is not given back
            if part.reduction == "mean":
                value = on.share(value, self._count(arrays[0]))
            found[place] = value
        return found

    def _count(self, array: Array) -> int:
        count = 1
        for size in array.shape:
            count *= size
        if not count:
            shape = tuple(array.shape)
            name = self.called or self.name
            raise ValueError(f"{name} needs at least one sample, got shape {shape}")
        return count

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The sums and means that the result is made of."""
        bodies: dict[object, Expr] = {}
        for term in Add.make_args(self.chain.rhs):
            key, body = self._reduced(term)
            bodies[key] = bodies.get(key, S.Zero) + body
        if "none" in bodies and (len(bodies) > 1 or bodies["none"].is_number):
            raise LoweringError(
                f"{self.name}: {bodies['none']} stands outside of every sum and "
                "expectation; write it inside"
            )
        return tuple(self._part(key, body) for key, body in bodies.items())

    def _reduced(self, term: Expr) -> tuple[object, Expr]:
        """How the term is reduced, and what stands under it with its coefficient."""
        whole = [f for f in Mul.make_args(term) if isinstance(f, Sum | E)]
        if len(whole) != 1:
            return "none", self._in_arrays(term, self.arguments, at=())
        (inner,) = whole
        coefficient = self._in_arrays(term / inner, self.arguments, at=())
        if isinstance(inner, E):
            body = self._in_arrays(inner.body, self.arguments, at=())
            return ("mean", inner.law), coefficient * body
        index, low, high = inner.limits[0]
        if len(inner.limits) > 1 or low != 1 or high != self.axis:
            raise LoweringError(
                f"{self.name}: {inner} is no sum to the axis {self.axis}"
            )
        body = self._in_arrays(inner.function, self.arguments, at=(index,))
        return "sum", coefficient * body

    def _part(self, key: object, expression: Expr) -> Part:
        reduction = key if isinstance(key, str) else "mean"
        symbols = tuple(self._symbols.values())
        places = tuple(n for n, s in enumerate(symbols) if s in expression.free_symbols)
        if reduction == "sum":  # a derivative may depend on arguments that it does not
            places = tuple(range(len(symbols)))
        self._check(expression, set(symbols))
        held = tuple(symbols[n] for n in places)
        name = self.name
        if reduction == "mean" and len(self.arguments) > 1:
            name = "_of_".join((name, *(s.name for s in held)))
        terms = Smooth(name, held, expression, self._known(places))
        return Part(reduction, places, terms)

    def _check(self, expression: Expr, symbols: set[Symbol]) -> None:
        if strange := expression.free_symbols - symbols:
            names = ", ".join(sorted(map(str, strange)))
            raise LoweringError(
                f"{self.name} depends on {names} too: say in `arguments` what is what"
            )

    def _known(self, places: tuple[int, ...]) -> dict[Order, Expr]:
        """The derivatives that chains give, of the part with these arguments."""
        names = [self.arguments[n] for n in places]
        chains: dict[tuple[str, ...], Derivation] = {}
        chains.update({(name,): chain for name, chain in self._gradient.items()})
        chains.update(self._hessian.items())
        known: dict[Order, Expr] = {}
        for moved, chain in chains.items():
            if set(moved) <= set(names):
                order = tuple(sorted(names.index(n) for n in moved))
                known[order] = self._in_arrays(chain.rhs, names)
                self._check(known[order], {self._symbols[n] for n in names})
        return known

    @cached_property
    def _symbols(self) -> dict[str, Symbol]:
        """One number of each array, with what is known of its sign."""
        return {
            name: Symbol(name, positive=True)
            if all(_positive(m) for m in meanings)
            else Symbol(name, real=True)
            for name, meanings in self._meanings.items()
        }

    def _in_arrays(
        self, expression: Expr, names: Sequence[str], at: tuple[Expr, ...] | None = None
    ) -> Expr:
        """The expression with one number of each named array for what it means.

        `at` is the index of the sum that it stands under, () outside of a sum. In a
        derivative (None) it is the index that the derivative is taken at: with a delta
        of two, which is 1 where the derivative is not 0, either of them.
        """
        exact: dict[Basic, Symbol] = {}
        bases: dict[Basic, Symbol] = {}
        for name in names:
            for meaning in self._meanings[name]:
                target = bases if isinstance(meaning, IndexedBase) else exact
                target[meaning] = self._symbols[name]
        changed = expression.xreplace(exact)
        found = [c for c in changed.atoms(Indexed) if c.base in bases]
        deltas = changed.atoms(KroneckerDelta)
        used = {c.indices for c in found}
        if at is None:
            pairs = [{(i,) for i in delta.args} for delta in deltas]
            fits = len(used) <= 1 or any(used <= pair for pair in pairs)
        else:
            fits = used <= {at} and not deltas
        if not fits:
            raise LoweringError(
                f"{self.name}: {expression} has other coordinates than the one that "
                "is summed: an array is known one coordinate at a time"
            )
        numbers = {coordinate: bases[coordinate.base] for coordinate in found}
        return changed.xreplace({**numbers, **dict.fromkeys(deltas, S.One)})


def meanings_of(name: str, meaning: Meaning) -> tuple[Expr | IndexedBase, ...]:
    """What an argument means in the chains; raises LoweringError if it can't be one."""
    if not name.isidentifier() or iskeyword(name) or name == "kit":
        raise LoweringError(f"an argument can not be called {name!r}")
    meanings = meaning if isinstance(meaning, tuple) else (meaning,)
    for one in meanings:
        if not isinstance(one, Expr | IndexedBase):
            raise LoweringError(
                f"{name} means {one!r}, need an IndexedBase, a symbol or an expression"
            )
    return meanings


def _positive(meaning: Expr | IndexedBase) -> bool:
    known = meaning.label if isinstance(meaning, IndexedBase) else meaning
    return bool(meaning.is_positive or known.is_positive)


def lower(
    chain: Derivation,
    *,
    arguments: Mapping[str, Meaning],
    axis: Symbol | None = None,
    gradient: Mapping[str, Derivation] | None = None,
    hessian: Mapping[tuple[str, str], Derivation] | None = None,
) -> Lowered:
    """The chain's result as a function of arrays.

    chain      its last line is what is computed, in the form in which it stands
    arguments  the function's argument names, in order: an indexed base (an array
               with the coordinates along its last axis), a symbol or an expression (a
               number a sample); a tuple if the chains below write it otherwise
    axis       the symbol to which the coordinates are summed
    gradient   chains for derivatives in an argument, in the form to compute
    hessian    chains for second derivatives, by two arguments

    The last line is computed as it stands, true or not and stable or not: whether it
    is true, `python -m verify prove` says; softplus(x) is finite at x = 800, where
    log(1 + e^x) is not. Raises TypeError for what is no derivation; LoweringError, at
    once for names, at the first call for the expression.
    """
    if not isinstance(chain, Derivation):
        raise TypeError(f"lower needs a derivation, got {type(chain).__name__} {chain}")
    return Lowered(chain, arguments, axis, gradient or {}, hessian or {})
