"""What a person sees: the machine, what differs, a line a model and its shares."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from verify.throughput.speed import LOOPS, OURS, PLAIN, NotRun, Speed

COLOURS = {"PASS": "green", "MISS": "red", "NO TARGET": "yellow"}
COMPARED = (
    "both loops have the same layers, first weights, batch and data, and train the "
    "same model to rounding; not the same:"
)


def print_differences(
    out: Console, differences: Sequence[tuple[str, str, str]]
) -> None:
    """The pieces of the two loops that are not the same."""
    for piece, ours, theirs in differences:
        out.print(f"  {piece:11}{ours}; plain: {theirs}", soft_wrap=True)


def print_speed(out: Console, speed: Speed) -> None:
    """The ratio, then each loop's steps a second and its share of the device."""
    options = speed.options
    name = f"{options['model']} {options['network']}, {options['device']}"
    name += f", batch {options['batch']}"
    name += ", compiled" * options["compile"] + ", bfloat16" * options["amp"]
    line = Text(f"\n{name}: ", style="bold")
    if ratio := speed.ratio:
        line.append(f"{ratio.middle:.2f}x ({ratio.low:.2f} to {ratio.high:.2f})")
        line.append(f" in {speed.rounds} rounds; ")
    if speed.target is not None:
        line.append(f"at least {speed.target:g}x: ")
    line.append(speed.verdict, style=COLOURS[speed.verdict])
    out.print(line, soft_wrap=True)
    if speed.refused is not None:
        words = f"{PLAIN}: not timed: {speed.refused}"
        out.print(Text(words, style="red"), soft_wrap=True)
    data = speed.as_data()
    for loop in LOOPS:
        if loop in data["steps_per_second"]:
            out.print(
                f"  {loop:11}{data['steps_per_second'][loop]:8.1f} steps/s, "
                f"{data['operations_per_step'][loop] / 1e6:.0f} Mflop a step, "
                f"{data['of_matmul'][loop]:.1%} of a matrix product's rate",
                soft_wrap=True,
            )
    out.print(
        f"  {OURS}: Adam's bytes at {data['of_copy']:.1%} of a copy's rate; first "
        f"{speed.steps} steps {speed.first:.1f} s",
        soft_wrap=True,
    )
    out.print(
        f"  the device: {data['matmul_per_second'] / 1e9:.0f} Gflop/s in a matrix "
        f"product, {data['copy_per_second'] / 1e9:.1f} GB/s in a copy",
        soft_wrap=True,
    )


def print_not_run(out: Console, left_out: Sequence[NotRun], interrupted: bool) -> None:
    """What was not measured, and why."""
    for one in left_out:
        words = f"{one.name}: NOT RUN: {one.reason}"
        out.print(Text(words, style="yellow"), soft_wrap=True)
    if interrupted:
        out.print("interrupted, so this is partial")
