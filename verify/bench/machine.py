"""On what it was measured, and whether others were at work there."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from verify.bench.cell import Unavailable, bench_backend
from verify.serialise import Data

BUSY = 0.25  # of the cores at work before we begin


def described(device: str) -> Data:
    """The processor, its cores, the load of the last minute, and the versions."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "processor": _processor(),
        "cores": cores or os.cpu_count() or 1,
        "load": load,
        "gpu": None if device == "cpu" else _gpu(device),
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in ("numpy", "torch", "jax")},
    }


def warning(machine: Data) -> str | None:
    """What to say if the machine was not ours alone."""
    load, cores = machine["load"], machine["cores"]
    if load is None or load <= BUSY * cores:
        return None
    return (
        f"the load was {load:.1f} on {cores} cores before we began: others are at work "
        "here, and the figures are rough"
    )


def _processor() -> str:
    table = Path("/proc/cpuinfo")
    if table.exists():
        for line in table.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _gpu(device: str) -> str | None:
    try:
        return str(bench_backend("torch", device).devices()[device])
    except Unavailable:
        return None


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
