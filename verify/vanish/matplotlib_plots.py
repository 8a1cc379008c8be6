"""The experiment as three plots, each as PNG and SVG."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from verify.vanish.experiment import Experiment
from verify.vanish.flow import derived
from verify.vanish.outcome import ADAM, NONSATURATING, SATURATING, SGD

KINDS = ("png", "svg")
COLOURS = {SATURATING: "tab:red", NONSATURATING: "tab:blue"}
MARKS = {SGD: ("o", "-"), ADAM: ("s", "--")}


def plotted(found: Experiment, folder: Path) -> list[Path]:
    """Draw what was found into files of a folder that exists; their paths.

    Raises OSError where a file cannot be written.
    """
    paths = []
    for name, draw in PLOTS.items():
        figure = Figure(figsize=(6.4, 4.4), layout="constrained")
        FigureCanvasAgg(figure)
        draw(figure.add_subplot(), found)
        for kind in KINDS:
            path = folder / f"{name}.{kind}"
            metadata = {"Date": None} if kind == "svg" else None
            figure.savefig(path, dpi=150, metadata=metadata)
            paths.append(path)
    return paths


def _gradients(axes: Axes, found: Experiment) -> None:
    """Norms of both gradients at the start, their ratio, and e^mean."""
    means = [start.mean for start in found.starts]
    for loss, norms in (
        (NONSATURATING, [start.nonsaturating for start in found.starts]),
        (SATURATING, [start.saturating for start in found.starts]),
    ):
        axes.plot(means, norms, "o-", color=COLOURS[loss], label=f"gradient, {loss}")
    ratios = [start.ratio for start in found.starts]
    axes.plot(means, ratios, "^-", color="black", label="ratio of the two")
    levels = [start.exponential for start in found.starts]
    axes.plot(means, levels, ":", color="black", label="exp(mean h)")
    axes.set(
        title="The generator's gradients before its first step",
        xlabel="mean logit h of the frozen discriminator",
        ylabel="norm",
        yscale="log",
    )
    axes.legend()


def _escapes(axes: Axes, found: Experiment) -> None:
    """Steps until the escape; a run that stayed stands at the limit, hollow."""
    for optimiser, (mark, line) in MARKS.items():
        for loss, colour in COLOURS.items():
            runs = [run for run in found.escapes if run.tried == (optimiser, loss)]
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
    axes.axhline(found.limit, color="grey", linewidth=0.8)
    axes.set(
        title=f"Steps to escape (hollow: not within {found.limit})",
        xlabel="mean logit h of the frozen discriminator, at the start",
        ylabel="steps until mean h > -1",
        yscale="log",
    )
    axes.legend()


def _flow(axes: Axes, found: Experiment) -> None:
    """Steps times their size in the model h = theta, on the derived curves."""
    for loss, colour in COLOURS.items():
        passages = [one for one in found.passages if one.loss == loss]
        if passages:
            depths = np.linspace(0.5, max(one.depth for one in passages), 60)
            times = [derived(loss, float(depth)) for depth in depths]
            axes.plot(depths, times, color=colour, label=f"derived, {loss}")
        points = [(one.depth, one.taken) for one in passages]
        axes.plot(*np.array(points).reshape(-1, 2).T, "o", color=colour)
    axes.set(
        title="The model h = theta: steps (dots) and the derived time of the flow",
        xlabel="M: the logit starts at -M, and goes to 0",
        ylabel="steps times their size",
        yscale="log",
    )
    if found.passages:
        axes.legend()


PLOTS: dict[str, Callable[[Axes, Experiment], None]] = {
    "gradients": _gradients,
    "escapes": _escapes,
    "flow": _flow,
}
