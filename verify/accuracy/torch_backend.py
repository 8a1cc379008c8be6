"""The rows in torch: ours eager and compiled, torch's own losses, and autograd.

All derivatives are autograd's, as in training.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.distributions import Normal, kl_divergence
from torch.nn import functional as F

from derivations.backends.smooth import Smooth
from derivations.backends.torch_derivatives import BLOCK, evaluate
from verify.accuracy.implementation import EVERY_DTYPE, Implementation, Results
from verify.accuracy.numpy_backend import KL, LOGIT
from verify.accuracy.textbook import Order, Term


def tensors(columns: Sequence[np.ndarray], dtype: str, device: str) -> list[Tensor]:
    """The columns as leaves of a graph."""
    kind = getattr(torch, dtype)
    made = [torch.tensor(c, dtype=kind, device=device) for c in columns]
    return [m.requires_grad_() for m in made]


def evaluated(function: Smooth, values: np.ndarray, dtype: str) -> np.ndarray:
    """One of our functions of one number, at values in float64."""
    with torch.no_grad():
        array = torch.from_numpy(values).to(getattr(torch, dtype))
        return evaluate(function, [array]).to(torch.float64).numpy()


def differentiated(
    function: Callable[..., Tensor], arrays: Sequence[Tensor], twice: bool = True
) -> dict[Order, Tensor]:
    """The value of an elementwise function, its gradient and second derivatives.

    What autograd does not reach is 0.
    """
    value = function(*arrays)
    found: dict[Order, Tensor] = {(): value}
    slopes = torch.autograd.grad(
        value.sum(), arrays, create_graph=twice, allow_unused=True
    )
    for a, slope in enumerate(slopes):
        found[(a,)] = torch.zeros_like(value) if slope is None else slope
        if not twice:
            continue
        seconds: Sequence[Tensor | None] = [None] * len(arrays)
        if slope is not None and slope.requires_grad:
            seconds = torch.autograd.grad(
                slope.sum(), arrays, retain_graph=True, allow_unused=True
            )
        for b, second in enumerate(seconds[a:], a):
            found[(a, b)] = torch.zeros_like(value) if second is None else second
    return found


def _of_term(term: Term) -> Callable[..., Tensor]:
    """The term as users call it, of the arguments that it depends on."""
    if term.part == 0 and len(term.form.parts) == 1:
        return term.form.terms

    def one(array: Tensor) -> Tensor:
        others = [array.detach() for _ in term.form.parts]
        others[term.part] = array
        return term.form.terms(*others)[term.part]

    return one


def _run(
    make: Callable[[Term], Callable[..., Tensor]],
    device: str = "cpu",
    twice: bool = True,
    least: int = 0,
) -> Callable[[Term, str, Sequence[np.ndarray]], Results]:
    """A row: differentiate what `make` makes of a term, on at least so many points."""

    def run(term: Term, dtype: str, columns: Sequence[np.ndarray]) -> Results:
        count = len(columns[0])
        times = -(-least // count) if least else 1
        arrays = tensors([np.tile(c, times) for c in columns], dtype, device)
        found = differentiated(make(term), arrays, twice)
        return {
            order: values.detach().to("cpu", torch.float64).numpy()[:count]
            for order, values in found.items()
        }

    return run


def _compiled(term: Term) -> Callable[..., Tensor]:
    torch._dynamo.reset()
    return torch.compile(_of_term(term), fullgraph=True)


def _sigma(subject: str, scale: Tensor) -> Tensor:
    if subject in ("sigma", "variance"):
        return scale if subject == "sigma" else torch.sqrt(scale)
    return torch.exp(scale / 2 if subject == "log_variance" else scale)


def _log_variance(subject: str, scale: Tensor) -> Tensor:
    if subject in ("log_variance", "log_sigma"):
        return scale if subject == "log_variance" else 2 * scale
    return torch.log(scale if subject == "variance" else scale.pow(2))


def distributions(term: Term) -> Callable[..., Tensor]:
    """torch.distributions: the divergence from Normal(mu, sigma) to Normal(0, 1)."""

    def value(mu: Tensor, scale: Tensor) -> Tensor:
        q = Normal(mu, _sigma(term.subject, scale), validate_args=False)
        standard = Normal(torch.zeros_like(mu), torch.ones_like(mu))
        return kl_divergence(q, standard)

    return value


def classic(term: Term) -> Callable[..., Tensor]:
    """The line that everybody writes."""

    def value(mu: Tensor, scale: Tensor) -> Tensor:
        logvar = _log_variance(term.subject, scale)
        return -0.5 * (1 + logvar - mu.pow(2) - logvar.exp())

    return value


def of_logits(cross_entropy: Callable[[Tensor, float], Tensor]) -> Callable:
    """A loss of one logit from -(y log s(h) + (1 - y) log(1 - s(h))), y its target."""

    def make(term: Term) -> Callable[..., Tensor]:
        target = 1.0 if term.subject == "nonsaturating_term" else 0.0
        sign = -1.0 if term.subject == "saturating_term" else 1.0
        return lambda h: sign * cross_entropy(h, target)

    return make


def with_logits(h: Tensor, target: float) -> Tensor:
    """F.binary_cross_entropy_with_logits."""
    wanted = torch.full_like(h, target)
    return F.binary_cross_entropy_with_logits(h, wanted, reduction="none")


def on_a_sigmoid(h: Tensor, target: float) -> Tensor:
    """F.binary_cross_entropy of a probability; it raises RuntimeError for nan."""
    wanted = torch.full_like(h, target)
    return F.binary_cross_entropy(torch.sigmoid(h), wanted, reduction="none")


def naive(h: Tensor, target: float) -> Tensor:
    """The logarithm of a probability, as the paper writes it."""
    probability = torch.sigmoid(h)
    return -torch.log(probability if target else 1 - probability)


LOSSES: tuple[tuple[str, Any], ...] = (
    ("F.softplus", lambda h, y: F.softplus(-h if y else h)),
    ("F.logsigmoid", lambda h, y: -F.logsigmoid(h if y else -h)),
    ("BCEWithLogits", with_logits),
    ("BCE on a sigmoid", on_a_sigmoid),
    ("naive log(sigmoid)", naive),
)
OURS = KL + LOGIT
ON_A_GPU = (
    Implementation(
        "lossproof, torch on cuda", True, OURS, _run(_of_term, "cuda"), EVERY_DTYPE
    ),
)
ROWS = (
    Implementation(
        "lossproof, torch", True, OURS, _run(_of_term, least=BLOCK + 1), EVERY_DTYPE
    ),
    Implementation("lossproof, torch, small", True, OURS, _run(_of_term), EVERY_DTYPE),
    *(ON_A_GPU if torch.cuda.is_available() else ()),
    Implementation(
        "lossproof, torch.compile", True, OURS, _run(_compiled, twice=False),
        EVERY_DTYPE, slow=True,
    ),
    Implementation("torch.distributions", False, KL, _run(distributions)),
    Implementation("torch, classic line", False, KL, _run(classic)),
    *(
        Implementation(
            name, False, LOGIT, _run(of_logits(loss)), raises=loss is on_a_sigmoid
        )
        for name, loss in LOSSES
    ),
)  # fmt: skip
