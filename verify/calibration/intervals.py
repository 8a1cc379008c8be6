"""What a count says of a rate: Clopper and Pearson's interval.

Source: Clopper and Pearson, "The use of confidence or fiducial limits illustrated in
the case of the binomial", Biometrika 26, 1934.
"""

from __future__ import annotations

from scipy.stats import beta

CONFIDENCE = 0.99


def clopper_pearson(
    hits: int, trials: int, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """The rates under which so many hits, or so few, are not too improbable.

    hits, trials  of independent trials with one unknown rate; 0 <= hits <= trials
    confidence    with which the interval holds the rate, at least, in (0, 1)

    Raises ValueError for other numbers.
    """
    if not 0 <= hits <= trials or not 0 < confidence < 1:
        raise ValueError(
            f"{hits} of {trials} at {confidence}, need 0 <= hits <= trials and a "
            "confidence between 0 and 1"
        )
    tail = (1 - confidence) / 2
    lower = float(beta.ppf(tail, hits, trials - hits + 1)) if hits else 0.0
    upper = 1.0
    if hits < trials:
        upper = float(beta.ppf(1 - tail, hits + 1, trials - hits))
    return lower, upper
