"""The limit that the document writes as an equality, and what makes it a limit.

E[s(h) dh] is not 0 where dh is not; it tends to 0 along logits h -> -oo in probability,
if one integrable M(z) bounds |dh| all along. The chains give the bound from which that
follows: the first part tends to 0 with eps, and the second, an integral of M over the
event D > eps, tends to 0 with the event's probability: it is at most c P(D > eps) + E
(M - c)^+.

Main results
  pointwise_limit            s(h) dh -> 0 as h -> -oo, with dh fixed
  dominated_bound            |E[-D dh]| <= eps E M if D <= eps almost surely
  dominated_bound_in_probability   at most eps E M + E[A M] if D <= eps + A(z)
  exceptional_part           E[A M] <= c E A + E W, where A <= 1 and M <= c + W
  bound_vanishes             eps E M -> 0 as eps -> 0

Limits: M must serve for all logits of the sequence at once, and E M be finite;
`rare_outputs` shows what happens otherwise.

Reference: Billingsley, "Probability and Measure", 1995, theorem 16.4.
"""

from __future__ import annotations

from sympy import Abs, Function, Le, Limit, S, Symbol, oo

from derivations import rules
from derivations.chain import derivation
from derivations.expectation import E
from derivations.functions import sigmoid
from derivations.gan.setting import D, dh, noise, x, z
from derivations.gan.threshold import eps
from derivations.gan.vanishing_bound import exceptional
from derivations.line import at_most

M = Function("M", nonnegative=True)(z)
fixed = Symbol("c", real=True)
level, excess = Symbol("c", positive=True), Function("W", nonnegative=True)(z)


@derivation
def pointwise_limit():
    """-s(h) dh -> 0 as h -> -oo at one z, dh = c staying where it is."""
    yield Limit(-sigmoid(x) * fixed, x, -oo)
    yield S.Zero, rules.limit


@derivation
def dominated_bound():
    """|E[-D dh]| <= eps E M where D <= eps and |dh| <= M almost surely."""
    yield Abs(E(-D * dh, noise))
    yield at_most(E(D * Abs(dh), noise)), rules.triangle
    yield at_most(E(D * M, noise)), rules.monotone(Le(Abs(dh), M))
    yield at_most(eps * E(M, noise)), rules.monotone(Le(D, eps))


@derivation
def dominated_bound_in_probability():
    """|E[-D dh]| <= eps E M + E[A M] where D <= eps + A, as with A = 1[D > eps]."""
    yield Abs(E(-D * dh, noise))
    yield at_most(E(D * Abs(dh), noise)), rules.triangle
    yield at_most(E(D * M, noise)), rules.monotone(Le(Abs(dh), M))
    yield (
        at_most(E((eps + exceptional) * M, noise)),
        rules.monotone(Le(D, eps + exceptional)),
    )
    yield eps * E(M, noise) + E(exceptional * M, noise), rules.linearity


@derivation
def exceptional_part():
    """E[A M] <= c E A + E W where A <= 1 and M <= c + W, as with W = (M - c)^+."""
    yield E(exceptional * M, noise)
    yield (
        at_most(E(exceptional * (level + excess), noise)),
        rules.monotone(Le(M, level + excess)),
    )
    yield (
        level * E(exceptional, noise) + E(exceptional * excess, noise),
        rules.linearity,
    )
    yield (
        at_most(level * E(exceptional, noise) + E(excess, noise)),
        rules.monotone(Le(exceptional * excess, excess)),
    )


@derivation
def bound_vanishes():
    """eps E M -> 0 as eps -> 0, with one M for all eps."""
    yield Limit(eps * E(M, noise), eps, 0)
    yield S.Zero, rules.limit
