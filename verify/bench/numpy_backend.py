"""The candidates in NumPy, the arrays, and what every candidate should give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from verify.bench.agreement import Expected
from verify.bench.subjects import BYTES, FORWARD, SUBJECTS, Setting

Array = Any


def arrays(setting: Setting, seed: int) -> tuple[Array, ...]:
    """The arguments: standard normal, sigma log-normal; the same for every dtype."""
    rng = np.random.default_rng(seed)
    found = []
    for name in SUBJECTS[setting.subject].arguments:
        draw = rng.standard_normal(setting.shape)
        found.append(np.exp(draw / 2) if name == "sigma" else draw)
    return tuple(a.astype(setting.dtype) for a in found)


def expected(setting: Setting, given: Sequence[Array]) -> list[Expected]:
    """The value, or the whole loss with its gradient, by the textbook's formulas."""
    exact = [np.asarray(a, np.float64) for a in given]
    terms, size, gradients = EXPECTED[setting.subject](*exact)
    if not SUBJECTS[setting.subject].sums:
        n = setting.size
        loss = Expected(terms.mean(), size.mean(), n)
        scaled = [Expected(value / n, size / n) for value, size in gradients]
        return [loss] if setting.passes == FORWARD else [loss, *scaled]
    if setting.passes == FORWARD:
        return [Expected(terms.sum(-1), size.sum(-1), terms.shape[-1])]
    loss = Expected(terms.sum(), size.sum(), setting.size)
    return [loss, *(Expected(value, size) for value, size in gradients)]


def _kl(mu: Array, t: Array) -> Any:
    variance = np.exp(t)
    terms = (mu**2 + variance - 1 - t) / 2
    size = 1 + abs(t) + mu**2 + variance
    return terms, size, [(mu, abs(mu)), ((variance - 1) / 2, 1 + variance)]


def _kl_sigma(mu: Array, sigma: Array) -> Any:
    terms = (mu**2 + sigma**2 - 1) / 2 - np.log(sigma)
    size = 1 + abs(np.log(sigma)) + mu**2 + sigma**2
    return terms, size, [(mu, abs(mu)), (sigma - 1 / sigma, sigma + 1 / sigma)]


def _nonsaturating(h: Array) -> Any:
    slope = -1 / (1 + np.exp(h))
    return np.logaddexp(0, -h), 1 + abs(h), [(slope, np.ones_like(h))]


def _saturating(h: Array) -> Any:
    slope = -1 / (1 + np.exp(-h))
    return -np.logaddexp(0, h), 1 + abs(h), [(slope, np.ones_like(h))]


EXPECTED: dict[str, Callable[..., Any]] = {
    "kl": _kl,
    "kl-sigma": _kl_sigma,
    "nonsaturating": _nonsaturating,
    "saturating": _saturating,
}


def _classic_slopes(mu: Array, t: Array) -> tuple[Array, ...]:
    return mu, 0.5 * (np.exp(t) - 1)


def _classic_sigma_slopes(mu: Array, sigma: Array) -> tuple[Array, ...]:
    return mu, sigma - 1 / sigma


# name of a subject -> name of a peer -> its value, and its gradient
PEERS: dict[str, dict[str, tuple[Callable[..., Any], Callable[..., Any]]]] = {
    "kl": {
        "classic": (
            lambda mu, t: -0.5 * np.sum(1 + t - mu**2 - np.exp(t), -1),
            _classic_slopes,
        ),
    },
    "kl-sigma": {
        "classic": (
            lambda mu, s: -0.5 * np.sum(1 + np.log(s**2) - mu**2 - s**2, -1),
            _classic_sigma_slopes,
        ),
    },
    "nonsaturating": {
        "classic": (
            lambda h: np.mean(np.log(1 + np.exp(-h))),
            lambda h: (-1 / (1 + np.exp(h)) / h.size,),
        ),
    },
    "saturating": {
        "classic": (
            lambda h: np.mean(-np.log(1 + np.exp(h))),
            lambda h: (-1 / (1 + np.exp(-h)) / h.size,),
        ),
    },
}


def lossproof(subject: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The reference implementation's value and gradient, of any framework's arrays."""
    import derivations

    if subject == "kl":
        kl = derivations.gaussian_kl
        return (
            lambda mu, t: kl(mu, log_variance=t),
            lambda mu, t: kl.gradient(mu, log_variance=t),
        )
    if subject == "kl-sigma":
        kl = derivations.gaussian_kl
        return (
            lambda mu, s: kl(mu, sigma=s),
            lambda mu, s: kl.gradient(mu, sigma=s),
        )
    loss = getattr(derivations, f"{subject}_generator_loss")
    return loss, loss.gradient


def candidates(
    setting: Setting, given: Sequence[Array]
) -> dict[str, Callable[[], Any]]:
    """The candidates by name; each gives a tuple of results, the copy None."""
    both = {"lossproof": lossproof(setting.subject), **PEERS[setting.subject]}
    found: dict[str, Callable[[], Any]] = {}
    for name, (value, gradient) in both.items():
        found[name] = _run(setting, value, gradient, given)
    source = np.zeros(setting.moved // 2 // BYTES[setting.dtype], setting.dtype)
    target = np.empty_like(source)
    found["copy"] = lambda: np.copyto(target, source)
    return found


def _run(setting: Setting, value: Any, gradient: Any, given: Any) -> Any:
    if setting.passes == FORWARD:
        return lambda: (value(*given),)
    return lambda: (value(*given).sum(), *gradient(*given))


def settled(result: Any) -> None:
    """NumPy is done when it returns."""


def as_numpy(result: Sequence[Any]) -> list[Array]:
    """The results as NumPy arrays."""
    return [np.asarray(a) for a in result]


def devices() -> dict[str, str]:
    """The devices that there are, with their names."""
    return {"cpu": ""}
