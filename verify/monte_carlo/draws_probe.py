"""Draws as arguments: the mean of what a callable returns for them, beside another's.

The callable's logits, or targets, are drawn from a stream of their own; the definition
is averaged over a stream that it never sees. If the callable is right, both means are
near one expectation.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from verify.accuracy.formats import Format
from verify.accuracy.rounding import rounded
from verify.losses.call import Results, Weights
from verify.losses.convention import Convention
from verify.monte_carlo import logit_definition, settings
from verify.monte_carlo.noise import Design, normals, stratified
from verify.monte_carlo.probe import Probe, Row
from verify.monte_carlo.settings import NARROW, Natural, short
from verify.monte_carlo.sheet import PILOT, TWICE, Sheet
from verify.monte_carlo.tail import Spread

SAMPLES, FEWER = 2**12, 2**9  # the callable's draws; those of a type of 16 bits
DRAWN = {"slope": "logits", "centre": "target"}  # a parameter of whose law, whose


class DrawsProbe(Probe[Sheet]):
    """Columns of one law each, and as many rows as draws; a sheet for each part."""

    def __init__(
        self, convention: Convention, form: Format, sheets: tuple[Sheet, ...]
    ) -> None:
        self.parts = convention.loss.parts
        self.samples: Design = stratified(SAMPLES if form.digits > NARROW else FEWER)
        self._noise = lru_cache(maxsize=4)(self._made)
        self._cached = lru_cache(maxsize=2)(self._drawn_arrays)
        super().__init__(convention, form, sheets)

    def drawn(self, place: int) -> str:
        """The role that is drawn, "" if none is."""
        given = self.sheets[place].given
        names = [what for parameter, what in DRAWN.items() if parameter in given]
        roles = {short(role): role for role in self.parts[place].roles}
        return roles[names[0]] if names else ""

    def noise(self, place: int, seed: int) -> np.ndarray:
        """What the callable's arguments are made of, (draws, columns)."""
        return self._noise(place, seed)

    def _made(self, place: int, seed: int) -> np.ndarray:
        sheet = self.sheets[place]
        blocks = range(self.samples.blocks)
        parts = [normals(self.samples, seed, sheet.stream + 1, b) for b in blocks]
        return np.concatenate(parts)[:, sheet.noise]

    def arrays(self, seed: int) -> dict[str, np.ndarray]:
        """Columns of draws, and of parameters that are the same in every row."""
        return self._cached(seed)

    def _drawn_arrays(self, seed: int) -> dict[str, np.ndarray]:
        found = {}
        for place, (part, sheet) in enumerate(
            zip(self.parts, self.sheets, strict=True)
        ):
            noise = self.noise(place, seed)
            for role in part.roles:
                if role == self.drawn(place):
                    array = self._argument(sheet, role, noise)
                else:
                    array = sheet.given[role] + 0 * noise
                found[sheet.words[role]] = np.ascontiguousarray(array)
        return found

    def _argument(self, sheet: Sheet, role: str, noise: np.ndarray) -> np.ndarray:
        given = sheet.given
        if short(role) == "target":
            return rounded(given["centre"] + given["width"] * noise, self.form)
        logits = given["slope"] * noise + given["offset"]
        if "probabilities" in sheet.words[role]:
            logits = 1 / (1 + np.exp(-logits))
        return rounded(logits, self.form)

    def weights(self) -> Weights:
        """So that derivatives are those of the mean over the draws."""
        if self.convention.reduction in ("mean", "sum_mean"):
            return Weights((np.ones(()),))
        draws = self.samples.draws
        if self.convention.reduction == "sum":
            return Weights((np.full(draws, 1 / draws),))
        sizes = [len(sheet.noise) for sheet in self.sheets]
        return Weights(tuple(np.full((draws, n), 1 / draws) for n in sizes))

    def answers(self, results: Results, seed: int) -> np.ndarray:
        """Mean values, then mean derivatives, alone and times the draw."""
        if self.convention.reduction == "none":
            found = [value.mean(0) for value in results.value]
        else:
            found = [np.atleast_1d(results.value[0].mean())]
        if not results.slopes:
            return np.concatenate(found)
        for place, sheet in enumerate(self.sheets):
            noise = self.noise(place, seed)
            for role in self.parts[place].roles:
                slope = results.slopes[sheet.words[role]]
                if "probabilities" in sheet.words[role]:
                    D = self.arrays(seed)[sheet.words[role]]
                    slope = slope * D * (1 - D)
                found.append(slope.sum(0))
                if f"{short(role)}*e" in sheet.names:
                    found.append((slope * noise).sum(0))
        return np.concatenate(found)

    def own(self, place: int, share: np.ndarray) -> list[Spread]:
        """The callable's draws, as many as its design has."""
        drawn = self.drawn(place)
        return [self.sheets[place].spread(self.samples, share)] if drawn else []

    def _rows(self) -> list[Row]:
        found = self._values()
        mean = self.convention.reduction == "mean"
        for place, (part, sheet) in enumerate(
            zip(self.parts, self.sheets, strict=True)
        ):
            unit = np.eye(len(sheet.noise)) * sheet.sign
            unit = unit / len(sheet.noise) if mean else unit
            for role in part.roles:
                word = sheet.words[role]
                for name in (_named(sheet, role), f"{short(role)}*e"):
                    times = ", times the draw" if name.endswith("*e") else ""
                    what = f"mean of d/d{word}{times}, at {self._law(place)}"
                    if name in sheet.names:
                        found += [Row(what, True, {(place, name): u}) for u in unit]
        return found

    def _values(self) -> list[Row]:
        reduction, draws = self.convention.reduction, self.samples.draws
        sizes = [len(sheet.noise) for sheet in self.sheets]
        signs = [float(sheet.sign) for sheet in self.sheets]
        if reduction == "none":
            return [
                Row(f"mean value at {self._law(p)}", False, {(p, "value"): sign * unit})
                for p, sign in enumerate(signs)
                for unit in np.eye(sizes[p])
            ]
        each = [1 / n if reduction == "mean" else 1.0 for n in sizes]
        shares = {
            (p, "value"): np.full(sizes[p], signs[p] * each[p])
            for p in range(len(sizes))
        }
        summed = sum(sizes) * (1 if reduction == "sum" else draws)
        where = " and ".join(self._law(p) for p in range(len(sizes)))
        return [Row(f"mean value at {where}", False, shares, summed)]

    def _law(self, place: int) -> str:
        given = self.sheets[place].given
        shown = ", ".join(
            f"{name} {array[0]:.4g}" for name, array in sorted(given.items())
        )
        more = len(self.sheets[place].noise) - 1
        return shown + (f" (and {more} more columns)" if more else "")

    def inexact(self, place: int) -> np.ndarray:
        """A logit is rounded; a probability as well, where 1 - D is small."""
        sheet = self.sheets[place]
        if "slope" not in sheet.given:
            return super().inexact(place)
        noise = normals(PILOT, 0, sheet.stream, 0)[:, sheet.noise]
        if "probabilities" in sheet.words[self.drawn(place)]:
            units = logit_definition.rounding(noise, sheet.given)
        else:
            logits = sheet.given["slope"] * noise + sheet.given["offset"]
            units = np.mean(4 * (1 + np.abs(logits)) * (1 + np.abs(noise)), axis=0)
        return TWICE * np.tile(units, len(sheet.names))

    @property
    def scale(self) -> float:
        """Derivatives are divided by the number of draws."""
        return float(self.samples.draws)


def _named(sheet: Sheet, role: str) -> str:
    return role if role in sheet.names else short(role)


@lru_cache(maxsize=256)
def sheets(convention: Convention, form: Format) -> tuple[tuple[Sheet, ...], ...]:
    """The parts of a loss under their laws, setting after setting.

    convention  without its reduction, on which they do not depend
    """
    found = []
    for laws in _natural(convention, form):
        row = []
        for place, (part, natural) in enumerate(
            zip(convention.loss.parts, laws, strict=True)
        ):
            words = {role: convention.word(role) for role in part.roles}
            own = settings.named(part, natural)
            given = settings.in_words(own, words, form)
            noise = np.arange(len(next(iter(given.values()))))
            row.append(Sheet(part.name, part.sign, words, given, noise, 2 * place))
        found.append(tuple(row))
    return tuple(found)


def _natural(convention: Convention, form: Format) -> Iterator[tuple[Natural, ...]]:
    """The laws of each part, in deviations; a second part has another setting."""
    known, vectors = settings.laws(form), settings.vectors(form)
    for number, law in enumerate(known):
        found: list[Natural] = []
        for place, part in enumerate(convention.loss.parts):
            if part.name == "gaussian_kl":
                chosen = vectors[number % len(vectors)]
                natural = settings.gaussian(chosen, number, part.roles)
                found.append({role: array[0] for role, array in natural.items()})
            elif part.name == "gaussian_nll":
                found.append(settings.targets(len(law), number, form))
            else:
                other = known[(number + place) % len(known)]
                found.append(settings.logits(other, number, convention.loss))
        yield tuple(found)
