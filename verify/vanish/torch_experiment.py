"""The whole experiment, and what the keyboard leaves of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

from verify.vanish.experiment import Experiment
from verify.vanish.flow import flow, passages
from verify.vanish.order import order, rescaling
from verify.vanish.outcome import Escape
from verify.vanish.torch_bound import bound
from verify.vanish.torch_escape import ALL, escapes, starts
from verify.vanish.torch_networks import Layer, copies
from verify.vanish.torch_ratio import ratio
from verify.vanish.torch_setting import STRENGTHS, Setting, setting

Watched = Callable[[Iterable[Escape], int], Iterable[Escape]]


def experiment(seed: int, limit: int, watched: Watched) -> Experiment:
    """Train the discriminators, look at the gradients, and let the runs escape.

    seed     >= 0
    limit    the most steps of a run
    watched  gives on what it is given, beside how many there are at most

    Raises StrengthError if the discriminator does not get as strong as it should.
    """
    found = Experiment(seed, limit)
    try:
        _filled(found, watched)
    except KeyboardInterrupt:
        found.interrupted = True
    return found


def _filled(found: Experiment, watched: Watched) -> None:
    given = setting(found.seed)
    found.starts += starts(given)
    found.evidence.append(ratio(given))
    reached: list[list[Layer]] = []
    started = time.perf_counter()
    runs = _runs(given, found.limit, reached)
    for escape in watched(runs, len(STRENGTHS) * len(ALL)):
        found.escapes.append(escape)
    seconds = time.perf_counter() - started
    found.evidence.append(bound(given, reached))
    found.evidence.append(order(found.escapes, found.seed, seconds))
    found.evidence.append(rescaling(found.escapes, found.seed, seconds))
    found.passages, seconds = passages()
    found.evidence.append(flow(found.passages, found.seed, seconds))


def _runs(given: Setting, limit: int, reached: list[list[Layer]]) -> Iterator[Escape]:
    for tried in ALL:
        generator = copies(given.generator, given.runs)
        yield from escapes(given, tried, limit, generator)
        reached.append(generator)
