"""A step against the gradient lowers a differentiable loss, to first order.

To first order a loss changes by the sum of its slopes times the steps of the
parameters. For a step of -eta times the gradient that is -eta times the square of the
gradient's norm: never positive. So both signs of the document are right, for L_D in phi
and for L_G in theta, both of which are minimised.

Main results
  change_along_a_curve   d/dt L(theta(t)) = Sum_m dL/dtheta_m dtheta_m/dt
  descent                with dtheta_m = -eta dL/dtheta_m: -eta Sum_m (dL/dtheta_m)^2

Limits: L totally differentiable; to first order in eta, a long step may raise the loss.
Reference: Rudin, "Principles of Mathematical Analysis", 1976, theorem 9.15.
"""

from __future__ import annotations

from sympy import Derivative, Function, IndexedBase, Sum, Symbol

from derivations import rules
from derivations.chain import derivation
from derivations.gan.setting import m, p, theta

L = Function("L", real=True)
t, eta = Symbol("t", real=True), Symbol("eta", positive=True)
curve = IndexedBase(Function("theta", real=True)(t), shape=(p,), real=True)
step = IndexedBase("d", shape=(p,))
slope = Derivative(L(theta), theta[m])


@derivation
def change_along_a_curve():
    """The loss changes along a curve by the sum of slopes times velocities."""
    yield Derivative(L(curve), t)
    yield (
        Sum(Derivative(L(curve), curve[m]) * Derivative(curve[m], t), (m, 1, p)),
        (rules.differentiate),
    )


@derivation
def descent():
    """The step d = -eta grad L changes L by -eta |grad L|^2 to first order."""
    yield Sum(slope * step[m], (m, 1, p))
    yield -eta * Sum(slope**2, (m, 1, p)), rules.substitute({step[m]: -eta * slope})
