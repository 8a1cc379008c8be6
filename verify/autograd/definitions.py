"""The losses by their definitions: densities and probabilities, written out.

Each is a program of sums, products, exp, log, sqrt and the sigmoid, which runs on
whatever has these: tensors, and the majorants of `verify.autograd.majorant`. Nothing
here has been integrated, simplified or made stable.

Source: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, sections 2.3 and
2.4 (reparametrised draws); Goodfellow et al., "Generative Adversarial Nets", 2014,
section 3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import log, pi
from typing import Any

from verify.losses.convention import Convention

Numbers = Mapping[str, Any]
"""By role or by word; anything with the operations above."""
Program = Callable[[Numbers, Any], Any]
HALF_LOG_TWO_PI = log(2 * pi) / 2


def terms(
    convention: Convention,
    arguments: Numbers,
    noise: Any = None,
    written: Mapping[str, Program] | None = None,
) -> tuple[Any, ...]:
    """What each part of a loss is the sum of, with the part's sign.

    arguments  by word, one shape for all of a part
    noise      e of the draws mu + sigma e, shape (draws, *the shape of mu); None for a
               loss without draws
    written    the program of each part; None for the definitions
    """
    programs, found = written or DEFINITIONS, []
    for part in convention.loss.parts:
        roles = {}
        for role in part.roles:
            word = convention.word(role)
            name = role.removeprefix("real_").removeprefix("fake_")
            roles[name.removeprefix("decoder_")] = _role(word, arguments[word])
            if name == "logits":
                roles["h"] = arguments[word] if "logits" in word else None
        term = programs[part.name](roles, noise)
        found.append(-term if part.sign < 0 else term)
    return tuple(found)


def reduced(convention: Convention, found: Sequence[Any]) -> tuple[Any, ...]:
    """What a callable of this convention returns, as a tuple, from the terms.

    found  one for each part, shape (batch, size); where a loss is no sum of terms of
           one coordinate, (batch,)
    """
    if convention.reduction == "none":
        return tuple(found)
    if convention.reduction == "mean":
        return (sum(term.mean() for term in found),)
    separable = convention.loss.separable
    rows = sum(term.sum(-1) if separable else term for term in found)
    return (rows if convention.reduction == "sum" else rows.mean(),)


def _role(word: str, given: Any) -> Any:
    """A scale as a standard deviation, a logit as a probability, or what is given."""
    match word.removeprefix("decoder_").rstrip("12"):
        case "variance":
            return given.sqrt()
        case "log_variance":
            return (given / 2).exp()
        case "log_sigma":
            return given.exp()
        case "logits" | "real_logits" | "fake_logits":
            return given.sigmoid()
    return given


def log_normal(z: Any, mu: Any, sigma: Any) -> Any:
    """The log density of N(mu, sigma^2) at z."""
    return -(((z - mu) / sigma).square() / 2) - sigma.log() - HALF_LOG_TWO_PI


def log_standard_normal(z: Any) -> Any:
    """The log density of N(0, 1) at z."""
    return -(z.square() / 2) - HALF_LOG_TWO_PI


def _gaussian_kl(of: Numbers, noise: Any) -> Any:
    z = of["mu"] + of["scale"] * noise
    return (log_normal(z, of["mu"], of["scale"]) - log_standard_normal(z)).mean(0)


def _gaussian_kl_between(of: Numbers, noise: Any) -> Any:
    z = of["mu1"] + of["scale1"] * noise
    own = log_normal(z, of["mu1"], of["scale1"])
    return (own - log_normal(z, of["mu2"], of["scale2"])).mean(0)


def _multivariate(of: Numbers, noise: Any) -> Any:
    z = drawn(of["mu1"], of["tril1"], noise)
    own = log_multivariate(z, of["mu1"], of["tril1"])
    return (own - log_multivariate(z, of["mu2"], of["tril2"])).mean(0)


def drawn(mu: Any, tril: Any, noise: Any) -> list[Any]:
    """The coordinates of mu + L e."""
    size = noise.shape[-1]
    return [
        mu[..., i] + sum(tril[..., i, j] * noise[..., j] for j in range(i + 1))
        for i in range(size)
    ]


def log_multivariate(z: Sequence[Any], mu: Any, tril: Any) -> Any:
    """The log density of N(mu, L L') at z, by substitution in L w = z - mu."""
    white: list[Any] = []
    for i, coordinate in enumerate(z):
        known = sum(tril[..., i, j] * white[j] for j in range(i))
        white.append((coordinate - mu[..., i] - known) / tril[..., i, i])
    logs = sum(tril[..., i, i].log() for i in range(len(z)))
    squares = sum(w.square() for w in white)
    return -(squares / 2) - logs - len(z) * HALF_LOG_TWO_PI


def _log_d(of: Numbers, noise: Any) -> Any:
    return of["logits"].log()


def _log_one_minus_d(of: Numbers, noise: Any) -> Any:
    return (1 - of["logits"]).log()


def _bernoulli_nll(of: Numbers, noise: Any) -> Any:
    x = of["target"]
    return -(x * _log_d(of, noise) + (1 - x) * _log_one_minus_d(of, noise))


def _gaussian_nll(of: Numbers, noise: Any) -> Any:
    return -log_normal(of["target"], of["mean"], of["scale"])


DEFINITIONS: dict[str, Program] = {
    "gaussian_kl": _gaussian_kl,
    "gaussian_kl_between": _gaussian_kl_between,
    "multivariate": _multivariate,
    "log_d": _log_d,
    "log_one_minus_d": _log_one_minus_d,
    "bernoulli_nll": _bernoulli_nll,
    "gaussian_nll": _gaussian_nll,
}
"""Each part of a loss: of its roles (a scale is a standard deviation, logits are a
probability D, and `h` is the logit, if it is given), and of the noise."""
DRAWN = ("gaussian_kl", "gaussian_kl_between", "multivariate")
"""The parts that are means over draws."""
