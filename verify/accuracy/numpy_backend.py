"""The rows in NumPy: ours, SciPy's special functions, and SymPy's own code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec

import numpy as np
from scipy import special
from sympy import lambdify

from derivations.backends import numpy_backend
from derivations.backends.smooth import Smooth
from verify.accuracy.implementation import EVERY_DTYPE, Implementation, Results
from verify.accuracy.textbook import TERMS, Term

KL = ("sigma", "variance", "log_variance", "log_sigma")
LOGIT = ("saturating_term", "nonsaturating_term", "fake_term")


def dtype_of(name: str) -> np.dtype:
    """NumPy's dtype; bfloat16 is `ml_dtypes`' own."""
    return np.dtype(import_module("ml_dtypes").bfloat16 if name == "bfloat16" else name)


def ours(term: Term, dtype: str, columns: Sequence[np.ndarray]) -> Results:
    """The terms and their derivatives as our NumPy backend evaluates them."""
    arrays = [column.astype(dtype_of(dtype)) for column in columns]
    found: Results = {}
    for order in term.orders:
        function: Smooth | None = term.form.parts[term.part].terms
        for place in order:
            function = function.partial(place) if function else None
        if function is None:
            found[order] = np.zeros(len(columns[0]))
        else:
            values = numpy_backend.evaluate(function, arrays)
            found[order] = values.astype(np.float64)
    return found


def evaluated(function: Smooth, values: np.ndarray, dtype: str) -> np.ndarray:
    """One of our functions of one number, at values in float64."""
    result = numpy_backend.evaluate(function, [values.astype(dtype_of(dtype))])
    return result.astype(np.float64)


def derived(term: Term, dtype: str, columns: Sequence[np.ndarray]) -> Results:
    """SymPy's `lambdify` of the textbook expression, and of its derivatives."""
    arrays = [column.astype(dtype) for column in columns]
    found: Results = {}
    with np.errstate(all="ignore"):
        for order, function in _lambdas(TERMS.index(term)).items():
            values = np.broadcast_to(function(*arrays), arrays[0].shape)
            found[order] = values.astype(dtype).astype(np.float64)
    return found


@cache
def _lambdas(number: int) -> dict:
    term = TERMS[number]
    found = {}
    for order in term.orders:
        expression = term.textbook
        for place in order:
            expression = expression.diff(term.arguments[place])
        found[order] = lambdify(term.arguments, expression, "numpy")
    return found


def _variance(subject: str, scale: np.ndarray) -> np.ndarray:
    if subject in ("sigma", "variance"):
        return scale**2 if subject == "sigma" else scale
    return np.exp(scale if subject == "log_variance" else 2 * scale)


def _log_variance(subject: str, scale: np.ndarray) -> np.ndarray:
    if subject in ("log_variance", "log_sigma"):
        return scale if subject == "log_variance" else 2 * scale
    return np.log(scale if subject == "variance" else scale**2)


def kl_div(subject: str, mu: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """scipy.special.kl_div(1, v) = v - 1 - log v, its own remainder."""
    return mu**2 / 2 + special.kl_div(1, _variance(subject, scale)) / 2


def expm1(subject: str, mu: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """expm1(t) - t, as a careful person writes it."""
    t = _log_variance(subject, scale)
    return mu**2 / 2 + (special.expm1(t) - t) / 2


def classic(subject: str, mu: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """The line that everybody writes."""
    logvar = _log_variance(subject, scale)
    return -0.5 * (1 + logvar - mu**2 - np.exp(logvar))


def _value_only(function: Callable) -> Callable:
    def run(term: Term, dtype: str, columns: Sequence[np.ndarray]) -> Results:
        with np.errstate(all="ignore"):
            values = function(term.subject, *(c.astype(dtype) for c in columns))
        return {(): values.astype(np.float64)}

    return run


def log_expit(term: Term, dtype: str, columns: Sequence[np.ndarray]) -> Results:
    """scipy.special.log_expit, with expit for the derivatives."""
    h = columns[0].astype(dtype)
    real = term.subject == "nonsaturating_term"
    sign = 1 if term.subject == "saturating_term" else -1
    with np.errstate(all="ignore"):
        value = sign * special.log_expit(h if real else -h)
        slope = -special.expit(-h) if real else -sign * special.expit(h)
        curvature = -sign * special.expit(h) * special.expit(-h)
    found = {(): value, (0,): slope, (0, 0): curvature}
    return {order: values.astype(np.float64) for order, values in found.items()}


def logaddexp(subject: str, h: np.ndarray) -> np.ndarray:
    """np.logaddexp(0, h), NumPy's own softplus."""
    value = np.logaddexp(np.zeros_like(h), -h if subject == LOGIT[1] else h)
    return -value if subject == LOGIT[0] else value


HAS_BFLOAT16 = find_spec("ml_dtypes") is not None
ROWS = (
    Implementation(
        "lossproof, NumPy", True, KL + LOGIT, ours,
        EVERY_DTYPE if HAS_BFLOAT16 else EVERY_DTYPE[:3],
    ),
    Implementation("NumPy, classic line", False, KL, _value_only(classic)),
    Implementation("scipy.special.expm1", False, KL, _value_only(expm1)),
    Implementation("scipy.special.kl_div", False, KL, _value_only(kl_div)),
    Implementation("np.logaddexp", False, LOGIT, _value_only(logaddexp)),
    Implementation("scipy.special.log_expit", False, LOGIT, log_expit),
    Implementation("SymPy lambdify", False, KL + LOGIT, derived),
)  # fmt: skip
