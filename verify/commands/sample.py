"""`python -m verify sample`: definitions averaged over draws, beside the references.

Also as `torchrun --nproc-per-node=2 -m verify sample`, where the processes share the
draws and the first of them prints.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated, Any

from cyclopts import Parameter, Token
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
from verify.monte_carlo.noise import STRATA
from verify.monte_carlo.reference import reference
from verify.monte_carlo.sampling import Place
from verify.processes import joined
from verify.progress import watched

POINTS = 2**10  # of each replicate, where gains are measured
DEVICES = ("auto", "cpu", "cuda")
FRAMEWORKS = ("numpy", "torch")
PATIENCE = timedelta(hours=6)  # with a process that has more to do than this one


def whole(kind: Any, tokens: Sequence[Token]) -> int:
    """The number that somebody wrote; 1e9 is one. Raises ValueError for a fraction."""
    (written,) = (token.value for token in tokens)
    number = float(written)
    if not number.is_integer():
        raise ValueError(f"{written} is no whole number")
    return int(number)


Draws = Annotated[int | None, Parameter(validator=Number(gte=2), converter=whole)]


def sample(
    *names: str,
    draws: Draws = None,
    framework: str = "numpy",
    device: str = "auto",
    dtype: str = "float64",
    gain: Annotated[bool, Parameter(negative="")] = False,
    json: Json = False,
    seed: Seed = 0,
) -> int:
    """Average the definitions of losses over random draws, and judge ours by the means.

    A mean misses what it estimates by more than is allowed with a probability below
    1e-9, all of them together. Exit status 1 if a loss is refuted, or left undecided.

    Parameters
    ----------
    names
        Losses: gaussian_kl, discriminator_loss, ...; none: all of them.
    draws
        Of each definition, rounded up to a power of two, and above 2^20 to a multiple
        of it; by default as many as a resolution of 2e-3 takes.
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
    with joined(PATIENCE) as team:
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
            _show(found, draws, bought, interrupted)
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


def _judgement(one: SampledEvidence) -> Table:
    """What stands below the name of a loss; no name or number is cut."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(min_width=len("  UNDECIDED"), no_wrap=True)
    table.add_column(justify="right", no_wrap=True, min_width=len("00.0 s"))
    table.add_column()
    style = "green" if one.verdict is Verdict.AGREES else "red"
    would, _, _ = one.resolution.partition("; ")
    table.add_row(
        Text(f"  {one.verdict}", style),
        f"{one.seconds:.1f} s",
        Text(f"{one.figure}; would see {would}"),
    )
    return table


def _show(
    found: list[SampledEvidence],
    draws: int | None,
    bought: dict[str, Gain],
    interrupted: bool,
) -> None:
    out = Console(highlight=False)
    if not found:
        out.print(Text("interrupted before anything was judged", style="bold"))
        return
    for one in found:
        out.print(Text(one.claim, "bold"))
        out.print(_judgement(one))
    more = max(one.draws for one in found)
    if draws is not None and more != draws:
        whole = "a power of two" if more <= STRATA else f"a multiple of {STRATA}"
        out.print(f"{draws} draws are rounded up to {more}, {whole}", soft_wrap=True)
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
