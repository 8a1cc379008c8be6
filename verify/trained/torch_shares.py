"""Differences as shares of what rounding allows, and what would have been seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from statistics import median

import torch
from torch import Tensor, nn

from verify.evidence import Evidence, Verdict
from verify.trained.torch_inspected import Inspected
from verify.trained.torch_layers import Bounded

COARSE = 0.1  # a pass that would not see a tenth in the median array says nothing
METHOD = "models"


@dataclass
class Shares:
    """The largest difference found, as a share of what is allowed, and where.

    share     of what is allowed; inf for what is not a number
    words     where it was
    compared  numbers
    sight     for each array that is not 0 the least relative error that would have
              been seen; inf if none would
    """

    share: float = 0.0
    words: str = "nothing was compared"
    compared: int = 0
    sight: dict[str, float] = field(default_factory=dict)

    def take(self, name: str, found: Tensor, expected: Bounded) -> None:
        """Compare an array; `name` is the same for it in every batch."""
        number, allowed = (
            tensor.reshape(found.shape) for tensor in (expected.number, expected.error)
        )
        difference = (found.double() - number).abs()
        shares = torch.where(difference == 0, 0.0, difference / allowed)
        worst = float(shares.nan_to_num(nan=inf, posinf=inf).max())
        self.compared += found.numel()
        if worst >= self.share:
            self.share, self.words = worst, name
        some = number != 0
        if bool(some.any()):
            ratios = (allowed[some] / number[some].abs()).nan_to_num(
                nan=inf, posinf=inf
            )
            self.sight[name] = min(self.sight.get(name, inf), float(ratios.min()))

    def take_all(
        self, found: Mapping[str, Tensor], expected: Mapping[str, Bounded]
    ) -> None:
        """Compare arrays by name."""
        for name, array in found.items():
            self.take(name, array, expected[name])

    @property
    def sights(self) -> list[float]:
        """The relative error that would have been seen in each array, the least first.

        Arrays that are 0 are left out: no relative error of theirs is one.
        """
        return sorted(self.sight.values())

    @property
    def verdict(self) -> Verdict:
        """REFUTED beyond what is allowed; UNDECIDED if a pass would say nothing.

        Near an optimum some gradient cancels, and no relative error of it is seen: the
        median array decides.
        """
        if self.share > 1:
            return Verdict.REFUTED
        seen = bool(self.sights) and median(self.sights) <= COARSE
        return Verdict.AGREES if seen else Verdict.UNDECIDED


def evidence(claim: str, shares: Shares, of: Inspected, seconds: float) -> Evidence:
    """What the comparisons say."""
    return Evidence(
        claim=f"{claim}; {of.words}",
        method=METHOD,
        verdict=shares.verdict,
        figure=f"{shares.share:.2g} of what rounding allows at most, in "
        f"{shares.words}, over {shares.compared} numbers; batches: {len(of.batches)}",
        resolution=_resolution(shares.sights),
        seed=of.seed,
        seconds=seconds,
    )


def _resolution(sights: list[float]) -> str:
    if not sights:
        return "nothing: all that was compared is 0"
    return (
        f"a relative error of {sights[0]:.1e} in all of them, of {median(sights):.1e} "
        f"in the median array alone, of {sights[-1]:.1e} in any"
    )


def not_finite(claim: str, words: str, of: Inspected, seconds: float) -> Evidence:
    """Refuted, because something is not a number or infinite."""
    return Evidence(
        claim=f"{claim}; {of.words}",
        method=METHOD,
        verdict=Verdict.REFUTED,
        figure=words,
        resolution="any number that is not finite",
        seed=of.seed,
        seconds=seconds,
    )


def by_name(
    model: nn.Module, expected: Mapping[nn.Parameter, Bounded]
) -> dict[str, Bounded]:
    """What is expected in the parameters, by their names in the model."""
    return {n: expected[p] for n, p in model.named_parameters() if p in expected}
