"""All that is asked of a callable under a convention, before anything is drawn."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from verify.accuracy.formats import FORMATS
from verify.losses.convention import Convention
from verify.monte_carlo import settings
from verify.monte_carlo.draws_probe import DrawsProbe, sheets
from verify.monte_carlo.family_wise import MOST
from verify.monte_carlo.multivariate_probe import BATCHES, MultivariateProbe
from verify.monte_carlo.points_probe import PointsProbe
from verify.monte_carlo.probe import Probe

AT_POINTS = ("gaussian_kl", "gaussian_kl_between")


@lru_cache(maxsize=64)
def probes(convention: Convention, dtype: str) -> tuple[Probe[Any], ...]:
    """The calls of one convention in one dtype.

    Raises AssertionError if they make more comparisons than a convention is given of
    the rate of a whole run.
    """
    form, loss = FORMATS[dtype], convention.loss
    found: tuple[Probe[Any], ...]
    if not loss.separable:
        found = tuple(MultivariateProbe(convention, form, *batch) for batch in BATCHES)
    elif loss.name in AT_POINTS:
        found = tuple(
            PointsProbe(convention, form, chosen, number)
            for number, chosen in enumerate(settings.vectors(form))
        )
    else:
        found = tuple(
            DrawsProbe(convention, form, setting)
            for setting in sheets(replace(convention, reduction=""), form)
        )
    assert comparisons(found) <= MOST, (str(convention), comparisons(found))
    return found


def comparisons(found: tuple[Probe[Any], ...]) -> int:
    """How many numbers are compared."""
    return sum(len(probe.rows) for probe in found)
