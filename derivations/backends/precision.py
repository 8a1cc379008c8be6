"""The three precisions in which the atoms compute, and the polynomials each needs.

An atom subtracts two functions that nearly agree around one point. Away from it the
framework's own exp or log is exact enough; near it stands a polynomial, as long as the
precision of the result asks for. float64 computes in float64; float32 in float64,
where 38 bits are enough; float16 and bfloat16 in float32.

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
    wanted=58,
    near_zero=(-2.0, 2.5),
    near_one=(0.28, 2.0),
    wider=False,
    exponential=(
        5.095760062693534e-20,
        8.4393765170576045e-19,
        1.6239644702042437e-17,
        3.1232532039116017e-16,
        5.624429036109082e-15,
        9.558920240926728e-14,
        1.529426479549188e-12,
        2.2941493933859168e-11,
        3.2118089208889616e-10,
        4.175351389866603e-09,
        5.010421674845329e-08,
        5.511463844905028e-07,
        5.511463844815879e-06,
        4.960317460316709e-05,
        0.0003968253968253889,
        0.00277777777777778,
        0.016666666666666666,
        0.08333333333333333,
        0.3333333333333333,
    ),
    logarithm=(
        1.043477761931183,
        -1.7097688697746238,
        1.647059711302503,
        -0.8166228854737195,
        0.4138754075835939,
        -0.013502664492068255,
        0.10582915926242559,
        0.09241889396610671,
        0.10557442473782391,
        0.11762192630225837,
        0.13333478685497893,
        0.15384609562264534,
        0.18181818335136707,
        0.2222222221977927,
        0.2857142857144901,
        0.3999999999999993,
        0.6666666666666666,
    ),
)

SINGLE = Precision(
    inner="float64",
    wanted=38,
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
    wanted=27,
    near_zero=(-2.0, 2.5),
    near_one=(0.28, 2.0),
    wider=False,
    exponential=(
        4.1799723858535547e-10,
        4.422769755500495e-09,
        4.919949573971943e-08,
        5.501733539841901e-07,
        5.514663493316786e-06,
        4.960492188304297e-05,
        0.00039682067940574774,
        0.00277777639133126,
        0.01666666911106741,
        0.08333333367650234,
        0.33333333313244135,
    ),
    logarithm=(
        0.4268677824466224,
        -0.06481972738742725,
        0.21283296185240763,
        0.17251908132938928,
        0.22299969460974975,
        0.2856828362270752,
        0.40000047937387695,
        0.6666666654790029,
    ),
)

OF_DTYPE = {"float64": DOUBLE, "float32": SINGLE, "bfloat16": HALF, "float16": HALF}
"""The precision for arrays of a dtype, in all backends."""
