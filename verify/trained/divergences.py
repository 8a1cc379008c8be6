"""The divergence of every coordinate and its slopes, by the textbook, in balls."""

from __future__ import annotations

import numpy as np

from verify.accuracy.formats import FORMATS
from verify.accuracy.textbook import TERMS, Order
from verify.accuracy.truth import Truth, truth

VALUE, IN_MU, IN_SCALE = (), (0,), (1,)
(LOG_VARIANCE,) = (term for term in TERMS if term.subject == "log_variance")


def true_terms(
    mu: np.ndarray, log_variance: np.ndarray, dtype: str
) -> dict[Order, Truth]:
    """The value and both slopes, counted in units in the last place of a dtype.

    mu, log_variance  of one shape, finite; the results have shape (their size,)
    """
    columns = [mu.ravel(), log_variance.ravel()]
    enclosures = LOG_VARIANCE.enclosures
    return {
        order: truth(enclosures[order], columns, FORMATS[dtype])
        for order in (VALUE, IN_MU, IN_SCALE)
    }
