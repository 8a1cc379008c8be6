"""What a run of the tests must have: `LOSSPROOF_REQUIRE="torch jax"` names it."""

from __future__ import annotations

import os
from importlib import import_module


def pytest_configure() -> None:
    """An environment that should have a framework, and has not, fails at once."""
    for name in os.environ.get("LOSSPROOF_REQUIRE", "").split():
        import_module(name)
