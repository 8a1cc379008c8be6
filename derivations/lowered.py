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
from types import ModuleType
from typing import Any, TypeAlias
from weakref import WeakValueDictionary

from sympy import Add, Basic, Expr, Indexed, IndexedBase, KroneckerDelta, S, Sum, Symbol

from derivations.backends.arguments import backend, backend_of
from derivations.backends.emitter import LoweringError
from derivations.backends.smooth import Order, Smooth
from derivations.chain import Derivation
from derivations.expectation import E

Array = Any
BY_KEY: WeakValueDictionary[int, Any] = WeakValueDictionary()
"""Every lowered derivation by its `key`, which a tracer takes for a constant."""
_keys = count()
Meaning: TypeAlias = Expr | IndexedBase | tuple[Expr | IndexedBase, ...]


def keyed(computing: Any) -> int:
    """A key for an object with a method `computed`, under which a tracer finds it."""
    key = next(_keys)
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
        self._meanings = {n: _as_tuple(m) for n, m in arguments.items()}
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
        return backend_of(self.name, given).call(self, what, given)

    def _bound(self, arrays: tuple, named: Mapping[str, Array]) -> dict[str, Array]:
        if len(arrays) > len(self.arguments):
            raise TypeError(f"{self._needs()}, got {len(arrays)} arrays")
        given = dict(zip(self.arguments, arrays, strict=False))
        for name, value in named.items():
            if name not in self.arguments:
                raise TypeError(f"{self._needs()}, got {name}")
            if name in given:
                raise TypeError(f"{self.name} got {name} twice")
            given[name] = value
        if missing := [n for n in self.arguments if n not in given]:
            raise TypeError(f"{self._needs()}; {', '.join(missing)} is missing")
        return {name: given[name] for name in self.arguments}

    def _needs(self) -> str:
        return f"{self.name} needs {', '.join(self.arguments)}"

    def computed(self, on: ModuleType, what: str, given: Mapping[str, Array]) -> Array:
        """The value, the terms or the gradient, on a backend; see the methods."""
        names = self.arguments
        found: list[Array] = []
        slopes: dict[int, Array] = {}
        for part in self.parts:
            arrays = on.common(
                self.name, {names[n]: given[names[n]] for n in part.places}
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
            if part.reduction == "mean":
                value = on.share(value, self._count(arrays[0]))
            found[place] = value
        return found

    def _count(self, array: Array) -> int:
        count = 1
        for size in array.shape:
            count *= size
        if not count:
            raise ValueError(
                f"{self.name} is a mean, and needs at least one sample, got shape "
                f"{tuple(array.shape)}"
            )
        return count

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The sums and means that the result is made of."""
        bodies: dict[object, Expr] = {}
        for term in Add.make_args(self.chain.rhs):
            key, body = self._reduced(term)
            bodies[key] = bodies.get(key, S.Zero) + body
        return tuple(self._part(key, body) for key, body in bodies.items())

    def _reduced(self, term: Expr) -> tuple[object, Expr]:
        """How the term is reduced, and what stands under it with its coefficient."""
        coefficient, inner = term.as_coeff_Mul()
        if isinstance(inner, Sum):
            ((_, low, high),) = inner.limits
            if low != 1 or high != self.axis:
                raise LoweringError(
                    f"{self.name}: {inner} is no sum to the axis {self.axis}"
                )
            return "sum", coefficient * inner.function
        if isinstance(inner, E):
            return ("mean", inner.law), coefficient * inner.body
        return "none", term

    def _part(self, key: object, body: Expr) -> Part:
        reduction = key if isinstance(key, str) else "mean"
        expression = self._in_arrays(body, self.arguments)
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

    def _in_arrays(self, expression: Expr, names: Sequence[str]) -> Expr:
        """The expression with one number of an array for each of the names.

        A delta of two coordinates is 1: what is computed is the diagonal.
        """
        exact: dict[Basic, Symbol] = {}
        bases: dict[Basic, Symbol] = {}
        for name in names:
            for meaning in self._meanings[name]:
                target = bases if isinstance(meaning, IndexedBase) else exact
                target[meaning] = self._symbols[name]
        changed = expression.xreplace(exact)
        found = {
            coordinate: bases[coordinate.base]
            for coordinate in changed.atoms(Indexed)
            if coordinate.base in bases
        }
        deltas = dict.fromkeys(changed.atoms(KroneckerDelta), S.One)
        return changed.xreplace({**found, **deltas})


def _as_tuple(meaning: Meaning) -> tuple[Expr | IndexedBase, ...]:
    return meaning if isinstance(meaning, tuple) else (meaning,)


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

    Raises LoweringError, at once for names, at the first call for the expression.
    """
    return Lowered(chain, arguments, axis, gradient or {}, hessian or {})
