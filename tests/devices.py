"""Where a test runs: on the CPU, and, under the mark `gpu`, on a CUDA device."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

CUDA: Any = (
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device"),
)
DEVICES = ["cpu", pytest.param("cuda", marks=CUDA)]


class Crossings(TorchDispatchMode):
    """Counts the operations that bring a tensor, or a value, to another device.

    On `meta` these are what a GPU would be waited for: `aten._local_scalar_dense` is
    an .item(), a copy that is not `non_blocking` waits too. Tensors without axes count.
    """

    def __init__(self) -> None:
        super().__init__()
        self.found: Counter[str] = Counter()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        named = kwargs or {}
        made = func(*args, **named)
        tensors = [t for t in tree_leaves((args, named, made)) if torch.is_tensor(t)]
        crosses = len({t.device for t in tensors}) > 1
        asks = "_local_scalar_dense" in str(func) and tensors[0].device.type != "cpu"
        if asks or (crosses and not named.get("non_blocking", False)):
            self.found[str(func)] += 1
        return made


@contextmanager
def unwaited() -> Iterator[None]:
    """CUDA's own guard: whatever makes the host wait for the device raises."""
    torch.cuda.synchronize()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Synchronization debug mode is a prototype")
        torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    finally:
        torch.cuda.set_sync_debug_mode("default")
