"""The handwritten digits that scikit-learn brings along: 1797 images of 8 by 8.

Source: Alpaydin and Kaynak, "Optical Recognition of Handwritten Digits", 1998, UCI
Machine Learning Repository; its test set, of 13 writers, with greys from 0 to 16.
"""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits

from verify.data.dataset import Dataset, split

GREYS = 16
SHARE = 5
"""One image in five of each digit is judged by."""


def digits() -> Dataset:
    """The digits in [0, 1], the same split every time."""
    found = load_digits()
    rows = (found.data / GREYS).astype(np.float32)
    train, test = split(rows, found.target, SHARE)
    return Dataset("digits", train, test, (8, 8), toy=False)
