"""Where means are taken: parameter vectors, laws of logits and of targets.

One magnitude for each vector, so that no large coordinate hides a small one. They do
not depend on the seed: a seed only chooses the draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from verify.accuracy.formats import Format
from verify.accuracy.rounding import rounded
from verify.losses.loss import Loss, Part
from verify.monte_carlo.scales import given_for, kind

Natural = dict[str, np.ndarray]

NARROW = 11  # binary digits of a type of 16 bits, at most
SINGLE = 24  # of float32
SPREAD = 0.5  # of log sigma within a vector


@dataclass(frozen=True)
class Vectors:
    """A batch of parameter vectors.

    rows, size  its shape
    centre      of log sigma
    reach       of the means, in deviations or 1, whichever is more
    """

    rows: int
    size: int
    centre: float
    reach: float


WIDE = (
    *(Vectors(1, 1, 0.5, 1.0), Vectors(4, 1, 0.0, 0.5), Vectors(1, 9, -0.3, 1.0)),
    *(Vectors(3, 5, -3.0, 0.3), Vectors(2, 12, 2.0, 2.0), Vectors(1, 2, -8.0, 0.01)),
    *(Vectors(2, 1, -8.0, 0.0), Vectors(2, 3, 0.0, 20.0), Vectors(1, 1, 4.0, 0.1)),
)
CLOSE = (Vectors(1, 1, 0.5, 1.0), Vectors(3, 5, -0.5, 0.5), Vectors(1, 9, 0.3, 1.0))
LAWS = ((1.0, 0.0), (2.0, 0.5), (0.5, -3.0), (0.5, 4.0), (1.0, 7.0), (1.0, -7.0))
FAR = ((0.5, 16.0), (0.5, -16.0))  # where 1 - D has 9 digits left in float64
GENTLE = ((0.5, 0.0), (0.5, 1.5), (0.5, -1.5))
TARGETS = (0.0, 1.0, 0.25)
CENTRES = (0.3, -1.0, -8.0, 2.0, 4.0, -4.0)  # of a decoder's log sigma
MANY = 9  # columns of the last setting of logits


def vectors(form: Format) -> tuple[Vectors, ...]:
    """Those that a format has room for."""
    return WIDE if form.digits > NARROW else CLOSE


def laws(form: Format) -> tuple[tuple[tuple[float, float], ...], ...]:
    """(slope, offset) of the logits of each column, setting after setting."""
    found: tuple[tuple[float, float], ...] = LAWS if form.digits > NARROW else GENTLE
    found += FAR if form.digits > SINGLE else ()
    return (*((law,) for law in found), tuple((found * MANY)[:MANY]))


def gaussian(chosen: Vectors, number: int, roles: tuple[str, ...]) -> Natural:
    """Parameters by role, (rows, size); deviations for scales.

    The second law's mean and deviation are near the first's, a few deviations off.
    """
    rng = np.random.default_rng((number, chosen.rows, chosen.size))
    shape = (chosen.rows, chosen.size)
    scale = np.exp(chosen.centre + SPREAD * rng.uniform(-1, 1, shape))
    mean = chosen.reach * np.maximum(scale, 1) * rng.uniform(-1, 1, shape)
    other = scale * np.exp(rng.uniform(-1, 1, shape))
    apart = mean + other * rng.uniform(-2, 2, shape)
    found = {
        **{"mu": mean, "mu1": mean, "mu2": apart},
        **{"scale": scale, "scale1": scale, "scale2": other},
    }
    return {role: found[role] for role in roles}


def targets(size: int, number: int, form: Format) -> Natural:
    """A decoder's mean and deviation, and the law of its targets, shape (size,)."""
    rng = np.random.default_rng((number, size))
    centres = CENTRES if form.digits > NARROW else CENTRES[:1]
    centre = centres[number % len(centres)]
    scale = np.exp(centre + SPREAD * rng.uniform(-1, 1, size))
    return {
        "mean": scale * rng.uniform(-1, 1, size),
        "scale": scale,
        "centre": scale * rng.uniform(-1, 1, size),
        "width": scale * np.exp(rng.uniform(-1, 0.5, size)),
    }


def logits(chosen: tuple[tuple[float, float], ...], number: int, loss: Loss) -> Natural:
    """Slope and offset of the logits, and the targets where there are some, (size,)."""
    slope, offset = np.array(chosen).T
    found = {"slope": slope, "offset": offset}
    if "target" in loss.words:
        places = number + np.arange(len(chosen))
        found["target"] = np.array(TARGETS)[places % len(TARGETS)]
    return found


def in_words(
    natural: Natural, words: Mapping[str, str], form: Format
) -> dict[str, np.ndarray]:
    """The same numbers as the format and the words of a convention have them."""
    found = {}
    for role, array in natural.items():
        word = words.get(role, "")
        is_scale = kind(word) in ("variance", "log_variance", "log_sigma")
        given = given_for(word, array) if is_scale else array
        found[role] = rounded(given, form)
    return found


def short(role: str) -> str:
    """`logits` of real_logits, `scale` of decoder_scale: what an integrand calls it."""
    for prefix in ("real_", "fake_", "decoder_"):
        role = role.removeprefix(prefix)
    return role


def named(part: Part, natural: Natural) -> Natural:
    """By the roles of a part where it has one, else under their own names."""
    roles = {short(role): role for role in part.roles}
    return {roles.get(name, name): array for name, array in natural.items()}
