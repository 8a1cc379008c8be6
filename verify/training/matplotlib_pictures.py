"""The pictures of a run, as PNG and SVG: samples, reconstructions, curves, traversals.

Drawn without a display, and without a date in the files: the same arrays give the same
bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from verify.training.folder import write
from verify.training.log import Line

Rows = NDArray[np.floating]
MANY = 200
FORMATS: dict[str, dict[str, Any]] = {"png": {"Software": None}, "svg": {"Date": None}}
COLUMNS = 8
FEW = 30
"""Points of a curve, of which each is marked: one alone would not be seen."""
UNITS = {"loss": " (nats)", "kl": " (nats)", "gradient": " (norm)"}
JOINED: dict[str, Any] = {"marker": "o", "markersize": 3}
SCATTERED: dict[str, Any] = {
    **{"linestyle": "none", "marker": ".", "markersize": 2, "alpha": 0.5}
}
SINGLE: dict[str, Any] = {"linestyle": "none", "marker": "o", "markersize": 4}
"""Points that are to be told apart; SCATTERED are more than MANY."""


def drawn(folder: Path, name: str, figure: Figure) -> list[str]:
    """Write the figure in both formats; the files' names.

    Raises WriteError where they cannot be written.
    """
    written = []
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # it has done its work, and would do it four times
    for kind, metadata in FORMATS.items():
        stream = BytesIO()
        with matplotlib.rc_context({"svg.hashsalt": name}):
            figure.savefig(stream, format=kind, dpi=120, metadata=metadata)
        write(folder / f"{name}.{kind}", stream.getvalue())
        written.append(f"{name}.{kind}")
    return written


def tiled(rows: Rows, shape: tuple[int, ...], columns: int) -> NDArray[np.floating]:
    """Images side by side, `columns` in a line, with a white pixel between them.

    rows  (N, height width), N >= 1; what is missing in the last line is white
    """
    height, width = shape
    lines = -(-len(rows) // columns)
    sheet = np.ones((lines * (height + 1) - 1, columns * (width + 1) - 1))
    for place, row in enumerate(rows):
        top, left = (place // columns) * (height + 1), (place % columns) * (width + 1)
        sheet[top : top + height, left : left + width] = row.reshape(height, width)
    return sheet


def of_images(
    rows: Rows,
    shape: tuple[int, ...],
    title: str,
    columns: int,
    across: Sequence[str] = (),
    down: Sequence[str] = (),
) -> Figure:
    """Grey images, black 0 and white 1, whatever values there are.

    across, down  what each column and each line is, where that has to be said
    """
    sheet = tiled(rows, shape, columns)
    wide = 5.0
    tall = wide * sheet.shape[0] / sheet.shape[1] + 0.4
    figure = Figure(figsize=(wide, tall), layout="constrained")
    axes = figure.subplots()
    axes.imshow(sheet, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    axes.set_title(title, fontsize=9)
    height, width = shape
    for axis, names, side in ((axes.xaxis, across, width), (axes.yaxis, down, height)):
        middles = [place * (side + 1) + (side - 1) / 2 for place in range(len(names))]
        axis.set_ticks(middles, labels=names)
    axes.tick_params(labelsize=7, length=0)
    axes.spines[:].set_visible(False)
    return figure


def of_points(groups: dict[str, Rows], title: str, lines: bool) -> Figure:
    """Points in the plane by group, each (N, 2); joined to lines where asked for."""
    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    for label, rows in groups.items():
        style = JOINED if lines else SCATTERED if len(rows) > MANY else SINGLE
        axes.plot(rows[:, 0], rows[:, 1], label=label, **style)
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_title(title, fontsize=9)
    axes.legend(fontsize=8, markerscale=2)
    return figure


def of_pairs(
    originals: Rows, reconstructions: Rows, shape: tuple[int, ...], title: str
) -> Figure:
    """Lines of test images, each above a line of what was made of them."""
    count = len(originals) // COLUMNS * COLUMNS or len(originals)
    rows = []
    for start in range(0, count, COLUMNS):
        rows += [*originals[start : start + COLUMNS]]
        rows += [*reconstructions[start : start + COLUMNS]]
    return of_images(np.stack(rows), shape, title, min(COLUMNS, len(originals)))


def curves(lines: Sequence[Line], title: str) -> Figure:
    """Everything that was logged, against the step, a panel for each name."""
    names = [name for name in lines[0] if name != "step"]
    steps = [line["step"] for line in lines]
    figure = Figure(figsize=(3.2 * min(3, len(names)), 2.4 * -(-len(names) // 3)))
    figure.set_layout_engine("constrained")
    figure.suptitle(title, fontsize=9)
    for place, name in enumerate(names):
        axes = figure.add_subplot(-(-len(names) // 3), min(3, len(names)), place + 1)
        seen = [line[name] for line in lines]
        axes.plot(steps, seen, linewidth=0.8, marker="." if len(lines) < FEW else "")
        *_, kind = name.split("_")
        axes.set_title(f"{name.replace('_', ' ')}{UNITS.get(kind, '')}", fontsize=8)
        axes.tick_params(labelsize=7, which="both")
        axes.set_xlabel("step", fontsize=7)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
        if name.endswith("gradient"):
            axes.set_yscale("log", nonpositive="clip")
    return figure
