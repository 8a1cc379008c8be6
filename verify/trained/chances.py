"""s(h) and s(-h) by definition: slopes of log(1 - D) and log D, from enclosures.

Nothing of the derived losses is in them: the logarithm of 1/(1 + e^-h), and of one
minus it, are differentiated as power series of balls (see `verify.oracle.definitions`),
and what is given back is the truth rounded once.
"""

from __future__ import annotations

import numpy as np

from verify.oracle.truth import terms

LOGITS = ("logits",)
FAR = 800.0  # beyond, s is 1 or 0 in float64, as it is here
SLOPE = (0,)  # in the first argument


def chance(logits: np.ndarray) -> np.ndarray:
    """s(h), minus the slope of log(1 - D); float64, any shape, not nan."""
    return -terms("log_one_minus_d", LOGITS, (np.clip(logits, -FAR, FAR),))[SLOPE].high


def missed(logits: np.ndarray) -> np.ndarray:
    """s(-h), the slope of log D."""
    return terms("log_d", LOGITS, (np.clip(logits, -FAR, FAR),))[SLOPE].high
