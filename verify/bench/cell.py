"""One cell: the candidates of a setting, checked, timed in turns, and compared."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from statistics import median
from types import ModuleType
from typing import Any, TypeAlias

from verify.bench.agreement import disagreement
from verify.bench.rounds import CLOCKS, Repeated, interleaved, ratio, spread
from verify.bench.subjects import Setting

COPY = "copy"
Run: TypeAlias = Callable[[], Any]
Alter: TypeAlias = Callable[[dict[str, Run]], dict[str, Run]]


@dataclass(frozen=True)
class Cell:
    """What was measured in one setting.

    times    seconds of one call: by candidate, one number a round
    first    seconds of the first call of each: what is compiled, is compiled in it
    refused  the candidates that were not timed, with the reason
    """

    setting: Setting
    times: Mapping[str, list[float]]
    first: Mapping[str, float] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)

    def per_element(self, name: str) -> float:
        """Nanoseconds an element, the median."""
        return median(self.times[name]) / self.setting.size * 1e9

    def gigabytes(self, name: str) -> float:
        """GB/s, counting the bytes that have to be moved, in the median."""
        return self.setting.moved / median(self.times[name]) / 1e9

    def of_copy(self, name: str) -> float | None:
        """The share of a copy's GB/s; None if there is no copy."""
        return self.ratio(COPY, name)

    def ratio(self, name: str, peer: str) -> float | None:
        """How many times as long as the peer it takes; None if one was not timed."""
        if name not in self.times or peer not in self.times:
            return None
        return ratio(self.times[name], self.times[peer])

    def spread(self, name: str, peer: str) -> float:
        """Half the distance of the quartiles of the ratio."""
        return spread(self.times[name], self.times[peer])

    def ours_beside(self, peer: str) -> str | None:
        """Which of ours a peer is compared with: compiled with compiled."""
        if peer.startswith("lossproof"):
            return None
        best = "lossproof, compiled"
        if not peer.endswith(", compiled") and (peer != COPY or best not in self.times):
            best = "lossproof"
        return best


class Unavailable(Exception):
    """A framework that is not installed here, or has no such device."""


def bench_backend(framework: str, device: str = "cpu") -> ModuleType:
    """The module with the candidates of a framework; raises Unavailable."""
    if find_spec(framework) is None:
        raise Unavailable(f"{framework} is not installed")
    backend = import_module(f"verify.bench.{framework}_backend")
    if device not in backend.devices():
        raise Unavailable(f"{framework} has no {device} here")
    return backend


def measured(
    setting: Setting,
    seconds: float,
    seed: int = 0,
    clock: str = "wall",
    alter: Alter = dict,
) -> Cell:
    """Time every candidate of the setting that computes what it should.

    seconds  for all of them together, beside what compiling and checking take
    clock    a name in CLOCKS
    alter    makes other candidates of these, to see what would be reported

    A candidate that cannot run, or whose result is wrong, is refused with the reason.
    Raises Unavailable if the framework, or its device, is not here.
    """
    backend = bench_backend(setting.framework, setting.device)
    arrays = bench_backend("numpy").arrays(setting, seed)
    expected = bench_backend("numpy").expected(setting, arrays)
    kept: dict[str, Repeated] = {}
    first: dict[str, float] = {}
    refused: dict[str, str] = {}
    for name, run in alter(backend.candidates(setting, arrays)).items():
        started = time.perf_counter()
        try:  # somebody else's compiler: what it cannot do is part of the answer
            result = run()
            backend.settled(result)
        except (RuntimeError, TypeError, ImportError) as error:
            words = " ".join(str(error).splitlines()[:1])
            refused[name] = f"{type(error).__name__}: {words}"
            continue
        first[name] = time.perf_counter() - started
        if name != COPY:
            found = backend.as_numpy(result)
            if wrong := disagreement(found, expected, setting.dtype):
                refused[name] = f"wrong: {wrong}"
                continue
        kept[name] = _repeated(run, backend.settled)
    times = interleaved(kept, seconds, CLOCKS[clock])
    return Cell(setting, times, first, refused)


def _repeated(run: Run, settled: Callable[[Any], None]) -> Repeated:
    def repeated(count: int) -> None:
        result = None
        for _ in range(count):
            result = run()
        settled(result)

    return repeated
