"""The best log-likelihood of probabilistic principal component analysis, exactly.

x = W z + b + noise, z ~ N(0, I_k), noise ~ N(0, v I): with the best W, b and v the mean
log-likelihood is a function of the eigenvalues of the sample covariance alone. The k
largest are kept, and v is the mean of the others.

Source: Tipping and Bishop, "Probabilistic Principal Component Analysis", 1999, section
3.2 and appendix A. That a linear encoder with one diagonal variance attains it: Lucas,
Tucker, Grosse and Norouzi, "Don't Blame the ELBO!", 2019, section 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, pi

import numpy as np

U = 2.0**-53  # unit roundoff


@dataclass(frozen=True)
class Optimum:
    """The best that a linear-Gaussian model of some data can reach.

    log_likelihood  the mean over the data, in nats
    worth           by how much it is less with one latent coordinate fewer
    rounding        a bound on the error of log_likelihood, in nats
    """

    log_likelihood: float
    worth: float
    rounding: float


def optimum(data: np.ndarray, latent: int) -> Optimum:
    """The optimum for data of shape (n, d), with 1 <= latent < d.

    The covariance has 1/n, not 1/(n - 1). Raises ValueError if latent is out of range,
    or the data have no variance beside the latent directions.
    """
    _, size = data.shape
    if not 1 <= latent < size:
        raise ValueError(f"latent is {latent}, need 1 <= latent < {size}")
    centred = data - data.mean(0)
    values = np.linalg.eigvalsh(centred.T @ centred / len(data))[::-1]
    # each eigenvalue is off by so much: an inner product of n, a factorisation of d
    # (Higham, "Accuracy and Stability of Numerical Algorithms", 2002, section 3.5)
    off = (len(data) + size) * size * U * float(values[0])
    noise = float(values[latent:].mean())
    if noise <= off:
        raise ValueError(f"nothing is left beside {latent} latent directions")
    least = min(float(values[latent - 1]), noise)
    best = _log_likelihood(values, latent)
    rounding = size * off / (least - off) / 2 + size * U * (abs(best) + size)
    return Optimum(best, best - _log_likelihood(values, latent - 1), rounding)


def _log_likelihood(values: np.ndarray, latent: int) -> float:
    size = len(values)
    noise = float(values[latent:].mean())
    kept = float(np.log(values[:latent]).sum())
    return -(size * log(2 * pi) + kept + (size - latent) * log(noise) + size) / 2


def same_moments(data: np.ndarray) -> np.ndarray:
    """2 d points with the mean and the covariance of data of shape (n, d).

    The mean over them of any quadratic function is its mean over the data.
    """
    mean, size = data.mean(0), data.shape[1]
    centred = data - mean
    values, vectors = np.linalg.eigh(centred.T @ centred / len(data))
    half = (vectors * np.sqrt(size * np.maximum(values, 0))).T
    return np.concatenate([mean + half, mean - half])


def log_likelihood(
    data: np.ndarray, weights: np.ndarray, shift: np.ndarray, variance: float
) -> np.ndarray:
    """log N(x; shift, W'W + variance I) of each datum, shape (n,), in nats.

    weights  W, shape (k, d)
    """
    size = data.shape[1]
    covariance = weights.T @ weights + variance * np.eye(size)
    factor = np.linalg.cholesky(covariance)
    whitened = np.linalg.solve(factor, (data - shift).T)
    volume = 2 * np.log(np.diag(factor)).sum() + size * log(2 * pi)
    return -(volume + (whitened**2).sum(0)) / 2
