"""Principal components: the best that k linear coordinates can do, to compare with.

Reference: Bishop, "Pattern Recognition and Machine Learning", 2006, section 12.1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.floating]


def error_of_components(train: Rows, test: Rows, k: int) -> float:
    """The mean squared error of the test rows from their first k components.

    train  (N, n), which the components are of
    test   (M, n)
    k      at least 1; from n on there is no error but rounding

    By the n by n matrix of scatter, as there are far more rows than coordinates.
    """
    centre = train.mean(0, dtype=np.float64)
    apart = train - centre
    _, directions = np.linalg.eigh(apart.T @ apart)  # ascending, in columns
    moved, kept = test - centre, directions[:, ::-1][:, :k]
    return float(np.square(moved - moved @ kept @ kept.T).mean())
