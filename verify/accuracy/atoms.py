"""The atoms that are swept, each a function of one number with its slope.

They are made as users' functions are: an expression over the atom's head, with the
derivative that a chain proves, or SymPy's where the chain leaves it to that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from flint import arb
from sympy import Expr, Symbol, diff, together

from derivations.backends.smooth import Order, Smooth
from derivations.functions import Named, phi, psi, sigmoid, softplus
from derivations.gan.setting import x
from derivations.gan.stable_losses import fake_term_curvature, fake_term_slope
from verify.accuracy.enclosure import enclosed
from verify.accuracy.textbook import unfolded

t = Symbol("t", real=True)
v = Symbol("v", positive=True)


@dataclass(frozen=True)
class Atom:
    """A value or a slope that is swept.

    name      what a reader calls it
    head      the atom
    argument  its symbol, positive where the domain is
    known     the derivatives that chains prove, for the code
    order     () for the value, (0,) for the slope
    """

    name: str
    head: type[Named]
    argument: Symbol
    known: tuple[tuple[Order, Expr], ...]
    order: Order

    @cached_property
    def function(self) -> Smooth | None:
        """What the backends evaluate."""
        value = Smooth(
            self.head.__name__,
            (self.argument,),
            self.head(self.argument),
            dict(self.known),
        )
        return value.partial(0) if self.order else value

    @cached_property
    def enclosure(self) -> Callable[..., arb]:
        """The truth as a function of a ball."""
        value = together(unfolded(self.head(self.argument)))
        return enclosed(
            diff(value, self.argument) if self.order else value, (self.argument,)
        )


def _both(name: str, head: type[Named], argument: Symbol, slope: Expr | None) -> tuple:
    known = () if slope is None else (((0,), slope),)
    return (
        Atom(name, head, argument, known, ()),
        Atom(f"{name}'", head, argument, known, (0,)),
    )


ATOMS: tuple[Atom, ...] = (
    *_both("sigmoid", sigmoid, x, fake_term_curvature.rhs),
    *_both("softplus", softplus, x, fake_term_slope.rhs),
    *_both("phi", phi, t, None),
    *_both("psi", psi, v, None),
)
"""The four atoms and their slopes."""
