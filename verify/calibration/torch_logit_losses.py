"""The losses of one logit or probability in torch, as people write them: all right.

Each is written for -log s(h), h the logit. The saturating loss is minus that of -h, and
a discriminator's is that of its real logits plus that of minus its generated ones; so
one line gives three implementations.

Source of the losses: Goodfellow et al., "Generative Adversarial Nets", 2014, section 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor
from torch.distributions import Bernoulli
from torch.nn import functional as F

from derivations import (
    discriminator_loss,
    nonsaturating_generator_loss,
    saturating_generator_loss,
)
from verify.calibration.implementation import WIDE, Implementation

SINGLE = ("float32",)
BEYOND = 40  # where e^-h is below a unit roundoff of h in float64

SATURATING = "saturating_generator_loss"
NONSATURATING = "nonsaturating_generator_loss"
DISCRIMINATOR = "discriminator_loss"
PAIR = ("real_logits", "fake_logits")
CHANCES = ("real_probabilities", "fake_probabilities")


def softplus(h: Tensor) -> Tensor:
    """torch's softplus; the threshold is only seen in float64."""
    return F.softplus(-h)


def softplus_with_a_threshold(h: Tensor) -> Tensor:
    """The same with the threshold where it is not seen."""
    return F.softplus(-h, threshold=BEYOND)


def logsigmoid(h: Tensor) -> Tensor:
    """torch's own."""
    return -F.logsigmoid(h)


def logaddexp(h: Tensor) -> Tensor:
    """log(e^0 + e^-h)."""
    return torch.logaddexp(torch.zeros_like(h), -h)


def logsumexp(h: Tensor) -> Tensor:
    """The same, of a stack of two."""
    return torch.logsumexp(torch.stack([torch.zeros_like(h), -h]), dim=0)


def log_softmax(h: Tensor) -> Tensor:
    """Two classes, whose logits are h and 0."""
    classes = torch.stack([h, torch.zeros_like(h)], dim=-1)
    return -F.log_softmax(classes, dim=-1)[..., 0]


def two_classes(h: Tensor) -> Tensor:
    """F.cross_entropy of the same two classes."""
    classes = torch.stack([torch.zeros_like(h), h], dim=1)
    wanted = torch.ones(h.shape, dtype=torch.long)
    return F.cross_entropy(classes, wanted, reduction="none")


def with_logits(h: Tensor) -> Tensor:
    """F.binary_cross_entropy_with_logits of a one."""
    one = torch.ones_like(h)
    return F.binary_cross_entropy_with_logits(h, one, reduction="none")


def bernoulli(h: Tensor) -> Tensor:
    """torch.distributions."""
    return -Bernoulli(logits=h).log_prob(torch.ones_like(h))


def two_branches(h: Tensor) -> Tensor:
    """One of two forms, by the sign, each with an argument that is safe."""
    least, most = torch.clamp(h, max=0), torch.clamp(h, min=0)
    below = torch.log1p(torch.exp(least)) - h
    return torch.where(h < 0, below, torch.log1p(torch.exp(-most)))


def in_double(h: Tensor) -> Tensor:
    """float64 inside."""
    return torch.logaddexp(torch.zeros_like(h).double(), -h.double()).to(h.dtype)


def naive_in_double(h: Tensor) -> Tensor:
    """log(1 + e^-h) in float64, where e^80 is no large number."""
    return torch.log1p(torch.exp(-h.double())).to(h.dtype)


def chance(p: Tensor) -> Tensor:
    """-log p."""
    return -torch.log(p)


def chance_against(p: Tensor) -> Tensor:
    """-log(1 - p), by log1p."""
    return -torch.log1p(-p)


def chance_against_subtracted(p: Tensor) -> Tensor:
    """-log(1 - p), as it stands."""
    return -torch.log(1 - p)


LINES: tuple[tuple[str, Callable[[Tensor], Tensor], str, tuple[str, ...]], ...] = (
    ("F.softplus", softplus, "mean", SINGLE),
    ("F.softplus, threshold 40", softplus_with_a_threshold, "mean", WIDE),
    ("F.logsigmoid", logsigmoid, "none", WIDE),
    ("torch.logaddexp", logaddexp, "sum", WIDE),
    ("torch.logsumexp", logsumexp, "none", WIDE),
    ("F.log_softmax", log_softmax, "sum_mean", WIDE),
    ("F.cross_entropy", two_classes, "none", WIDE),
    ("BCEWithLogits", with_logits, "mean", WIDE),
    ("Bernoulli", bernoulli, "sum", WIDE),
    ("two branches", two_branches, "mean", WIDE),
    ("float64 inside", in_double, "sum", SINGLE),
    ("log(1 + e^-h), float64 inside", naive_in_double, "mean", SINGLE),
)
"""Name, -log s(h), what is made of it, and in which dtypes it is right."""


def _of_generators() -> Iterator[Implementation]:
    for name, line, reduction, dtypes in LINES:
        words = ("logits",)

        def saturating(h: Tensor, line: Callable = line) -> Tensor:
            return -line(-h)

        yield Implementation(
            name, SATURATING, words, saturating, reduction, dtypes=dtypes
        )
        yield Implementation(name, NONSATURATING, words, line, reduction, dtypes=dtypes)


def _of_discriminators() -> Iterator[Implementation]:
    for name, line, reduction, dtypes in LINES:

        def terms(real: Tensor, fake: Tensor, line: Callable = line) -> tuple:
            return line(real), line(-fake)

        def mean(real: Tensor, fake: Tensor, line: Callable = line) -> Tensor:
            return line(real).mean() + line(-fake).mean()

        apart = reduction == "none"
        yield Implementation(
            name, DISCRIMINATOR, PAIR, terms if apart else mean,
            "none" if apart else "mean", False, dtypes,
        )  # fmt: skip


def chances(real: Tensor, fake: Tensor) -> Tensor:
    """A discriminator that ends in a sigmoid."""
    return -(torch.log(real).mean() + torch.log1p(-fake).mean())


P = ("probabilities",)
OF_CHANCES = (
    Implementation("log p", NONSATURATING, P, chance, "mean"),
    Implementation("log p", NONSATURATING, P, chance, "none"),
    Implementation(
        "log1p(-p)", SATURATING, P, lambda p: -chance_against(p), "mean"
    ),
    Implementation(
        "log(1 - p)", SATURATING, P, lambda p: -chance_against_subtracted(p), "none"
    ),
    Implementation("of probabilities", DISCRIMINATOR, CHANCES, chances, "mean", False),
)  # fmt: skip
OURS = (
    *(
        Implementation("lossproof", loss, ("logits",), function, "mean", False)
        for loss, function in (
            (SATURATING, saturating_generator_loss),
            (NONSATURATING, nonsaturating_generator_loss),
        )
    ),
    Implementation("lossproof", DISCRIMINATOR, PAIR, discriminator_loss, "mean", False),
    Implementation(
        "lossproof", DISCRIMINATOR, PAIR, discriminator_loss.terms, "none", False
    ),
)
IMPLEMENTATIONS = (*_of_generators(), *_of_discriminators(), *OF_CHANCES, *OURS)
