"""`python -m verify model`: the evidence on the networks of a run."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console
from rich.table import Table
from rich.text import Text

from verify import serialise
from verify.commands.options import INTERRUPTED, Json, misuse
from verify.data.dataset import DataError
from verify.evidence import Evidence, Verdict
from verify.progress import gathered
from verify.training.folder import FolderError
from verify.training.options import CHOICES, OptionError

BATCHES = 4
NEEDED = {"torch": "torch", "safetensors": "safetensors", "matplotlib": "matplotlib"}
COLOURS = {Verdict.AGREES: "green", Verdict.REFUTED: "bold red"}


def model(
    folder: Path,
    /,
    *,
    batches: Annotated[int, Parameter(validator=Number(gt=0))] = BATCHES,
    device: str = "auto",
    json: Json = False,
    seed: Annotated[int, Parameter(validator=Number(gte=0))] = 0,
) -> int:
    """Hold the networks of a run against what was derived, on real activations.

    Of a GAN: both players' gradients, the norm of the generator's, the ratio of the two
    losses sample by sample. Of a VAE: the gradient of minus the ELBO, and the KL of
    every image by draws and beside the truth. Of both: bfloat16. Nothing is written.

    Exit status 0: all agrees; 1: something is refuted or undecided; 2: misuse, or no
    run there; 130: interrupted, with what was found so far.

    Parameters
    ----------
    folder
        What `train --out` wrote, finished or interrupted.
    batches
        How many batches of the run's size are inspected.
    device
        auto (as it is without: the CPU, and a GPU where there is one), cpu, cuda.
    seed
        Of the choice of batches, the noise and the draws.
    """
    for module, package in NEEDED.items():
        if find_spec(module) is None:
            return misuse(f"model: {package} is not installed")
    if device not in CHOICES["device"]:
        return misuse(f"--device: {device}; it can be {', '.join(CHOICES['device'])}")
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # the networks are small
    refused: list[str] = []  # checkpoints that are newer, and not whole
    try:
        session, data = _loaded(folder, device, refused.append)
    except (FolderError, DataError, OptionError) as wrong:
        return misuse(str(wrong))
    for words in refused:
        print(words, file=sys.stderr)
    of = import_module("verify.trained.torch_checks")
    places = of.devices(device)
    chosen = of.checks(session, data, batches=batches, seed=seed, on=places)
    found, interrupted = gathered(of.found_by(chosen), len(chosen), "checks")
    good = not interrupted and all(one.verdict is Verdict.AGREES for one in found)
    if json:
        parts: dict[str, Any] = {
            "folder": str(folder),
            "step": session.step,
            "refused": refused,
            "evidence": [one.as_data() for one in found],
        }
        print(serialise.document("model", good, partial=interrupted, **parts))
    else:
        whole = f"step {session.step}"
        whole += ", the newest that is whole" if refused else ""
        title = f"{folder}: {session.options.model} on {session.options.data}, {whole}"
        _show(Console(highlight=False), title, found, interrupted)
    return INTERRUPTED if interrupted else int(not good)


def _loaded(folder: Path, device: str, say: Callable[[str], None]) -> Any:
    """Session and data; raises FolderError, DataError and OptionError, in words."""
    running = import_module("verify.training.torch_run")
    refused = import_module("verify.training.safetensors_checkpoint").RefusedError
    import_module("verify.training.torch_devices").device_named(device)
    try:
        return running.loaded(folder, say)
    except refused as error:
        raise FolderError(str(error)) from error


def _show(out: Console, title: str, found: list[Evidence], interrupted: bool) -> None:
    """A row for each piece of evidence, with what it rests on below it."""
    out.print(Text(title, style="bold"), soft_wrap=True)
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True, min_width=max(len(str(v)) for v in Verdict))
    table.add_column()
    table.add_column(no_wrap=True, justify="right", min_width=len("00.0 s"))
    for one in found:
        style = COLOURS.get(one.verdict, "yellow")
        table.add_row(
            Text(str(one.verdict), style), Text(one.claim), f"{one.seconds:.1f} s"
        )
        rest = f"{one.figure}; would have seen {one.resolution}"
        table.add_row("", Text(rest, "dim"), "")
    if found:
        out.print(table)
    good = sum(one.verdict is Verdict.AGREES for one in found)
    partly = "interrupted, so this is partial: " if interrupted else ""
    out.print(Text(f"{partly}{good} of {len(found)} agree", style="bold"))
