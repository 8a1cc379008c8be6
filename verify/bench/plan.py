"""Which cells are measured, the most telling ones first: the time may not suffice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from verify.bench.rounds import CLOCKS
from verify.bench.subjects import BOTH, FORWARD, LATENT, PASSES, SUBJECTS, Setting

FRAMEWORKS = ("torch", "numpy", "jax")
DTYPES = ("float64", "float32")
OF_OTHERS = {"numpy": 1, "jax": 0}  # threads; 0 is as many as it likes


@dataclass(frozen=True)
class Plan:
    """The cells to measure, and how long for.

    seconds  for the timing of one cell
    clock    a name in CLOCKS
    budget   nothing is begun after so many seconds of the whole run
    """

    subjects: Sequence[str]
    frameworks: Sequence[str]
    dtypes: Sequence[str]
    passes: Sequence[str]
    sizes: Sequence[int]
    threads: Sequence[int]
    device: str
    seconds: float
    budget: float
    clock: str = "wall"

    def settings(self) -> list[Setting]:
        """The cells, those first that depart least from the plan's first choice.

        Of equal ones another framework comes first, then another number of threads.
        Only torch is told its threads: NumPy has one, and XLA chooses.
        """
        found: dict[Setting, int] = {}
        choices = (
            *(self.subjects, self.passes, self.sizes),
            *(self.threads, self.frameworks),
        )
        for choice in product(*choices):
            subject, passes, size, threads, framework = choice
            departs = sum(one != of[0] for one, of in zip(choice, choices, strict=True))
            shaped = max(1, size // LATENT) * LATENT
            known = OF_OTHERS.get(framework, threads) if self.device == "cpu" else 0
            for dtype in self.dtypes:
                setting = Setting(
                    subject, framework, self.device, dtype, shaped, passes, known
                )
                found.setdefault(setting, departs)
        return sorted(found, key=lambda setting: found[setting])


DEFAULT = Plan(
    subjects=("kl", "nonsaturating"),
    frameworks=FRAMEWORKS,
    dtypes=DTYPES,
    passes=(BOTH, FORWARD),
    sizes=(1_000_000, 10_000),
    threads=(1, 2),
    device="cpu",
    seconds=1.0,
    budget=105.0,
)
QUICK = Plan(
    subjects=("kl",),
    frameworks=("torch", "numpy"),
    dtypes=DTYPES,
    passes=(BOTH,),
    sizes=(100_000,),
    threads=(1,),
    device="cpu",
    seconds=0.7,
    budget=60.0,
)
ALL = replace(
    DEFAULT,
    subjects=tuple(SUBJECTS),
    sizes=(1_000_000, 10_000_000, 100_000, 10_000),
    budget=4 * 3600.0,
)
ALLOWED = {
    "subjects": tuple(SUBJECTS),
    "frameworks": FRAMEWORKS,
    "dtypes": DTYPES,
    "passes": PASSES,
    "device": ("cpu", "cuda"),
    "clock": tuple(CLOCKS),
}


def refusal(chosen: Mapping[str, Any]) -> str | None:
    """What is wrong with the options of a plan; None if nothing is."""
    for name, allowed in ALLOWED.items():
        words = chosen.get(name, [])
        for word in [words] if isinstance(words, str) else words:
            if word not in allowed:
                return f"--{name}: {word}; it can be {', '.join(allowed)}"
    if (chosen.get("device"), chosen.get("clock")) == ("cuda", "cpu"):
        return "--clock: cpu; a GPU's time is on the wall only"
    return None
