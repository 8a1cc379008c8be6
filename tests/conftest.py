"""What a run of the tests must have, and how many examples a property test tries.

`LOSSPROOF_REQUIRE="torch jax"` names what has to be installed. `HYPOTHESIS_PROFILE` is
dev, ci or nightly; without it, ci where the environment has CI, and else dev.
"""

from __future__ import annotations

import os
from importlib import import_module

from hypothesis import HealthCheck, settings

settings.register_profile(
    "dev",
    max_examples=25,
    deadline=None,  # the first call of a framework takes seconds
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(  # as Hypothesis's own: the same examples in every run
    "ci",
    settings.get_profile("dev"),
    max_examples=15,
    derandomize=True,
    database=None,
    print_blob=True,
)
settings.register_profile("nightly", settings.get_profile("dev"), max_examples=2000)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev")
)


def pytest_configure() -> None:
    """An environment that should have a framework, and has not, fails at once."""
    for name in os.environ.get("LOSSPROOF_REQUIRE", "").split():
        import_module(name)
