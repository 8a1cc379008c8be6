"""The four words for a scale: the deviation that each stands for, and its slope."""

from __future__ import annotations

from typing import Any

import numpy as np


def kind(word: str) -> str:
    """`log_variance` of decoder_log_variance, and of log_variance1."""
    return word.removeprefix("decoder_").rstrip("12")


def sigma_of(word: str, given: np.ndarray) -> np.ndarray:
    """The standard deviations that these numbers stand for."""
    match kind(word):
        case "variance":
            return np.sqrt(given)
        case "log_variance":
            return np.exp(given / 2)
        case "log_sigma":
            return np.exp(given)
    return given


def given_for(word: str, sigma: np.ndarray) -> np.ndarray:
    """The numbers that stand for these standard deviations, before they are rounded."""
    match kind(word):
        case "variance":
            return sigma**2
        case "log_variance":
            return 2 * np.log(sigma)
        case "log_sigma":
            return np.log(sigma)
    return sigma


def slope_of_sigma(word: str, sigma: Any) -> Any:
    """The derivative of the standard deviation in the number that stands for it."""
    match kind(word):
        case "variance":
            return 1 / (2 * sigma)
        case "log_variance":
            return sigma / 2
        case "log_sigma":
            return sigma
    return sigma / sigma
