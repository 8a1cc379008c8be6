"""Every number of a type, or every n-th: is an atom's result the nearest to the truth?

A reference in float64 with a bound on its error says so of nearly all results. What it
cannot say, near ties and anything unusual, balls decide, one by one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from itertools import product

import numpy as np

from verify.accuracy.atoms import ATOMS, Atom
from verify.accuracy.bounds import BOUNDS
from verify.accuracy.double_reference import reference
from verify.accuracy.errors import errors
from verify.accuracy.formats import FORMATS, Format
from verify.accuracy.points import HALF, every
from verify.accuracy.rounding import rounded
from verify.accuracy.truth import truth

TRIED = 16  # inputs of a block at which the reference itself is checked
FIRST = 4096  # results of a block, before balls decide the rest
BLOCK = 1 << 16  # inputs whose temporaries stay in the cache of a core
PART = 1 << 21  # inputs of a task
ALL = 1 << 32  # float32 numbers
BACKENDS = ("numpy", "torch")


class ReferenceFault(ArithmeticError):
    """The reference in float64 is further off than its bound: a fault of this tool."""


@dataclass(frozen=True)
class Swept:
    """What was found of an atom in a dtype.

    inputs   how many were tried
    worst    the largest error of a number that balls decided, in units in the last
             place; the others are the nearest to the truth, and err by 0.5 at most
    where    at which input
    beyond   how many errors exceed the bound, results that are no number counted
    first    one of these inputs, with the result
    balls    how many results were decided by balls
    open     how many the reference left open; more than `balls` only beside wrong ones
    seconds  of one process
    """

    atom: str
    dtype: str
    inputs: int = 0
    worst: float = 0.0
    where: float | None = None
    beyond: int = 0
    first: tuple[float, float] | None = None
    balls: int = 0
    open: int = 0
    seconds: float = 0.0

    def __add__(self, other: Swept) -> Swept:
        """Both together, of one atom and dtype."""
        ahead = self if self.worst >= other.worst else other
        return replace(
            self,
            inputs=self.inputs + other.inputs,
            worst=ahead.worst,
            where=ahead.where,
            beyond=self.beyond + other.beyond,
            first=self.first or other.first,
            balls=self.balls + other.balls,
            open=self.open + other.open,
            seconds=self.seconds + other.seconds,
        )


@dataclass(frozen=True)
class Task:
    """Some inputs of an atom: of float32 those from `start`, every `stride`-th.

    Of a type of 16 bits, all.
    """

    atom: int
    dtype: str
    backend: str
    start: int = 0
    count: int = 0
    stride: int = 1


def swept(task: Task) -> Swept:
    """Evaluate and judge the inputs of a task."""
    atom, form = ATOMS[task.atom], FORMATS[task.dtype]
    evaluated = import_module(f"verify.accuracy.{task.backend}_backend").evaluated
    started = time.perf_counter()
    total = Swept(atom.name, task.dtype)
    rng = np.random.default_rng([task.start, task.atom])
    for values in _inputs(task, form):
        results = evaluated(atom.function, values, task.dtype)
        inside = np.isfinite(values)
        if atom.argument.is_positive:
            inside &= values > 0
        total += judged(atom, form, values[inside], results[inside], rng)
        total += outside(atom, form, values[~inside], results[~inside])
    return replace(total, seconds=time.perf_counter() - started)


def _inputs(task: Task, form: Format) -> Iterator[np.ndarray]:
    """The inputs in float64, block by block."""
    if form.digits <= HALF:
        yield np.append(every(form), np.nan)
    for first in range(0, task.count, BLOCK):
        numbers = np.arange(first, min(first + BLOCK, task.count), dtype=np.uint64)
        bits = (task.start + numbers * np.uint64(task.stride)).astype(np.uint32)
        with np.errstate(invalid="ignore"):  # signalling nan
            yield bits.view(np.float32).astype(np.float64)


def outside(atom: Atom, form: Format, values: np.ndarray, results: np.ndarray) -> Swept:
    """nan has to give nan, and so has the value of an atom below its domain.

    Infinities and 0 are looked at by `limits`.
    """
    wanted = np.isnan(values)
    if not atom.order:
        wanted |= (values < 0) & bool(atom.argument.is_positive)
    wrong = np.flatnonzero(wanted & ~np.isnan(results))
    first = (float(values[wrong[0]]), float(results[wrong[0]])) if len(wrong) else None
    tried = int(wanted.sum())
    return Swept(atom.name, form.name, tried, beyond=len(wrong), first=first)


def judged(
    atom: Atom,
    form: Format,
    values: np.ndarray,
    results: np.ndarray,
    rng: np.random.Generator,
) -> Swept:
    """Results at numbers of the domain; both in float64, of the format's precision."""
    found = Swept(atom.name, form.name, inputs=len(values))
    if not len(values):
        return found
    known, bound = reference(atom.name, values)
    _try(atom, values, known, bound, rng)
    low, high = rounded(known - bound, form), rounded(known + bound, form)
    nearest = (low == results) & (high == results)
    return found + decided(atom, form, values, results, np.flatnonzero(~nearest))


def decided(
    atom: Atom,
    form: Format,
    values: np.ndarray,
    results: np.ndarray,
    places: np.ndarray,
) -> Swept:
    """What balls say of the results at some places.

    If an even choice of FIRST of them has one beyond the bound, they stop there.
    """
    step = -(-len(places) // FIRST) or 1
    chosen = np.zeros(len(places), bool)
    chosen[::step] = True
    found = Swept(atom.name, form.name)
    for some in (places[chosen], places[~chosen]):
        if len(some) and not found.beyond:
            found += by_balls(atom, form, values[some], results[some])
    return replace(found, open=len(places))


def by_balls(
    atom: Atom, form: Format, values: np.ndarray, results: np.ndarray
) -> Swept:
    """Every result beside the truth itself."""
    found = Swept(atom.name, form.name, balls=len(values))
    wrong = errors(results, truth(atom.enclosure, [values], form))
    plain = np.where(wrong.faulty, -1.0, wrong.units)
    worst = int(np.argmax(plain))
    if plain[worst] > 0:
        found = replace(found, worst=float(plain[worst]), where=float(values[worst]))
    bad = np.flatnonzero(wrong.faulty | (wrong.units > BOUNDS[form.name]))
    if len(bad):
        first = float(values[bad[0]]), float(results[bad[0]])
        found = replace(found, beyond=len(bad), first=first)
    return found


def _try(
    atom: Atom,
    values: np.ndarray,
    known: np.ndarray,
    bound: np.ndarray,
    rng: np.random.Generator,
) -> None:
    """Raises ReferenceFault if the reference is further off than it says."""
    some = rng.integers(0, len(values), TRIED)
    true = truth(atom.enclosure, [values[some]], FORMATS["float64"])
    with np.errstate(all="ignore"):
        off = np.abs(known[some] - true.approximately)
        far = off > bound[some] + np.ldexp(1.0, true.unit)
    if (far & np.isfinite(off)).any():
        at = values[some][far & np.isfinite(off)][0]
        raise ReferenceFault(f"{atom.name} at {at!r}: the reference is off")


def tasks(backend: str, stride: int, dtypes: Sequence[str]) -> list[Task]:
    """All that one run does, in parts of less than a second each."""
    found = []
    total = -(-ALL // stride)
    for atom, dtype in product(range(len(ATOMS)), dtypes):
        if dtype != "float32":
            found.append(Task(atom, dtype, backend))
            continue
        for first in range(0, total, PART):
            count = min(PART, total - first)
            found.append(Task(atom, dtype, backend, first * stride, count, stride))
    return found


def missing(backend: str) -> dict[str, str]:
    """The dtypes that a backend does not have here, each with its reason."""
    if backend == "numpy" and find_spec("ml_dtypes") is None:
        return {"bfloat16": "NumPy has it from ml_dtypes, which is not installed"}
    return {}
