"""How fast is fast enough: one table, judged by what was measured in this run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from verify.bench.cell import COPY, Cell
from verify.bench.fresh import FIRST
from verify.bench.subjects import BOTH, PASSES, SUBJECTS

EAGER, COMPILED = "lossproof", "lossproof, compiled"
KL = ("kl", "kl-sigma")


@dataclass(frozen=True)
class Bar:
    """At most `limit` times the peer's time, in every cell that it speaks of."""

    name: str
    candidate: str
    peer: str
    limit: float
    subjects: tuple[str, ...]
    framework: str
    device: str
    dtypes: tuple[str, ...]
    passes: tuple[str, ...]

    def speaks_of(self, cell: Cell) -> bool:
        """Whether the cell is one of those that the bar is about."""
        setting = cell.setting
        return (
            setting.subject in self.subjects
            and setting.framework == self.framework
            and setting.device == self.device
            and setting.dtype in self.dtypes
            and setting.passes in self.passes
        )


F32, F64 = ("float32",), ("float64",)


def _torch(
    name: str, ours: str, peer: str, limit: float, dtypes: tuple[str, ...]
) -> Bar:
    return Bar(name, ours, peer, limit, KL, "torch", "cpu", dtypes, (BOTH,))


BARS = (
    _torch("float64, classic line, compiled", COMPILED, "classic, compiled", 1.1, F64),
    _torch("float64, torch.distributions, eager", EAGER, "distributions", 1.0, F64),
    _torch("float32, classic line, compiled", COMPILED, "classic, compiled", 2.0, F32),
    _torch("float32, torch.distributions, eager", EAGER, "distributions", 2.0, F32),
    Bar(
        name="naive line in NumPy",
        candidate=EAGER,
        peer="classic",
        limit=5.0,
        subjects=tuple(SUBJECTS),
        framework="numpy",
        device="cpu",
        dtypes=(*F32, *F64),
        passes=PASSES,
    ),
    Bar(
        name="copy on a GPU (90 % of its GB/s), compiled",
        candidate=COMPILED,
        peer=COPY,
        limit=1 / 0.9,
        subjects=tuple(SUBJECTS),
        framework="torch",
        device="cuda",
        dtypes=(*F32, *F64),
        passes=PASSES,
    ),
)
FIRST_CALL = ("seconds of the first call, beyond importing torch", 2.0)
"""Its name and the most seconds that it may take."""


@dataclass(frozen=True)
class Judged:
    """What became of a bar.

    figure   the worst ratio (or the seconds); None if nothing was measured
    cells    how many cells it speaks of
    cleared  in how many of them it was met
    where    the cell with the worst figure
    """

    name: str
    limit: float
    figure: float | None
    cells: int
    cleared: int
    where: str

    @property
    def verdict(self) -> str:
        """PASS if every cell is good, MISS if one is not, or is refused."""
        if not self.cells:
            return "NOT MEASURED"
        return "PASS" if self.cells == self.cleared else "MISS"


def judged(cells: Iterable[Cell], first_calls: Mapping[str, float]) -> list[Judged]:
    """Every bar, judged by the cells and by the seconds of the first calls."""
    kept = list(cells)
    return [*(_judged(bar, kept) for bar in BARS), _first(first_calls)]


def _judged(bar: Bar, cells: list[Cell]) -> Judged:
    worst: tuple[float, str] | None = None
    found = cleared = 0
    for cell in filter(bar.speaks_of, cells):
        found += 1
        figure = cell.ratio(bar.candidate, bar.peer)
        if figure is None:
            continue
        cleared += figure <= bar.limit
        if worst is None or figure > worst[0]:
            worst = figure, str(cell.setting)
    figure, where = worst or (None, "")
    return Judged(bar.name, bar.limit, figure, found, cleared, where)


def _first(seconds: Mapping[str, float]) -> Judged:
    name, limit = FIRST_CALL
    figure = seconds.get(FIRST)
    if figure is None:
        return Judged(name, limit, None, 0, 0, "")
    return Judged(name, limit, figure, 1, int(figure <= limit), "seconds")
