"""The three precisions in which the atoms compute, and the polynomials each needs.

An atom subtracts two functions that nearly agree around one point. Away from it the
framework's own exp or log is exact enough; near it stands a polynomial, as long as the
precision of the result asks for. float64 computes in float64; float32 in float64,
where 35 bits are enough; float16 and bfloat16 in float32.

The coefficients are those of the shortest Chebyshev interpolation that has `wanted`
binary digits, highest first; a test fits them anew, and compares.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Precision:
    """How exactly, and where the polynomials stand in for exp and log.

    inner        the dtype to compute in
    wanted       binary digits that a polynomial gives
    near_zero    where the exponential's remainder is a polynomial
    near_one     where the logarithm's remainder is one
    wider        whether the range of `inner` exceeds that of the result's dtype
    exponential  2 Q of phi(t) = t^2/2 + t^3 Q(t) near 0
    logarithm    2 W of log(1 + x) = 2 s + 2 s^3 W(s^2), s = x/(2 + x), near 1
    """

    inner: str
    wanted: int
    near_zero: tuple[float, float]
    near_one: tuple[float, float]
    wider: bool
    exponential: tuple[float, ...]
    logarithm: tuple[float, ...]


DOUBLE = Precision(
    inner="float64",
    wanted=54,
    near_zero=(-1.0, 2.5),
    near_one=(0.5, 2.0),
    wider=False,
    exponential=(
        6.080345569082986e-16,
        4.07426195514021e-15,
        9.88834051670111e-14,
        1.5287116500131087e-12,
        2.2932875144304854e-11,
        3.2119191360779103e-10,
        4.175356211578018e-09,
        5.010420089814092e-08,
        5.511463870337785e-07,
        5.511463854174078e-06,
        4.960317460005673e-05,
        0.0003968253968228812,
        0.0027777777777786145,
        0.01666666666666693,
        0.08333333333333327,
        0.3333333333333333,
    ),
    logarithm=(
        0.15630577800922849,
        0.07492143795550768,
        0.10845178394880015,
        0.11734279061303197,
        0.13335178631449257,
        0.1538454396486055,
        0.18181819897962714,
        0.2222222219823677,
        0.285714285716001,
        0.39999999999999525,
        0.6666666666666666,
    ),
)

SINGLE = Precision(
    inner="float64",
    wanted=35,
    near_zero=(-(2.0**-6), 2.0**-6),
    near_one=(0.98, 1.02),
    wider=True,
    exponential=(
        0.00039682707879441456,
        0.0027777929155064036,
        0.01666666666656401,
        0.0833333333324094,
        0.3333333333333333,
    ),
    logarithm=(
        0.2857482990436266,
        0.3999999986985676,
        0.6666666666666741,
    ),
)

HALF = Precision(
    inner="float32",
    wanted=26,
    near_zero=(-1.0, 1.7),
    near_one=(0.5, 2.0),
    wider=False,
    exponential=(
        6.695952116349047e-08,
        5.469100357609507e-07,
        5.477724210581952e-06,
        4.962152065499011e-05,
        0.00039684805548430237,
        0.002777766317074192,
        0.016666661307371794,
        0.0833333349035999,
        0.33333333355654354,
    ),
    logarithm=(
        0.2322432922402335,
        0.21706575800880373,
        0.28592357994302836,
        0.3999970633192972,
        0.6666666732052742,
    ),
)

OF_DTYPE = {"float64": DOUBLE, "float32": SINGLE, "bfloat16": HALF, "float16": HALF}
"""The precision for arrays of a dtype, in all backends."""
