"""One part of a loss over some elements: its integrands, and how their means spread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np

from verify.monte_carlo import (
    gaussian_definition,
    logit_definition,
    numpy_arrays,
)
from verify.monte_carlo.gaussian_definition import Pieces
from verify.monte_carlo.noise import BLOCK, COLUMNS, Design, normals, stratified
from verify.monte_carlo.scales import sigma_of, slope_of_sigma
from verify.monte_carlo.tail import Spread

DEFINITIONS: dict[str, Callable[..., dict[str, Pieces]]] = {
    "gaussian_kl": gaussian_definition.log_ratio_to_standard,
    "gaussian_kl_between": gaussian_definition.log_ratio,
    "gaussian_nll": gaussian_definition.nll,
    "log_d": logit_definition.log_d,
    "log_one_minus_d": logit_definition.log_one_minus_d,
    "bernoulli_nll": logit_definition.bernoulli_nll,
}
OF_LOGITS = ("log_d", "log_one_minus_d", "bernoulli_nll")
UNIT = 2.0**-53
PILOT, TWICE = stratified(512), 2.0  # magnitudes only: twice those of a few draws
OPERATIONS = 32  # roundings of one piece of an integrand, at most


@dataclass(frozen=True, eq=False)
class Sheet:
    """Elements of one part, each a function of one standard normal draw.

    part    its name in the table of losses
    sign    with which it goes into the loss
    words   by role, what fills it
    given   by role, shape (elements,): what the callable is given, and for a part whose
            argument is drawn the law of it, under names of its own
    noise   shape (elements,): which coordinate of the draw it has
    stream  of the draws
    """

    part: str
    sign: int
    words: Mapping[str, str]
    given: Mapping[str, np.ndarray]
    noise: np.ndarray
    stream: int

    @cached_property
    def sigmas(self) -> dict[str, np.ndarray]:
        """The same with standard deviations for scales."""
        return {
            role: sigma_of(self.words[role], array)
            if "scale" in role and role in self.words
            else array
            for role, array in self.given.items()
        }

    def pieces(self, draws: Any, on: ModuleType, device: str) -> dict[str, Pieces]:
        """The integrands at draws of shape (n, 12), by name; (n, elements) each.

        Derivatives in a scale are those in the number that stands for it.
        """
        given = {r: on.moved(array, device) for r, array in self.sigmas.items()}
        role_of = {role.removeprefix("decoder_"): role for role in given}
        named = {short: given[role] for short, role in role_of.items()}
        found = DEFINITIONS[self.part](draws[:, self.noise], named, on)
        slopes = {}
        for name, parts in found.items():
            role = role_of.get(name, name)
            if "scale" in role:
                factor = slope_of_sigma(self.words[role], given[role])
                parts = tuple(part * factor for part in parts)
            slopes[role] = parts
        return slopes

    @property
    def sources(self) -> tuple[Sheet, ...]:
        """Itself: no integrand mixes coordinates."""
        return (self,)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The integrands, in order."""
        return tuple(self.pieces(np.zeros((1, COLUMNS)), numpy_arrays, "cpu"))

    def integrands(self, draws: Any, on: ModuleType, device: str) -> list[Any]:
        """The same, each summed: what is averaged."""
        nothing = 0 * draws[:, self.noise]
        found = self.pieces(draws, on, device).values()
        return [sum(parts, nothing) for parts in found]

    def _at(self, draw: float) -> np.ndarray:
        with np.errstate(all="ignore"):
            rows = self.integrands(np.full((1, COLUMNS), draw), numpy_arrays, "cpu")
        return np.concatenate(rows, axis=-1)[0]

    @cached_property
    def coefficients(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """a, b and the Lipschitz constants of all integrands, shape (names elements,).

        Where an integrand is quadratic, three draws say which one it is.
        """
        if self.part in OF_LOGITS:
            known = logit_definition.constants(self.part, self.given)
            constants = np.concatenate([known[name] for name in self.names])
            return 0 * constants, 0 * constants, constants
        below, middle, above = self._at(-1.0), self._at(0.0), self._at(1.0)
        a, b = (above + below) / 2 - middle, (above - below) / 2
        return a, b, 0 * a

    def spread(self, design: Design, share: np.ndarray) -> Spread:
        """Of the mean of share . integrands, share of shape (names elements,)."""
        noise = np.tile(self.noise, len(self.names))
        a, b, constants = self.coefficients
        return Spread(
            design,
            np.bincount(noise, share * a, COLUMNS),
            np.bincount(noise, share * b, COLUMNS),
            np.bincount(noise, np.abs(share) * constants, COLUMNS),
        )

    @cached_property
    def magnitudes(self) -> tuple[np.ndarray, np.ndarray]:
        """What roundings are in proportion to, shape (names elements,) each.

        The first is that of all pieces, the second that of what someone else computes:
        the pieces of the value, and what is left of those of a derivative.
        """
        draws = normals(PILOT, 0, self.stream, 0)
        found = self.pieces(draws, numpy_arrays, "cpu")
        shape = draws[:, self.noise]
        whole, left = [], []
        for name, parts in found.items():
            size = TWICE * sum(np.mean(np.abs(p + 0 * shape), axis=0) for p in parts)
            rest = TWICE * np.mean(np.abs(sum(parts, 0 * shape)), axis=0)
            whole.append(size)
            left.append(size if name == "value" else rest)
        return np.concatenate(whole), np.concatenate(left)

    @cached_property
    def rounding(self) -> np.ndarray:
        """Of the sampled means, shape (names elements,)."""
        whole, _ = self.magnitudes
        found = (BLOCK + OPERATIONS) * UNIT * whole
        if self.part in OF_LOGITS:
            units = logit_definition.rounding(
                normals(PILOT, 0, 0, 0)[:, self.noise], self.given
            )
            found = found + TWICE * UNIT * np.tile(units, len(self.names))
        return found
