"""A trained model in the dtype and on the device in which it is inspected."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from verify.data.dataset import Dataset
from verify.training.seeds import seed_of
from verify.training.torch_session import Session

Batch = tuple[Tensor, Tensor]  # data (B, n), noise (B, k)


@dataclass(frozen=True)
class Inspected:
    """A copy of a session's model, and what it is run on.

    model    in `dtype`, on `device`
    kind     "gan" or "vae"
    loss     of the GAN's generator: "saturating" or "nonsaturating"; else ""
    batches  of the run's size
    seed     of the choice of batches and of the noise
    """

    model: Any
    kind: str
    loss: str
    batches: tuple[Batch, ...]
    dtype: torch.dtype
    device: str
    seed: int

    @property
    def dtype_name(self) -> str:
        """float32 for torch.float32."""
        return str(self.dtype).removeprefix("torch.")

    @property
    def words(self) -> str:
        """Where: "float32 on cpu"."""
        return f"{self.dtype_name} on {self.device}"


def inspected(
    session: Session,
    data: Dataset,
    *,
    batches: int,
    seed: int,
    dtype: torch.dtype,
    device: str,
) -> Inspected:
    """Rows to train on and fresh noise, the same in every dtype, on every device.

    The session is left as it is.
    """
    options = session.options
    source = torch.Generator().manual_seed(seed_of(seed, "inspection"))
    rows = torch.from_numpy(data.train)
    chosen = []
    for _ in range(batches):
        batch = rows[torch.randperm(len(rows), generator=source)[: options.batch]]
        shape = (options.batch, options.latent)
        noise = torch.randn(shape, generator=source, dtype=torch.float32)
        chosen.append((batch.to(device, dtype), noise.to(device, dtype)))
    model = deepcopy(session.model).to(device, dtype)
    place = (tuple(chosen), dtype, device, seed)
    return Inspected(model, options.model, options.loss or "", *place)


@contextmanager
def exactly_as_named() -> Iterator[None]:
    """float32 is float32: a GPU's convolutions and products take no shorter format."""
    with torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
        before = torch.get_float32_matmul_precision()
        torch.set_float32_matmul_precision("highest")
        try:
            yield
        finally:
            torch.set_float32_matmul_precision(before)
