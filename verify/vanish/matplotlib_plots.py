"""The experiment as three plots, each as PNG and SVG."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import log
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from verify.vanish.experiment import Experiment
from verify.vanish.flow import derived
from verify.vanish.outcome import ADAM, AWAY, NONSATURATING, SATURATING, SGD

KINDS = ("png", "svg")
COLOURS = {SATURATING: "tab:red", NONSATURATING: "tab:blue"}
MARKS = {SGD: ("o", "-"), ADAM: ("s", "--")}


def plotted(found: Experiment, folder: Path) -> Iterator[Path]:
    """Draw what was found into files of a folder that exists; each path when written.

    A plot for which nothing was found, before an interruption, is not drawn.
    Raises OSError where a file cannot be written.
    """
    there = {"gradients": found.starts, "escapes": found.escapes}
    for name, draw in PLOTS.items():
        if not there.get(name, found.passages):
            continue
        figure = Figure(figsize=(6.4, 5.0), layout="constrained")
        FigureCanvasAgg(figure)
        draw(figure.add_subplot(), found)
        figure.legend(loc="outside lower center", ncols=2)
        figure.draw_without_rendering()
        figure.set_layout_engine("none")  # it is laid out, once for both files
        for kind in KINDS:
            path = folder / f"{name}.{kind}"
            metadata = {"Date": None} if kind == "svg" else None
            figure.savefig(path, dpi=150, metadata=metadata)
            yield path


def _gradients(axes: Axes, found: Experiment) -> None:
    """Norms of both gradients at the start, and their ratio, against e^mean."""
    levels = [start.exponential for start in found.starts]
    for loss, norms in (
        (NONSATURATING, [start.nonsaturating for start in found.starts]),
        (SATURATING, [start.saturating for start in found.starts]),
    ):
        axes.plot(levels, norms, "o-", color=COLOURS[loss], label=f"norm, {loss}")
    ratios = [start.ratio for start in found.starts]
    axes.plot(levels, ratios, "^-", color="black", label="ratio of the two norms")
    axes.plot(levels, levels, ":", color="black", label="e^(mean h) itself")
    axes.set(
        title="The generator's gradients before its first step",
        xlabel="e^(mean h), h the logit of the frozen discriminator",
        ylabel="norm of the gradient, and ratio (no unit)",
        xscale="log",
        yscale="log",
    )
    above = axes.twiny()
    above.set_xlim(*(log(level) for level in axes.get_xlim()))
    above.set_xlabel("mean h")


def _escapes(axes: Axes, found: Experiment) -> None:
    """Steps until the escape; a run that stayed stands at the limit, hollow."""
    for optimiser, (mark, line) in MARKS.items():
        for loss, colour in COLOURS.items():
            runs = [run for run in found.escapes if run.tried == (optimiser, loss)]
            if not runs:
                continue
            runs.sort(key=lambda run: run.start)
            means = [found.starts[run.start].mean for run in runs]
            steps = [min(run.least, run.limit) for run in runs]
            label = f"{optimiser}, {loss}"
            axes.plot(means, steps, line, color=colour, marker=mark, label=label)
            stayed = [place for place, run in enumerate(runs) if run.steps is None]
            axes.plot(
                [means[place] for place in stayed],
                [steps[place] for place in stayed],
                linestyle="",
                marker=mark,
                color=colour,
                markerfacecolor="white",
                zorder=3,
            )
    axes.axhline(found.limit, color="grey", linewidth=0.8, label="limit of the runs")
    axes.set(
        title=f"Steps to escape (hollow: not within {found.limit})",
        xlabel="mean logit h of the frozen discriminator, at the start",
        ylabel=f"steps until mean h > {AWAY:g}",
        yscale="log",
    )


def _flow(axes: Axes, found: Experiment) -> None:
    """Steps times their size in the model h = theta, on the derived curves."""
    for loss, colour in COLOURS.items():
        passages = [one for one in found.passages if one.loss == loss]
        if passages:
            depths = np.linspace(0.5, max(one.depth for one in passages), 60)
            times = [derived(loss, float(depth)) for depth in depths]
            axes.plot(depths, times, color=colour, label=f"derived, {loss}")
        points = [(one.depth, one.taken) for one in passages]
        places = np.array(points).reshape(-1, 2).T
        axes.plot(*places, "o", color=colour, label=f"steps, {loss}")
    axes.set(
        title="The model h = theta: gradient steps, and the derived time of the flow",
        xlabel="M: the logit starts at -M, and goes to 0",
        ylabel="time: steps times their size",
        yscale="log",
    )


PLOTS: dict[str, Callable[[Axes, Experiment], None]] = {
    "gradients": _gradients,
    "escapes": _escapes,
    "flow": _flow,
}
