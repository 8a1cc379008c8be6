"""The rules a step may cite: `from derivations import rules`, then `rules.linearity`.

Arithmetic is free in every step. Every other move has a name here, and a step proves
only what the rules it cites license. Each class says what its rule does, needs and
owes.
"""

from __future__ import annotations

from derivations.rules.algebra import Algebra
from derivations.rules.coordinates import Coordinates
from derivations.rules.definition import Definition
from derivations.rules.differentiate import Differentiate
from derivations.rules.given import Given as given
from derivations.rules.increasing import Increasing as increasing
from derivations.rules.inequality import Monotone as monotone
from derivations.rules.inequality import Sign, Triangle
from derivations.rules.integrate import Antiderivative as antiderivative
from derivations.rules.integrate import Density
from derivations.rules.integrate import MeanValue as mean_value
from derivations.rules.interchange import Interchange
from derivations.rules.lemma import Lemma as lemma
from derivations.rules.limit import LimitRule
from derivations.rules.linearity import Linearity
from derivations.rules.logarithms import Logarithms
from derivations.rules.moments import Moments
from derivations.rules.one_term import OneTerm as one_term
from derivations.rules.pieces import Pieces
from derivations.rules.reparametrise import Reparametrise as reparametrise
from derivations.rules.rule import Rule
from derivations.rules.sifting import Sifting
from derivations.rules.singled_out import SingledOut as singled_out
from derivations.rules.substitute import Substitute as substitute
from derivations.rules.tangent import Tangent as tangent

algebra = Algebra()
coordinates = Coordinates()
definition = Definition()
density = Density()
differentiate = Differentiate()
interchange = Interchange()
limit = LimitRule()
linearity = Linearity()
logarithms = Logarithms()
moments = Moments()
pieces = Pieces()
sifting = Sifting()
sign = Sign()
triangle = Triangle()

__all__ = [
    "Rule",
    "algebra",
    "antiderivative",
    "coordinates",
    "definition",
    "density",
    "differentiate",
    "given",
    "increasing",
    "interchange",
    "lemma",
    "limit",
    "linearity",
    "logarithms",
    "mean_value",
    "moments",
    "monotone",
    "one_term",
    "pieces",
    "reparametrise",
    "sifting",
    "sign",
    "singled_out",
    "substitute",
    "tangent",
    "triangle",
]
