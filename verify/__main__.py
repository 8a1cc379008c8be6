"""The command line: `python -m verify`, also installed as `lossproof`.

Data goes to stdout, progress to stderr. Exit status 0: everything is as expected; 1: it
is not; 2: misuse; 130: interrupted, and what was printed is partial.
"""

from __future__ import annotations

import sys
from io import TextIOWrapper

INTERRUPTED = 130


def main() -> None:
    """Run the command line and exit with its status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # where formulas cannot be written
            stream.reconfigure(errors="replace")
    try:
        from verify.application import run  # a second of imports, interruptible too

        status = run()
    except KeyboardInterrupt:
        print("lossproof: interrupted", file=sys.stderr)
        status = INTERRUPTED
    sys.exit(status)


if __name__ == "__main__":
    main()
