"""The setting of exercise 1: a generator, a discriminator, and noise.

G(z, theta) is a point of R^n, written as the vector `image` with coordinates image[m];
the noise z lies in R^k, the parameters theta in R^p. h is the discriminator's logit and
D = s(h) its output, which lies in (0, 1) and never attains 0 or 1. Where the
discriminator's own parameters phi in R^q matter, h is a function of them too. h and G
are undefined functions: what is derived holds for all that meet the hypotheses.
"""

from __future__ import annotations

from sympy import Derivative, Function, IndexedBase, Symbol

from derivations.functions import sigmoid
from derivations.laws import Law, Normal

k = Symbol("k", integer=True, positive=True)
n = Symbol("n", integer=True, positive=True)
p = Symbol("p", integer=True, positive=True)
q = Symbol("q", integer=True, positive=True)
j = Symbol("j", integer=True, positive=True)
m = Symbol("m", integer=True, positive=True)
x = Symbol("x", real=True)

z = IndexedBase("z", shape=(k,), real=True)
theta = IndexedBase("theta", shape=(p,), real=True)
image = IndexedBase(Function("G", real=True)(z, theta), shape=(n,), real=True)
noise = Normal(z, 0, 1)

logit = Function("h", real=True)(image)
D = sigmoid(logit)
dh = Derivative(logit, theta[j])

phi = IndexedBase("phi", shape=(q,), real=True)
real_image = IndexedBase("x", shape=(n,), real=True)
data = Law("p_data", real_image)

logit_of_fake = Function("h", real=True)(image, phi)
logit_of_real = Function("h", real=True)(real_image, phi)
D_of_fake = sigmoid(logit_of_fake)
D_of_real = sigmoid(logit_of_real)
