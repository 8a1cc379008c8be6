"""`python -m verify sample`: definitions averaged over draws, beside the references.

Also as `torchrun --nproc-per-node=2 -m verify sample`, where the processes share the
draws and the first of them prints.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated, Any

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console
from rich.table import Table
from rich.text import Text

from verify import serialise
from verify.commands.options import INTERRUPTED, Json, Seed, misuse, unknown
from verify.evidence import Verdict
from verify.losses.convention import convention
from verify.losses.loss import LOSSES
from verify.monte_carlo.gain import Gain
from verify.monte_carlo.gain import gain as measured_gain
from verify.monte_carlo.judge import SampledEvidence, judged
from verify.monte_carlo.reference import reference
from verify.monte_carlo.sampling import Alone, Place, Team
from verify.progress import watched

POINTS = 2**10  # of each replicate, where gains are measured
DEVICES = ("auto", "cpu", "cuda")
FRAMEWORKS = ("numpy", "torch")


def sample(
    *names: str,
    draws: Annotated[int | None, Parameter(validator=Number(gte=2))] = None,
    framework: str = "numpy",
    device: str = "auto",
    dtype: str = "float64",
    gain: Annotated[bool, Parameter(negative="")] = False,
    json: Json = False,
    seed: Annotated[Seed, Parameter(validator=Number(gte=0))] = 0,
) -> int:
    """Average the definitions of losses over random draws, and judge ours by the means.

    A mean misses what it estimates by more than is allowed with a probability below
    1e-9, all of them together. Exit status 1 if a loss is refuted, or left undecided.

    Parameters
    ----------
    names
        Losses: gaussian_kl, discriminator_loss, ...; none: all of them.
    draws
        Of each definition; by default as many as a resolution of 2e-3 takes.
    framework
        numpy or torch: where the means are taken. The draws are the same.
    device
        auto, cpu or cuda, of torch.
    dtype
        In which ours computes: float64 or float32.
    gain
        Measure too what strata buy beside independent draws, and what Sobol's points.
    """
    wrong = _wrong(framework, device, dtype)
    for name in names:
        if name not in LOSSES:
            return unknown(name, [*LOSSES], "no loss")
    if wrong:
        return misuse(wrong)
    chosen = _device(framework, device)
    taken = names or tuple(LOSSES)
    with _team() as team:
        first = team.rank == 0
        place = Place(framework, chosen, team, _bar if first else _quiet)
        options = {"draws": draws, "seed": seed}
        found, interrupted = _judged(taken, place, options, dtype)
        bought = {}
        if gain and not interrupted:
            quiet = replace(place, watched=_quiet)
            for name in taken:
                bought[name] = measured_gain(convention(name), POINTS, seed, quiet)
        good = not interrupted and all(e.verdict is Verdict.AGREES for e in found)
        if first and json:
            where = {"framework": framework, "device": chosen, "processes": team.size}
            samples = [evidence.as_data() for evidence in found]
            parts = where | {"gains": {n: vars(one) for n, one in bought.items()}}
            document = serialise.document(
                "sample", good, partial=interrupted, samples=samples, **parts
            )
            print(document)
        elif first:
            _show(found, bought, interrupted)
    return INTERRUPTED if interrupted else int(not good)


def _wrong(framework: str, device: str, dtype: str) -> str:
    """What is wrong with the options, "" if nothing is."""
    for option, given, choices in (
        ("--framework", framework, FRAMEWORKS),
        ("--device", device, DEVICES),
        ("--dtype", dtype, ("float64", "float32")),
    ):
        if given not in choices:
            return f"{option}: {given}; it can be {', '.join(choices)}"
    if find_spec(framework) is None:
        return f"--framework: {framework} is not installed"
    if device == "cuda" and framework != "torch":
        return "--device: cuda needs --framework torch"
    if device == "cuda" and not import_module("torch").cuda.is_available():
        return "--device: torch sees no cuda device"
    return ""


def _device(framework: str, device: str) -> str:
    if device == "auto":
        able = framework == "torch" and import_module("torch").cuda.is_available()
        return "cuda" if able else "cpu"
    return device


@contextmanager
def _team() -> Iterator[Team]:
    """The processes that torchrun started; this one alone, if it did not."""
    started = "TORCHELASTIC_RUN_ID" in os.environ and find_spec("torch") is not None
    name = "verify.monte_carlo.torch_team"
    with import_module(name).team() if started else nullcontext(Alone()) as team:
        yield team


def _bar(blocks: Iterable[int], count: int) -> Iterable[int]:
    return watched(blocks, count, "blocks of draws")


def _quiet(blocks: Iterable[int], count: int) -> Iterable[int]:
    return blocks


def _judged(
    names: tuple[str, ...], place: Place, options: dict[str, Any], dtype: str
) -> tuple[list[SampledEvidence], bool]:
    """The evidence that there was until the end, or until the keyboard interrupted."""
    found = []
    try:
        for name in names:
            found.append(judged(reference(name, dtype), place=place, **options))
    except KeyboardInterrupt:
        return found, True
    return found, False


def _show(
    found: list[SampledEvidence], bought: dict[str, Gain], interrupted: bool
) -> None:
    out = Console(highlight=False)
    table = Table(box=None, pad_edge=False)
    for heading in ("loss", "verdict", "draws", "means", "share", "seen", "", "s"):
        right = heading not in ("loss", "verdict")
        table.add_column(heading, justify="right" if right else "left")
    for one in found:
        table.add_row(
            *(one.claim, str(one.verdict), f"{one.draws}", f"{one.compared}"),
            *(f"{one.share:.2g}", f"{one.in_value:.1e}", f"{one.in_gradient:.1e}"),
            f"{one.seconds:.1f}",
        )
    out.print(table)
    out.print(
        "share: the largest difference, of what is allowed; seen: the least relative "
        "errors that would be, in a value and in a derivative",
        soft_wrap=True,
    )
    for one in found:
        if one.verdict is not Verdict.AGREES:
            out.print(Text(f"{one.claim}: {one.figure}", style="red"), soft_wrap=True)
    for name, times in bought.items():
        out.print(
            f"{name}: errors of {times.points} draws are {times.strata:.0f} times "
            f"smaller in strata, {times.sobol:.0f} times at Sobol's points, which "
            "decide nothing",
            soft_wrap=True,
        )
    for words in sorted({one.resolution.partition("; ")[2] for one in found}):
        out.print(words, soft_wrap=True)
    good = sum(one.verdict is Verdict.AGREES for one in found)
    partly = "interrupted, so this is partial: " if interrupted else ""
    out.print(Text(f"{partly}{good} of {len(found)} agree", style="bold"))
