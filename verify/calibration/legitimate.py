"""Every right implementation that can run here, of every loss.

A framework that is not installed has a reason in place of rows.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec

from verify.calibration.implementation import Implementation
from verify.losses.candidate import Candidate

FILES = (
    "torch_gaussian_kl",
    "torch_logit_losses",
    "torch_siblings",
    "numpy_losses",
    "jax_losses",
)
"""Each begins with the framework that it needs."""


@cache
def implementations() -> tuple[Implementation, ...]:
    """All of them, as they are written."""
    found: list[Implementation] = []
    for file in FILES:
        if file.partition("_")[0] not in missing():
            found += import_module(f"verify.calibration.{file}").IMPLEMENTATIONS
    return tuple(found)


@cache
def missing() -> dict[str, str]:
    """The frameworks that cannot run here, each with its reason."""
    frameworks = dict.fromkeys(file.partition("_")[0] for file in FILES)
    return {f: "not installed" for f in frameworks if find_spec(f) is None}


@cache
def candidates(loss: str | None = None) -> tuple[Candidate, ...]:
    """The same as something to judge, in each dtype; of one loss, or of all."""
    chosen = [i for i in implementations() if loss in (None, i.loss)]
    return tuple(c for each in chosen for c in each.candidates())
