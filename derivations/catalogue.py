"""All derivations of this package, by name."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from derivations.chain import Derivation

PACKAGES = ("derivations.gan", "derivations.vae")


@cache
def catalogue() -> dict[str, Derivation]:
    """Every derivation under its own name; raises ValueError if two have the same."""
    found: dict[str, Derivation] = {}
    for package in PACKAGES:
        for module in iter_modules(import_module(package).__path__, f"{package}."):
            for value in vars(import_module(module.name)).values():
                if not isinstance(value, Derivation):
                    continue
                if found.setdefault(value.name, value) is not value:
                    raise ValueError(f"two derivations are called {value.name}")
    return dict(sorted(found.items()))
