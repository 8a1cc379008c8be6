"""Which numbers bear on a claim: the losses that show it, or why there are none.

A claim of the document is about formulas. Where the formula is a loss that can be
called, or a derivative of one, the four methods judge the loss, and with it the claim;
where the document printed a wrong formula, they judge that too, and have to refute it.
Everywhere else the sentence here says what the claim has instead. What trained models
bear on is in `verify.grid.models`.
"""

from __future__ import annotations

from dataclasses import dataclass

from verify.losses.loss import SCALES

KL, BETWEEN = "gaussian_kl", "gaussian_kl_between"
SATURATING, NONSATURATING = "saturating_generator_loss", "nonsaturating_generator_loss"
DISCRIMINATOR = "discriminator_loss"


@dataclass(frozen=True)
class Subject:
    """A loss as somebody would call it.

    loss     its name
    inputs   a word for each argument; None for the loss's own
    printed  the name of a wrong formula of the document, in `verify.grid.printed`;
             empty for our own reference
    model    in which trained model it is seen; empty for a loss by itself
    """

    loss: str
    inputs: tuple[str, ...] | None = None
    printed: str = ""
    model: str = ""

    def __str__(self) -> str:
        words = f"({', '.join(self.inputs)})" if self.inputs else ""
        return f"{self.printed or self.loss}{words}"


@dataclass(frozen=True)
class Shown:
    """The losses that show a claim, and what of them: a key of `methods.JUDGES`."""

    subjects: tuple[Subject, ...]
    about: str = "value"


def _kl(scale: str, about: str = "value") -> Shown:
    return Shown((Subject(KL, ("mu", scale)),), about)


def _between(scale: str, about: str = "value") -> Shown:
    words = ("mu1", "mu2", f"{scale}1", f"{scale}2")
    return Shown((Subject(BETWEEN, words),), about)


def _nll(scale: str, about: str = "value") -> Shown:
    return Shown((Subject("gaussian_nll", ("mean", "target", scale)),), about)


def _shown(*losses: str, about: str = "value", printed: str = "") -> Shown:
    """Our own references; with `printed`, beside the document's false one."""
    false = (Subject(losses[0], None, printed),) if printed else ()
    return Shown((*map(Subject, losses), *false), about)


NOTATION = "a notation: it claims nothing"
PIECE = "a line about densities inside the divergence; the whole is judged in 2.17"
MATRIX = "about matrices or products of symbols, without a loss: proof and balls"
LIMIT = "a limit or a threshold, where the number is the balls'"
FLOW = "about training over time, which models show and no single loss does"
OPTIMUM = "about an optimum over all functions, which no single loss shows"
BOUND = "a bound on a gradient, which a property test holds networks to"
BELOW = "an inequality, which a property test holds the loss to"
SQUARES = "that the value is a sum of squares is the proof's; the value is 2.17's"
FREE = "holds for any differentiable loss: there is no formula to compute"
ONE_LAW = "a law has to be chosen for which the interchange fails; balls integrate it"
ATOMS = "about the remainders alone: `python -m verify sweep` tries every float32"

TABLE: dict[str, Shown | str] = {
    **dict.fromkeys(("1.01", "1.02", "1.04", "1.05", "1.21"), NOTATION),
    **dict.fromkeys(("2.01", "2.02", "2.06", "2.18"), NOTATION),
    **dict.fromkeys(("1.03", "1.20"), OPTIMUM),
    **dict.fromkeys(("1.08", "1.17"), BOUND),
    **dict.fromkeys(("1.09", "1.11", "1.15"), LIMIT),
    **dict.fromkeys(("1.18", "1.23"), FLOW),
    "1.13": ONE_LAW,
    "1.22": FREE,
    "1.06": _shown(DISCRIMINATOR, SATURATING, NONSATURATING),
    "1.07": _shown(NONSATURATING, about="gradient"),
    "1.10": _shown(SATURATING, about="second"),
    "1.12": _shown(SATURATING),
    "1.14": _shown(SATURATING, about="gradient"),
    "1.16": _shown(SATURATING, about="gradient", printed="printed_zero_gradient"),
    "1.19": _shown(NONSATURATING, about="gradient"),
    "2.03": _shown(KL, printed="printed_kl"),
    **dict.fromkeys(("2.04", "2.07", "2.16", "2.17", "3.03"), _kl("sigma")),
    **dict.fromkeys(("2.05", "2.08", "2.09", "2.10", "2.11", "2.12"), PIECE),
    **dict.fromkeys(("2.19", "2.20", "2.22", "2.23"), PIECE),
    **dict.fromkeys(("2.13", "2.14", "2.15", "2.21", "2.24", "2.25"), MATRIX),
    "3.01": BELOW,
    "3.02": SQUARES,
    **{f"3.{n:02d}": _kl(s) for n, s in enumerate(SCALES, 4)},
    "3.08": _kl("sigma", "gradient"),
    **{f"3.{n:02d}": _kl(s, "gradient") for n, s in enumerate(SCALES, 9)},
    "3.13": _kl("sigma", "second"),
    **{f"3.{n:02d}": _kl(s, "second") for n, s in enumerate(SCALES, 14)},
    "3.18": _shown(DISCRIMINATOR, about="gradient"),
    "3.19": _shown(NONSATURATING, about="gradient"),
    "3.20": _shown(SATURATING),
    "3.21": _shown(NONSATURATING),
    "3.22": _shown(DISCRIMINATOR, about="gradient"),
    **{f"3.{n:02d}": _kl(s) for n, s in enumerate(SCALES, 23)},
    "3.27": ATOMS,
    "3.28": _shown(SATURATING, about="second"),
    "3.29": _shown(NONSATURATING, about="second"),
    "3.30": _shown(DISCRIMINATOR, about="second"),
    "3.31": _shown(DISCRIMINATOR),
    "3.32": _between("sigma"),
    **{f"3.{n:02d}": _between(s, "gradient") for n, s in enumerate(SCALES, 33)},
    **{f"3.{n:02d}": _between(s, "second") for n, s in enumerate(SCALES, 37)},
    "3.41": _shown("bernoulli_nll"),
    "3.42": _shown("bernoulli_nll", about="second"),
    **{f"3.{n:02d}": _nll(s, "gradient") for n, s in enumerate(SCALES, 43)},
    **{f"3.{n:02d}": _nll(s, "second") for n, s in enumerate(SCALES, 47)},
    "3.51": _shown("bernoulli_elbo", "gaussian_elbo"),
    "3.52": _shown("multivariate_gaussian_kl"),
}
"""By the id of the claim."""


def subjects() -> tuple[Subject, ...]:
    """Every loss of the table, once."""
    rows = [shown for shown in TABLE.values() if isinstance(shown, Shown)]
    return tuple(dict.fromkeys(s for shown in rows for s in shown.subjects))
