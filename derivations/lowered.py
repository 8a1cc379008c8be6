"""A derivation that can be called: its last line as a function of arrays.

`lower(chain, arguments={"mu": mu, "sigma": sigma}, axis=k)` takes the chain's result as
it stands. A sum to `axis` becomes a sum over the last axis of the arrays, an
expectation the mean over all that is given; what stands under them is the function's
terms. The arrays choose the framework. Derivatives are those of the chains given as
`gradient` and `hessian`, or SymPy's derivatives of the result.

Lowering trusts the chain: whether it is true, `verify` says, of all in `derivations`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import count
from math import prod
from types import ModuleType
from typing import Any
from weakref import WeakValueDictionary

from sympy import Expr, Symbol

from derivations.backends.arguments import backend, backend_of
from derivations.backends.emitter import LoweringError
from derivations.chain import Derivation
from derivations.reading import Meaning, Part, Reading, meanings_of

Array = Any
BY_KEY: WeakValueDictionary[str, Any] = WeakValueDictionary()
"""Every lowered derivation by its `key`, which a tracer takes for a constant."""
_keys = count()


def keyed(computing: Any) -> str:
    """A key for an object with a method `computed`, under which a tracer finds it."""
    key = f"{computing.name}, {next(_keys)}"  # a number may become a symbol
    BY_KEY[key] = computing
    return key


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
        self.called = chain.name  # what errors call it
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
        return backend_of(self.called, given).call(self, what, given)

    def _bound(self, arrays: tuple, named: Mapping[str, Array]) -> dict[str, Array]:
        if len(arrays) > len(self.arguments):
            raise TypeError(f"{self._needs()}, got {len(arrays)} arrays")
        given = dict(zip(self.arguments, arrays, strict=False))
        for name, value in named.items():
            if name not in self.arguments:
                raise TypeError(f"{self._needs()}, got {name}")
            if name in given:
                raise TypeError(f"{self.called} got {name} twice")
            given[name] = value
        if missing := [n for n in self.arguments if n not in given]:
            raise TypeError(f"{self._needs()}; {', '.join(missing)} is missing")
        return {name: given[name] for name in self.arguments}

    def _needs(self) -> str:
        return f"{self.called} needs {', '.join(self.arguments)}"

    def computed(self, on: ModuleType, what: str, given: Mapping[str, Array]) -> Array:
        """The value, the terms or the gradient, on a backend; see the methods."""
        names = self.arguments
        found: list[Array] = []
        slopes: dict[int, Array] = {}
        for part in self.parts:
            arrays = on.common(
                self.called,
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
        if count := prod(array.shape):
            return count
        shape = tuple(array.shape)
        raise ValueError(f"{self.called} needs at least one sample, got shape {shape}")

    @cached_property
    def reading(self) -> Reading:
        """The result, and its derivatives, read as functions of arrays."""
        known: dict[tuple[str, ...], Expr] = {}
        known.update({(name,): d.rhs for name, d in self._gradient.items()})
        known.update({pair: d.rhs for pair, d in self._hessian.items()})
        return Reading(self.name, self.chain.rhs, self._meanings, self.axis, known)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The sums and means that the result is made of."""
        return self.reading.parts


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
