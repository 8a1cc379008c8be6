"""Where peers are known to be wrong: each place with an input that shows it.

The list is strict. A row whose example agrees again is out of date, and a disagreement
outside these places is a new one; `disagreements` notices both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from verify.accuracy.formats import FORMATS
from verify.peers import regions
from verify.peers.natural import Natural
from verify.peers.regions import Region

BOTH = ("float64", "float32")


@dataclass(frozen=True)
class Known:
    """A place where peers are wrong.

    names     of the peers
    losses    of which losses
    region    where, of a dtype and the arguments in their natural measures
    example   an input there for each dtype
    sentence  what happens
    value     whether the value is wrong there
    slopes    whether a slope is
    dtypes    in which
    words     of the example; empty where they are those that the peer itself takes
    """

    names: tuple[str, ...]
    losses: tuple[str, ...]
    region: Region
    example: dict[str, tuple[float, ...]]
    sentence: str
    value: bool = True
    slopes: bool = True
    dtypes: tuple[str, ...] = BOTH
    words: tuple[str, ...] = ()

    def excuses(self, name: str, loss: str, dtype: str, quantity: str) -> bool:
        """Whether it is about this; "" is the value, a word the slope in it."""
        about = self.slopes if quantity else self.value
        named = name in self.names and loss in self.losses
        return about and named and dtype in self.dtypes


def excused(name: str, loss: str, dtype: str, quantity: str, at: Natural) -> np.ndarray:
    """Where a peer is known to be wrong, among points in their natural measures."""
    found = np.zeros(next(iter(at.values())).shape, bool)
    with np.errstate(all="ignore"):
        for row in KNOWN:
            if row.excuses(name, loss, dtype, quantity):
                found |= row.region(FORMATS[dtype], at)
    return found


GENERATOR, SATURATING = "nonsaturating_generator_loss", "saturating_generator_loss"
GENERATORS = (GENERATOR, SATURATING)
KL, BETWEEN, NLL = "gaussian_kl", "gaussian_kl_between", "gaussian_nll"
BERNOULLI = "bernoulli_nll"
PAIRWISE = ("kl_divergence(Normal, Normal)", "kl_divergence(Independent, Independent)")
CLAMPED = "F.binary_cross_entropy"
KNOWN: tuple[Known, ...] = (
    Known(
        PAIRWISE,
        (KL,),
        regions.small_variance,
        {"float64": (0.0, 2.5e-170), "float32": (0.0, 2.5e-23)},
        "squares the ratio of the deviations, which underflows: inf where the truth "
        "is an ordinary number",
    ),
    Known(
        PAIRWISE,
        (BETWEEN,),
        regions.small_ratio,
        {"float64": (0.0, 0.0, 1e-90, 1e80), "float32": (0.0, 0.0, 1e-12, 1e11)},
        "squares the ratio of the deviations, which underflows: inf where the truth "
        "is an ordinary number",
    ),
    Known(
        (*PAIRWISE, "kl_divergence(MultivariateNormal, MultivariateNormal)"),
        (BETWEEN,),
        regions.slope_of_square,
        {"float32": (0.0, 1e6, 0.0, -43.0)},
        "differentiates a square by a deviation before it is multiplied by it: -inf on "
        "the way to an ordinary number",
        value=False,
        words=("mu1", "mu2", "log_variance1", "log_variance2"),
    ),
    Known(
        ("special.kl_div",),
        (KL,),
        regions.small_variance,
        {"float64": (0.0, 1e-310)},
        "is inf for subnormal numbers, as it divides by them",
        slopes=False,
    ),
    Known(
        ("special.rel_entr",),
        (KL,),
        regions.small_variance,
        {},
        "is given a variance, which underflows where the deviation does not",
        slopes=False,
    ),
    Known(
        ("Normal.log_prob",),
        (NLL,),
        regions.square_of_variance,
        {"float64": (0.0, 1.0, 1e-100), "float32": (0.0, 1.0, 1e-11)},
        "differentiates through the square of the variance, which leaves the range "
        "before the slope does",
    ),
    Known(
        ("jax.scipy.stats.norm.logpdf",),
        (NLL,),
        regions.square_of_variance,
        {"float64": (0.0, 1.0, 1e160), "float32": (0.0, 1.0, 1e25)},
        "squares the deviation, which leaves the range before the density does",
    ),
    Known(
        ("stats.multivariate_normal.logpdf",),
        (NLL,),
        regions.variance_leaves,
        {},
        "is not asked where the variance is 0 or inf",
        slopes=False,
    ),
    Known(
        ("F.gaussian_nll_loss",),
        (NLL,),
        regions.floored,
        {"float64": (0.0, 1.0, 1e-8), "float32": (0.0, 1.0, 1e-8)},
        "takes variances below its eps, 1e-6, for 1e-6",
    ),
    *(
        Known(
            ("F.softplus",),
            (loss,),
            regions.towards(loss),
            {"float64": (-20.5 if loss == GENERATOR else 20.5,)},
            "is h itself beyond its threshold of 20, off by 1e-10 of it in float64",
            dtypes=("float64",),
        )
        for loss in GENERATORS
    ),
    *(
        Known(
            (CLAMPED,),
            (loss,),
            regions.clamped,
            {"float64": example},
            "clamps logarithms at -100",
            slopes=False,
        )
        for loss, example in ((GENERATOR, (1e-60,)), (BERNOULLI, (1e-60, 1.0)))
    ),
    *(
        Known(
            (CLAMPED,),
            (loss,),
            regions.floored_slope,
            {"float64": example, "float32": example},
            "divides its slope by at least 1e-12",
            value=False,
        )
        for loss, example in (
            (GENERATOR, (1e-20,)),
            (SATURATING, (1e-20,)),
            (BERNOULLI, (1e-20, 1.0)),
        )
    ),
    *(
        Known(
            ("special.expit",),
            (loss,),
            regions.no_chance,
            {"float64": (sign * 750.0,), "float32": (sign * 110.0,)},
            "is 0 where the logarithm of what it stands for is finite",
            slopes=False,
        )
        for loss, sign in ((GENERATOR, -1), (SATURATING, 1))
    ),
)
"""Every place."""
