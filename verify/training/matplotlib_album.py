"""All pictures of one run: which there are, for images and for points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from verify.data.dataset import Dataset
from verify.training.log import Line
from verify.training.matplotlib_pictures import (
    COLUMNS,
    curves,
    drawn,
    of_images,
    of_pairs,
    of_points,
)

if TYPE_CHECKING:
    from verify.training.torch_outcome import Outcome

SHOWN = 64
"""Samples that are images."""


def album(
    folder: Path, data: Dataset, made: Outcome, lines: Sequence[Line], title: str
) -> list[str]:
    """Draw them all into the folder; the files' names.

    lines  of the log; without any there are no curves

    Raises WriteError where they cannot be written.
    """
    return [
        name
        for stem, figure in _figures(data, made, lines, title)
        for name in drawn(folder, stem, figure)
    ]


def _figures(
    data: Dataset, made: Outcome, lines: Sequence[Line], title: str
) -> Iterator[tuple[str, Figure]]:
    pictures = _of_images if data.image else _of_points
    yield from pictures(data, made, title)
    if lines:
        yield "curves", curves(lines, title)


def _of_images(
    data: Dataset, made: Outcome, title: str
) -> Iterator[tuple[str, Figure]]:
    shape, means = data.shape, made.reconstructions is not None
    said = f"{title}: {'means of p(x | z), z drawn' if means else 'samples'}"
    yield "samples", of_images(made.samples[:SHOWN], shape, said, COLUMNS)
    count, places, outputs = made.traversals.shape
    flat = made.traversals.reshape(count * places, outputs)
    said = f"{title}: one coordinate of z moves, the others are 0"
    across, down = [f"{place:g}" for place in made.places], _coordinates(count)
    yield "traversals", of_images(flat, shape, said, places, across, down)
    if made.originals is not None and made.reconstructions is not None:
        said = f"{title}: test images, below each its reconstruction"
        pairs = of_pairs(made.originals, made.reconstructions, shape, said)
        yield "reconstructions", pairs


def _of_points(
    data: Dataset, made: Outcome, title: str
) -> Iterator[tuple[str, Figure]]:
    both = {"test data": data.test, "samples": made.samples}
    yield "samples", of_points(both, f"{title}: samples", lines=False)
    moved = dict(zip(_coordinates(len(made.traversals)), made.traversals, strict=True))
    said = f"{title}: one coordinate of z moves from -2 to 2"
    yield "traversals", of_points(moved, said, lines=True)
    if made.originals is not None and made.reconstructions is not None:
        pairs = {"test data": made.originals, "reconstructions": made.reconstructions}
        said = f"{title}: some test data, and what is made of them"
        yield "reconstructions", of_points(pairs, said, lines=False)


def _coordinates(count: int) -> list[str]:
    return [f"z{place + 1}" for place in range(count)]
