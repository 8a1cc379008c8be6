"""Whose arrays these are: the backend is chosen by what is given.

A framework is imported when one of its arrays is seen. Python numbers go with any
framework, and with NumPy if there is nothing else. Errors are about structure and name
every argument; no value is looked at.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from derivations.backends.precision import OF_DTYPE

HOMES = {"numpy": "numpy", "torch": "torch", "jax": "jax", "jaxlib": "jax"}
"""The package in which an array's class is defined -> the backend's name."""


def framework(value: Any) -> str | None:
    """The backend's name for an array; None for a Python number."""
    if type(value) in (int, float):
        return None
    if home := HOMES.get(type(value).__module__):
        return home
    torch = sys.modules.get("torch")  # who has a tensor has imported it
    if torch is not None and isinstance(value, getattr(torch, "Tensor", ())):
        return "torch"  # torch.compile follows this; it knows no class's bases
    for kind in type(value).__mro__:
        home = kind.__module__.partition(".")[0]
        if home in HOMES:
            return HOMES[home]
    raise TypeError(f"{described(value)} is no array of NumPy, torch or JAX, or number")


def backend_of(function: str, given: Mapping[str, Any]) -> ModuleType:
    """The backend's module; raises TypeError if two frameworks are mixed."""
    found: dict[str, str] = {}
    for name, value in given.items():
        try:
            home = framework(value)
        except TypeError as error:
            raise TypeError(f"{function}: {name}: {error}") from None
        if home is not None:
            found.setdefault(home, name)
    if len(found) > 1:
        kinds = " and ".join(f"{name} of {home}" for home, name in found.items())
        raise TypeError(f"{function} needs arrays of one framework, got {kinds}")
    return backend(next(iter(found), "numpy"))


def backend(name: str) -> ModuleType:
    """The module of a backend; raises ValueError for an unknown name.

    The statements are spelled out, so that `torch.compile` can follow them.
    """
    if name == "numpy":
        from derivations.backends import numpy_backend

        return numpy_backend
    if name == "torch":
        from derivations.backends import torch_backend

        return torch_backend
    if name == "jax":
        from derivations.backends import jax_backend

        return jax_backend
    known = ", ".join(sorted(set(HOMES.values())))
    raise ValueError(f"no backend {name!r}; there are {known}")


def check_dtypes(function: str, dtypes: Mapping[str, str]) -> None:
    """Raises TypeError for a dtype that is no floating-point format of ours."""
    for name, dtype in dtypes.items():
        if dtype not in OF_DTYPE:
            needed = ", ".join(OF_DTYPE)
            raise TypeError(f"{function}: {name} is {dtype}, need one of {needed}")


def shape_error(function: str, shapes: Mapping[str, tuple[int, ...]]) -> ValueError:
    """What to raise where the shapes do not broadcast."""
    listed = ", ".join(f"{name} {tuple(shape)}" for name, shape in shapes.items())
    return ValueError(f"{function} needs shapes that broadcast, got {listed}")


def described(value: Any) -> str:
    """The type of a value, and the value if it is short."""
    shown = repr(value)
    kind = type(value).__name__
    return f"{kind} {shown}" if len(shown) < 40 else kind
