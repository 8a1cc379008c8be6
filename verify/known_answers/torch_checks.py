"""The checks of known answers, in the order in which they are made."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from verify.data.sklearn_digits import digits
from verify.evidence import Evidence
from verify.known_answers.torch_best_bound import best_bound
from verify.known_answers.torch_generator_gradient import generator_gradient
from verify.known_answers.torch_importance import importance_bounds
from verify.known_answers.torch_optimal_discriminator import optimal_discriminator

COUNT = 5


def all_digits() -> np.ndarray:
    """Every digit of scikit-learn, in [0, 1], shape (1797, 64), float64."""
    found = digits()  # float32, which has these greys, 16ths, exactly
    return np.concatenate([found.train, found.test]).astype(np.float64)


def checks(steps: int, seed: int) -> Iterator[Evidence]:
    """Each piece of evidence as it is found.

    steps  at most, wherever something is trained
    """
    yield from optimal_discriminator(steps=steps, seed=seed)
    yield generator_gradient(steps=steps, seed=seed)
    data = all_digits()
    yield importance_bounds(data, seed=seed)
    yield best_bound(data, steps=steps, seed=seed)
