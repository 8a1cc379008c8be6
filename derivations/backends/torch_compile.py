"""What `torch.compile` sees of a lowered derivation, imported while it traces.

It takes the operations, not how they came to be written: SymPy and the emitter run as
they are, on the tracer's tensors. (Importing `torch._dynamo` takes a second, which
nobody should pay who does not compile.)
"""

from __future__ import annotations

from typing import Any

import torch

from derivations.backends import torch_backend
from derivations.lowered import BY_KEY


@torch._dynamo.nonstrict_trace
def traced(key: str, what: str, names: tuple[str, ...], *arrays: Any) -> Any:
    """The value, the terms or the gradient of the lowered derivation of this key."""
    given = dict(zip(names, arrays, strict=True))
    return BY_KEY[key].computed(torch_backend, what, given)
