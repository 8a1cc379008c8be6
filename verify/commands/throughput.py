"""`python -m verify throughput`: the training step beside a plain loop, in turns."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated, Any

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console

from verify import serialise
from verify.bench import machine
from verify.bench.report import print_head
from verify.commands.options import INTERRUPTED, Json, misuse
from verify.data.dataset import DataError, Dataset
from verify.data.named import dataset
from verify.progress import gathered
from verify.throughput import report
from verify.throughput.speed import TARGETS, NotRun, Speed
from verify.training.options import CHOICES, OptionError, Options, check, completed

Flag = Annotated[bool, Parameter(negative="")]
CLOCKS = ("wall", "cpu")


def throughput(
    *,
    model: str | None = None,
    network: str | None = None,
    data: str = "digits",
    device: str = "auto",
    batch: int | None = None,
    seconds: Annotated[float, Parameter(validator=Number(gt=0))] = 10.0,
    clock: str = "wall",
    compile: Flag = False,
    amp: Flag = False,
    strict: Flag = False,
    json: Json = False,
) -> int:
    """Time the step that `train` makes, and a plain loop of the same model, in turns.

    The plain loop is the one of PyTorch's examples: BCE of a sigmoid's output, float32,
    DataLoader, item() in every step. Both are checked to train the same model. Exit
    status 0, whatever the figures are, unless --strict.

    Parameters
    ----------
    model
        vae, gan; without it both.
    network
        mlp, conv; without it both.
    data
        digits, or a folder with the IDX files of MNIST or FashionMNIST.
    device
        auto (as it is without: a GPU where there is one), cpu, cuda.
    batch
        128 of the VAE, 64 of the GAN.
    seconds
        For the timing of one model, beside compilation.
    clock
        wall, or cpu: that of all threads together, where others disturb.
    compile
        Ours under torch.compile; on a GPU with CUDA graphs.
    amp
        The networks of ours compute in bfloat16.
    strict
        Exit status 1 if a target is missed.
    """
    if find_spec("torch") is None:
        return misuse("throughput: torch is not installed")
    if clock not in CLOCKS:
        return misuse(f"--clock: {clock}; it can be {', '.join(CLOCKS)}")
    devices = import_module("verify.training.torch_devices")
    asked = {"model": model, "network": network, "batch": batch, "device": device}
    given: dict[str, Any] = {k: v for k, v in asked.items() if v is not None}
    given |= {"data": data, "compile": compile, "amp": amp}
    try:
        check(given)
        given["device"] = devices.device_named(device)
        rows = dataset(data)
        if not rows.image:
            raise OptionError(f"--data: {data} has points, the plain loops take images")
        plans = [
            completed(given | {"model": one, "network": other}, rows)
            for one in ((model,) if model else CHOICES["model"])
            for other in ((network,) if network else CHOICES["network"])
        ]
    except (OptionError, DataError) as wrong:
        return misuse(str(wrong))
    return _run(plans, rows, seconds, clock, strict, json)


def _run(
    plans: list[Options],
    data: Dataset,
    seconds: float,
    clock: str,
    strict: bool,
    as_json: bool,
) -> int:
    """Print what was found; the exit status."""
    threads = import_module("torch").get_num_threads()
    host = machine.described(plans[0].device) | {"threads": threads}
    differences = import_module("verify.throughput.torch_plain").DIFFERENCES
    out = Console(highlight=False, quiet=as_json)
    print_head(out, host, clock, report.COMPARED)
    report.print_differences(out, differences)

    def speeds() -> Iterator[Speed]:
        measured = import_module("verify.throughput.torch_speed").measured
        for options in plans:
            speed = measured(options, data, seconds, clock)
            report.print_speed(out, speed)
            yield speed

    found, interrupted = gathered(speeds(), len(plans), "models")
    left_out = not_run(plans)
    report.print_not_run(out, left_out, interrupted)
    missed = strict and any(speed.verdict == "MISS" for speed in found)
    good = not interrupted and not missed
    if as_json:
        parts = {
            **{"machine": host, "clock": clock},
            "differences": [list(row) for row in differences],
            "speeds": [speed.as_data() for speed in found],
            "left_out": [vars(one) for one in left_out],
        }
        print(serialise.document("throughput", good, partial=interrupted, **parts))
    return INTERRUPTED if interrupted else int(not good)


def not_run(plans: list[Options]) -> list[NotRun]:
    """The targets of devices that are not here, or were not asked for."""
    torch: Any = import_module("torch")
    asked = {options.device for options in plans}
    found = []
    for target in TARGETS:
        if target.device in asked:
            continue
        name = f"{' and '.join(target.networks)} on {target.device}"
        name += f", at least {target.ratio:g}x"
        there = target.device != "cuda" or torch.cuda.is_available()
        reason = "not asked for" if there else "torch sees no cuda device"
        found.append(NotRun(name, reason))
    return found
