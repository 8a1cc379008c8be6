"""What the first call costs, in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from tempfile import TemporaryDirectory

_ARRAYS = "mu, t = torch.zeros(2, 8, 10).unbind()\nmu.requires_grad_()"
_OURS = "from derivations import gaussian_kl\ngaussian_kl(mu, log_variance=t)"

_CLASSIC = "-0.5 * (1 + t - mu**2 - t.exp()).sum(-1)"


@dataclass(frozen=True)
class Program:
    """What is timed in one process.

    framework  that has to be installed
    before     statements that come first
    timed      statements that are timed, one after the other, by what they are called
    seconds    what it may take where others are at work too
    """

    framework: str
    before: str
    timed: tuple[tuple[str, str], ...]
    seconds: float

    @property
    def text(self) -> str:
        """The program: it prints a number for each of `timed`."""
        lines = ["from time import perf_counter as now", self.before]
        for _, statements in self.timed:
            lines += ["start = now()", statements, "print(now() - start)"]
        return "\n".join(lines)


def _compiled(body: str) -> str:
    loss = f"torch.compile(lambda mu, t: {body}, fullgraph=True)(mu, t)"
    return f"{loss}.sum().backward()"


FIRST = "first call"
PROGRAMS = (
    Program(
        "torch",
        f"import torch\n{_ARRAYS}",
        ((FIRST, _OURS), ("and its gradient", f"{_OURS}.sum().backward()")),
        8.0,
    ),
    Program(
        "numpy",
        "import numpy as np\nmu = t = np.zeros((8, 10))",
        (("first call in NumPy", _OURS),),
        5.0,
    ),
    Program(  # the first compilation in a process pays for the compiler itself
        "torch",
        f"import torch\n{_ARRAYS}\n{_OURS}\n{_compiled('mu * t')}",
        (
            (
                "compile the classic line",
                _compiled(_CLASSIC),
            ),
            ("compile ours", _compiled("gaussian_kl(mu, log_variance=t)")),
        ),
        30.0,
    ),
)


def seconds(program: Program) -> dict[str, float]:
    """Seconds of each of its parts, in a new process that has compiled nothing yet.

    Raises subprocess.CalledProcessError if the program fails.
    """
    with TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", program.text],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"TORCHINDUCTOR_CACHE_DIR": folder},
        )
    names = (name for name, _ in program.timed)
    return dict(zip(names, map(float, done.stdout.split()), strict=True))
