"""`python -m verify train`: a VAE or a GAN, with derived results as its only losses.

Also as `torchrun --nproc-per-node=2 -m verify train`, where the processes share every
batch, and the first of them writes and prints.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from importlib import import_module
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console, Group
from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from verify import serialise
from verify.commands.options import INTERRUPTED, Json, misuse, unknown
from verify.data.dataset import DataError
from verify.processes import Processes, joined
from verify.progress import BETWEEN_LINES
from verify.training.folder import FolderError, WriteError
from verify.training.log import Line
from verify.training.options import MODELS, OptionError, check

NEEDED = {
    "torch": "torch",
    "safetensors": "safetensors",
    "matplotlib": "matplotlib",
}
Flag = Annotated[bool | None, Parameter(negative="")]


def train(
    model: str,
    /,
    *,
    loss: str | None = None,
    decoder: str | None = None,
    network: str | None = None,
    data: str | None = None,
    device: str | None = None,
    dtype: str | None = None,
    amp: Flag = None,
    compile: Flag = None,
    steps: int | None = None,
    batch: int | None = None,
    latent: int | None = None,
    seed: int | None = None,
    every: int | None = None,
    out: Path | None = None,
    resume: Annotated[bool, Parameter(negative="")] = False,
    json: Json = False,
) -> int:
    """Train a VAE or a GAN, and leave its checkpoints, log, pictures and summary.

    Under torchrun its processes share each batch equally, and the path is the one of a
    single process to rounding. Exit status 0: trained; 1: a loss was not finite, or the
    disk is full; 2: misuse, and nothing was written; 130: interrupted, and saved.

    Parameters
    ----------
    model
        vae, gan.
    loss
        Of the GAN's generator: nonsaturating (as it is without), saturating.
    decoder
        Of the VAE: bernoulli (as it is without, on images), gaussian.
    network
        mlp (as it is without), conv (images with sides that are multiples of 4).
    data
        digits (as it is without), gaussian, ring, or a folder with the IDX files of
        MNIST or FashionMNIST.
    device
        auto (as it is without: a GPU where there is one), cpu, cuda.
    dtype
        float32 (as it is without), float64.
    amp
        Networks compute in bfloat16 where torch thinks it right.
    compile
        The losses with their networks under torch.compile.
    steps
        2000 of the VAE, 3000 of the GAN.
    batch
        Rows of a step, of all processes together: 128 of the VAE, 64 of the GAN.
    latent
        The dimension k of z: 4 of the VAE, 16 of the GAN; 2 for points.
    seed
        Of the start, the noise and the order of the data: 0.
    every
        Steps from one checkpoint to the next: 250.
    out
        A folder that is not there, or empty: runs/vae-digits and the like.
    resume
        Go on with the run in --out from its newest checkpoint. Options that are not
        given are those of that run.
    """
    given: dict[str, Any] = {
        **{"model": model, "loss": loss, "decoder": decoder, "network": network},
        **{"device": device, "dtype": dtype, "amp": amp, "compile": compile},
        **{"steps": steps, "batch": batch, "latent": latent, "seed": seed},
        **{"every": every, "data": data},
    }
    chosen = {name: value for name, value in given.items() if value is not None}
    if not resume:
        chosen.setdefault("data", "digits")
    place = out or Path("runs") / f"{model}-{Path(data or 'digits').name}"
    with joined() as processes, heard(processes):
        if model not in MODELS:
            return unknown(model, list(MODELS), "no model")
        for module, package in NEEDED.items():
            if find_spec(module) is None:
                return misuse(f"train: {package} is not installed")
        return _run(chosen, place, resume, json, processes)


def _run(
    chosen: dict[str, Any],
    place: Path,
    resume: bool,
    as_json: bool,
    processes: Processes,
) -> int:
    """Train in the folder and print what came of it; the exit status."""
    try:  # before torch is imported, which takes seconds
        check(chosen)
    except OptionError as wrong:
        return misuse(str(wrong))
    running = import_module("verify.training.torch_run")
    refused = import_module("verify.training.safetensors_checkpoint").RefusedError
    diverged = import_module("verify.training.torch_trainer").DivergedError
    try:
        run = running.Run(chosen, place, resume, say, processes)
    except (OptionError, DataError, FolderError, refused) as wrong:
        return misuse(str(wrong))
    except WriteError as wrong:
        return failed(str(wrong))
    if run.first == run.options.steps:
        say("it is at its last step already: --steps goes on from there")
    try:
        with watched(run.session.step, run.options.steps) as watch:
            done = run.train(watch)
        summary = run.finish() if done else None
    except running.UnjudgedError as wrong:
        return failed(f"{wrong}; what was saved before is whole")
    except diverged as stopped:
        failed(str(stopped))
        for one in stopped.ranges:
            ends = f"{one['least']:.3g} to {one['greatest']:.3g}"
            say(f"  {one['layer']}: {ends}, {one['not_finite']} not finite")
        return 1
    except WriteError as wrong:
        return failed(f"{wrong}; what was saved before is whole")
    if summary is None:
        at = run.session.step
        say(f"interrupted, and saved at step {at}: {place}; --resume goes on")
        return INTERRUPTED
    if as_json:
        print(serialise.document("train", True, run=summary, folder=str(place)))
        return 0
    report(Console(highlight=False), place, summary)
    return 0


@contextmanager
def heard(processes: Processes) -> Iterator[None]:
    """Of several processes only the first is heard, and nobody leaves before it did.

    torchrun ends all others as soon as one exits with another status than 0.
    """
    if processes.rank == 0:
        yield
    else:
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            yield
    processes.gathered(None)


def say(words: str) -> None:
    """Say on stderr what is no result."""
    print(words, file=sys.stderr)


def failed(words: str) -> int:
    """Say on stderr why the run ended; 1."""
    say(f"lossproof: {words}")
    return 1


@contextmanager
def watched(first: int, steps: int) -> Iterator[Callable[[Line], None]]:
    """On stderr a bar with what was measured last below it.

    Without a terminal it is a line every ten seconds.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _told(console, steps)
        return
    columns = (BarColumn(20), MofNCompleteColumn(), TimeElapsedColumn())
    bar = Progress(*columns, TextColumn("{task.fields[pace]}"), console=console)
    task = bar.add_task("", total=steps, completed=first, pace="")
    with Live(bar, console=console, transient=True) as live:

        def watch(line: Line) -> None:
            speed = bar.tasks[task].speed or 0.0
            bar.update(task, completed=int(line["step"]), pace=f"{speed:.0f} steps/s")
            live.update(Group(bar, Text(_measured(line))))

        yield watch


def _told(console: Console, steps: int) -> Callable[[Line], None]:
    last = time.monotonic()

    def watch(line: Line) -> None:
        nonlocal last
        if time.monotonic() - last >= BETWEEN_LINES:
            last = time.monotonic()
            words = f"step {int(line['step'])}/{steps}: {_measured(line)}"
            console.print(words, soft_wrap=True, highlight=False, markup=False)

    return watch


def _measured(line: Line) -> str:
    return ", ".join(
        f"{name.replace('_', ' ')} {value:.3g}"
        for name, value in line.items()
        if name != "step"
    )


def report(out: Console, place: Path, summary: dict[str, Any]) -> None:
    """Print what was found, and where it lies."""
    toy = " (a toy)" if summary["toy"] else ""
    losses = " and ".join(summary["losses"])
    options = summary["options"]
    out.print(
        Text(f"{options['model']} on {options['data']}{toy}, {losses}", style="bold")
    )
    start = summary["start"]
    for name, value in summary["figures"].items():
        moved = start.get(name, value) != value  # what the data alone fix, does not
        before = f", {start[name]:.4g} at the start" if moved else ""
        out.print(f"{name.replace('_', ' ')}: {value:.4g}{before}")
    times = summary["times"]
    first, seconds = times["from_step"], times["training_seconds"]
    since = f" from step {first}" if first else ""
    out.print(
        f"{summary['step']} steps;{since} {seconds:.1f} s, "
        f"{(summary['step'] - first) / seconds:.0f} steps/s"
    )
    files = [*summary["pictures"], summary["log"], "summary.json"]
    out.print(f"{place}: {', '.join([*files, *summary['checkpoint']])}")
