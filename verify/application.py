"""The commands under one name, and what becomes of what they raise."""

from __future__ import annotations

from collections.abc import Callable

from cyclopts import App, CycloptsError, UnusedCliTokensError

from verify.commands.accuracy import accuracy
from verify.commands.bench import bench
from verify.commands.calibrate import calibrate
from verify.commands.conforms import conforms
from verify.commands.grid import grid
from verify.commands.known import known
from verify.commands.ledger import ledger
from verify.commands.model import model
from verify.commands.mutants import mutants
from verify.commands.options import misuse, unknown
from verify.commands.planted import planted
from verify.commands.prove import prove
from verify.commands.sample import sample
from verify.commands.seeds import seeds
from verify.commands.show import show
from verify.commands.sweep import sweep
from verify.commands.throughput import throughput
from verify.commands.train import train
from verify.commands.vanish import vanish
from verify.judge import Conflict
from verify.serialise import versions

COMMANDS: dict[str, Callable[..., int]] = {
    "show": show,
    "prove": prove,
    "grid": grid,
    "conforms": conforms,
    "planted": planted,
    "seeds": seeds,
    "bench": bench,
    "accuracy": accuracy,
    "sweep": sweep,
    "sample": sample,
    "mutants": mutants,
    "calibrate": calibrate,
    "train": train,
    "vanish": vanish,
    "known": known,
    "model": model,
    "throughput": throughput,
}

app = App(
    name="lossproof",
    help="Find out by machine what is true of the losses of generative models.",
    version=lambda: versions()["lossproof"] or "not installed: run from its folder",
    result_action="return_value",
    suppress_keyboard_interrupt=False,
)
app.default(ledger)
for name, command in COMMANDS.items():
    app.command(command, name=name)


def run() -> int:
    """Run the command line; its exit status."""
    try:
        status = app(exit_on_error=False, print_error=False)
        return int(status or 0)  # help and the version give nothing back
    except UnusedCliTokensError as wrong:
        word, *_ = wrong.unused_tokens or [""]
        if word in COMMANDS:
            return misuse(f"{word}: a command stands before its options")
        return unknown(word, list(COMMANDS), "no command")
    except CycloptsError as wrong:
        return misuse(str(wrong))
    except Conflict as fault:
        misuse(f"the judges disagree, which is a fault of this tool: {fault}")
        return 1
