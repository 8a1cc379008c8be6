"""The losses that are judged: their arguments, and what is summed over which axis.

An argument has a role ("scale"), and words that fill it ("sigma", "log_variance"): a
word says which number stands for the role. A loss is a sum of parts, and a part is a
sum over its axis of terms of one coordinate each.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

SCALES = ("sigma", "variance", "log_variance", "log_sigma")
REDUCTIONS = ("none", "sum", "mean", "sum_mean")


@dataclass(frozen=True)
class Part:
    """What a loss sums over one axis.

    name   of the term of one coordinate; the oracle defines it
    roles  the arguments that the term has
    axis   what is counted: coordinates "k", outputs "n"; a discriminator's two batches
           are "real" and "fake"
    sign   with which the part goes into the loss
    """

    name: str
    roles: tuple[str, ...]
    axis: str
    sign: int = 1


@dataclass(frozen=True)
class Loss:
    """A loss, by the name of the derivation that is called so.

    name        as in `derivations`
    words       what can fill each role, in the loss's own order; the first is its own
    parts       what it is the sum of
    reductions  which results of it make sense, its own first
    divides     whether it divides by a variance, which a derivative squares
    """

    name: str
    words: dict[str, tuple[str, ...]]
    parts: tuple[Part, ...]
    reductions: tuple[str, ...]
    divides: bool = False

    def __hash__(self) -> int:
        return hash(self.name)

    @cached_property
    def roles(self) -> dict[str, str]:
        """The role of each word."""
        return {w: role for role, words in self.words.items() for w in words}

    @property
    def separable(self) -> bool:
        """Whether a part is a sum of terms of one coordinate each."""
        return self.name != "multivariate_gaussian_kl"


def _numbered(words: tuple[str, ...], number: int) -> tuple[str, ...]:
    return tuple(f"{word}{number}" for word in words)


LOGITS = ("logits", "probabilities")
DECODER_SCALES = tuple(f"decoder_{word}" for word in SCALES)
KL = Part("gaussian_kl", ("mu", "scale"), "k")
BERNOULLI = Part("bernoulli_nll", ("logits", "target"), "n")
SUMMED = ("sum", "none", "mean", "sum_mean")
AVERAGED = ("mean", "none", "sum", "sum_mean")

LOSSES: dict[str, Loss] = {
    loss.name: loss
    for loss in (
        Loss("gaussian_kl", {"mu": ("mu",), "scale": SCALES}, (KL,), SUMMED),
        Loss(
            "saturating_generator_loss",
            {"logits": LOGITS},
            (Part("log_one_minus_d", ("logits",), "k"),),
            AVERAGED,
        ),
        Loss(
            "nonsaturating_generator_loss",
            {"logits": LOGITS},
            (Part("log_d", ("logits",), "k", -1),),
            AVERAGED,
        ),
        Loss(
            "discriminator_loss",
            {
                "real_logits": tuple(f"real_{word}" for word in LOGITS),
                "fake_logits": tuple(f"fake_{word}" for word in LOGITS),
            },
            (
                Part("log_d", ("real_logits",), "real", -1),
                Part("log_one_minus_d", ("fake_logits",), "fake", -1),
            ),
            ("mean", "none"),
        ),
        Loss(
            "gaussian_kl_between",
            {
                "mu1": ("mu1",),
                "mu2": ("mu2",),
                "scale1": _numbered(SCALES, 1),
                "scale2": _numbered(SCALES, 2),
            },
            (Part("gaussian_kl_between", ("mu1", "mu2", "scale1", "scale2"), "k"),),
            SUMMED,
            divides=True,
        ),
        Loss(
            "multivariate_gaussian_kl",
            {r: (r,) for r in ("mu1", "tril1", "mu2", "tril2")},
            (Part("multivariate", ("mu1", "tril1", "mu2", "tril2"), "k"),),
            ("sum", "sum_mean"),
            divides=True,
        ),
        Loss(
            "bernoulli_nll",
            {"logits": LOGITS, "target": ("target",)},
            (BERNOULLI,),
            SUMMED,
        ),
        Loss(
            "gaussian_nll",
            {"mean": ("mean",), "target": ("target",), "scale": SCALES},
            (Part("gaussian_nll", ("mean", "target", "scale"), "n"),),
            SUMMED,
            divides=True,
        ),
        Loss(
            "bernoulli_elbo",
            {
                "logits": LOGITS,
                "target": ("target",),
                "mu": ("mu",),
                "scale": SCALES,
            },
            (
                Part("bernoulli_nll", ("logits", "target"), "n", -1),
                Part("gaussian_kl", ("mu", "scale"), "k", -1),
            ),
            ("sum", "none", "sum_mean"),
        ),
        Loss(
            "gaussian_elbo",
            {
                "mean": ("mean",),
                "target": ("target",),
                "mu": ("mu",),
                "decoder_scale": DECODER_SCALES,
                "scale": SCALES,
            },
            (
                Part("gaussian_nll", ("mean", "target", "decoder_scale"), "n", -1),
                Part("gaussian_kl", ("mu", "scale"), "k", -1),
            ),
            ("sum", "none", "sum_mean"),
            divides=True,
        ),
    )
}
"""Every loss that can be judged, by name."""
