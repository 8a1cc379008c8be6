"""What is timed: the losses, the settings they are timed in, and their bytes."""

from __future__ import annotations

from dataclasses import dataclass

LATENT = 100  # coordinates of a sample: the last axis of a KL's arrays
FORWARD, BOTH = "forward", "forward+backward"
PASSES = (FORWARD, BOTH)
BYTES = {"float32": 4, "float64": 8}  # of an element


@dataclass(frozen=True)
class Subject:
    """A loss that is timed.

    arguments  the arrays that it takes, all of one shape
    sums       whether it is a sum over the last axis; if not, a mean over everything
    """

    name: str
    arguments: tuple[str, ...]
    sums: bool


SUBJECTS = {
    subject.name: subject
    for subject in (
        Subject("kl", ("mu", "log_variance"), True),
        Subject("kl-sigma", ("mu", "sigma"), True),
        Subject("nonsaturating", ("logits",), False),
        Subject("saturating", ("logits",), False),
    )
}


@dataclass(frozen=True)
class Setting:
    """One cell of the benchmark.

    subject    a name in SUBJECTS
    framework  numpy, torch or jax
    device     cpu or cuda
    dtype      float32 or float64
    size       elements of each argument, a multiple of LATENT
    passes     "forward", or "forward+backward": the value with its gradient
    threads    that the framework may use, on a CPU; 0 is as many as it likes
    """

    subject: str
    framework: str
    device: str
    dtype: str
    size: int
    passes: str
    threads: int

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of every argument: samples and coordinates, or logits."""
        sums = SUBJECTS[self.subject].sums
        return (self.size // LATENT, LATENT) if sums else (self.size,)

    @property
    def moved(self) -> int:
        """The fewest bytes that have to be read and written, taken together.

        The forward pass reads the arguments. The backward pass, which begins when the
        loss is known, reads them again and writes as many gradients.
        """
        arrays = len(SUBJECTS[self.subject].arguments)
        times = 1 if self.passes == FORWARD else 3
        return times * arrays * self.size * BYTES[self.dtype]

    def __str__(self) -> str:
        threads = ""
        if self.threads and self.device == "cpu":
            threads = f", {self.threads} thread" + "s" * (self.threads > 1)
        size = f"{self.size:.0e}".replace("e+0", "e").replace("e+", "e")
        return (
            f"{self.subject}, {self.framework} {self.device}, {self.dtype}, {size}, "
            f"{self.passes}{threads}"
        )
