"""The command line: `python -m verify`, also installed as `lossproof`.

Data goes to stdout, progress to stderr. Exit status 0: everything is as expected; 1: it
is not; 2: misuse; 130: interrupted, and what was printed is partial.
"""

from __future__ import annotations

import sys

from cyclopts import App, CycloptsError, UnusedCliTokensError

from verify.commands.ledger import ledger
from verify.commands.options import INTERRUPTED, misuse, unknown
from verify.commands.planted import planted
from verify.commands.prove import prove
from verify.commands.seeds import seeds
from verify.commands.show import show
from verify.judge import Conflict
from verify.serialise import versions

COMMANDS = {"show": show, "prove": prove, "planted": planted, "seeds": seeds}

app = App(
    name="lossproof",
    help="Find out by machine what is true of the losses of generative models.",
    version=lambda: versions()["lossproof"] or "not installed: run from its folder",
    result_action="return_value",
)
app.default(ledger)
for name, command in COMMANDS.items():
    app.command(command, name=name)


def main() -> None:
    """Run the command line and exit with its status."""
    try:
        status = app(exit_on_error=False, print_error=False)
    except UnusedCliTokensError as wrong:
        word, *_ = wrong.unused_tokens or [""]
        status = unknown(word, list(COMMANDS), "no command")
    except CycloptsError as wrong:
        status = misuse(str(wrong))
    except Conflict as fault:
        misuse(f"the judges disagree, which is a fault of this tool: {fault}")
        status = 1
    except KeyboardInterrupt:
        misuse("interrupted")
        status = INTERRUPTED
    sys.exit(status)


if __name__ == "__main__":
    main()
