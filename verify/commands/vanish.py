"""`python -m verify vanish`: exercise 1 as an experiment."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console

from verify import serialise
from verify.commands.options import INTERRUPTED, Json, misuse
from verify.progress import watched
from verify.vanish.experiment import Experiment, StrengthError
from verify.vanish.outcome import Escape
from verify.vanish.report import report

LIMIT = 5000


def vanish(
    *,
    steps: Annotated[int, Parameter(validator=Number(gt=0))] = LIMIT,
    out: Path | None = None,
    json: Json = False,
    seed: Annotated[int, Parameter(validator=Number(gte=0))] = 0,
) -> int:
    """Let a generator escape frozen discriminators, with both losses.

    Discriminators whose mean logit on the generator's samples is from -2 to -12 are
    frozen. The same generator starts against each, with the saturating loss L_G and
    the other, L_NS, under plain SGD and under Adam. Exit status 1 if a claim does not
    agree with these runs, or a plot cannot be written; 130: interrupted, and what is
    printed is partial.

    Parameters
    ----------
    steps
        The most steps of a run; one that has not escaped then never did.
    out
        A folder for three plots, as PNG and SVG: new, or empty.
    seed
        Of the data, the noise and the first weights.
    """
    wrong = _wrong(out)
    if wrong:
        return misuse(wrong)
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # the networks are small
    runs = import_module("verify.vanish.torch_experiment")
    try:
        found = runs.experiment(seed, steps, _bar)
    except StrengthError as short:
        return misuse(f"--seed: {short}")
    paths, fault = _plotted(found, out)
    if json:
        parts = found.as_data() | {"plots": [str(path) for path in paths]}
        whole = {"partial": found.interrupted, **parts}
        print(serialise.document("vanish", found.good and not fault, **whole))
    else:
        console = Console(highlight=False)
        console.print(report(found), soft_wrap=True)
        for path in paths:
            console.print(f"{path}", soft_wrap=True)
    if fault:
        print(f"lossproof: --out: {fault}", file=sys.stderr)
    return INTERRUPTED if found.interrupted else int(bool(fault) or not found.good)


def _plotted(found: Experiment, out: Path | None) -> tuple[list[Path], str]:
    """The plots that were written, and why not all; none without anything to draw.

    The runs are not lost because a file cannot be written, or the keyboard interrupts.
    """
    paths: list[Path] = []
    if out is None or not found.starts:
        return paths, ""
    try:
        plots = import_module("verify.vanish.matplotlib_plots")
        for path in plots.plotted(found, out):
            paths.append(path)
    except OSError as fault:
        return paths, str(fault)
    except KeyboardInterrupt:
        found.interrupted = True
    return paths, ""


def _wrong(out: Path | None) -> str:
    """What is wrong with the options or this machine, "" if nothing is.

    Makes the folder, so that a bad one is found before the runs.
    """
    for package in ("torch", *(("matplotlib",) if out else ())):
        if find_spec(package) is None:
            return f'{package} is not installed: pip install "lossproof[models]"'
    if out is None:
        return ""
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            return f"--out: {out} is not empty, and nothing is overwritten"
        with (out / "gradients.png").open("xb"):
            pass
    except OSError as fault:
        return f"--out: {fault}"
    (out / "gradients.png").unlink()
    return ""


def _bar(runs: Iterable[Escape], count: int) -> Iterable[Escape]:
    return watched(runs, count, "runs")
