"""Is the gradient of minus the ELBO the derived slopes, pulled back through networks?

In the encoder's outputs mu and t = log sigma^2 the divergence has the slopes mu/B and
(e^t - 1)/(2B), from enclosures of the textbook's formula. The likelihood's slope in
what the decoder gave, (s(l) - x)/B of logits and (m - x)/(v B) of means, goes back
through the decoder to z = mu + e^(t/2) eps, and from there to both. Their sum goes on
to every parameter of the encoder.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from verify.evidence import Evidence
from verify.trained.divergences import IN_MU, IN_SCALE, true_terms
from verify.trained.torch_gan_gradients import slope_roundings
from verify.trained.torch_inspected import Inspected
from verify.trained.torch_layers import EACH, Bounded, Call
from verify.trained.torch_pullback import Pulled, pulled_back
from verify.trained.torch_shares import Shares, by_name, evidence, not_finite
from verify.trained.torch_trace import of_network, traced

CLAIM = (
    "autograd's gradient of minus the ELBO, in both networks' outputs and in every "
    "parameter, is the pullback of the derived slopes"
)

OUTPUTS, MADE = "mu and log sigma^2", "what the decoder gave"


@dataclass(frozen=True)
class Step:
    """What one evaluation of the objective has in it, as float64 without a graph.

    data    x, (B, n)
    noise   eps, (B, k)
    mu      (B, k)
    scale   t, the log-variances, (B, k)
    made    what the decoder gave, (B, n)
    """

    data: Tensor
    noise: Tensor
    mu: Tensor
    scale: Tensor
    made: Tensor

    @property
    def finite(self) -> bool:
        """Whether all that the networks gave is."""
        return all(bool(t.isfinite().all()) for t in (self.mu, self.scale, self.made))


def elbo_gradient(of: Inspected) -> Evidence:
    """Compare in every batch.

    AGREES     no number is off by more than rounding
    REFUTED    one is, or something is not finite
    UNDECIDED  rounding allows a tenth of the median array's gradient
    """
    started, shares = time.perf_counter(), Shares()
    for number, (data, noise) in enumerate(of.batches):
        with traced(of.model) as calls:
            loss, _ = of.model.objective("vae", data, noise)
        ((*_, last),) = (encoder,) = of_network(calls, of.model.encoder)
        (decoder,) = of_network(calls, of.model.decoder)
        step = _step(data, noise, last.gave, decoder[-1].gave)
        if not step.finite:
            words = f"batch {number}: what a network gave is not finite"
            return not_finite(CLAIM, words, of, time.perf_counter() - started)
        expected = _expected(of, step, encoder, decoder)
        network = dict(of.model.named_parameters())
        leaves = {OUTPUTS: last.gave, MADE: decoder[-1].gave, **network}
        found = torch.autograd.grad(loss, [*leaves.values()], materialize_grads=True)
        shares.take_all(dict(zip(leaves, found, strict=True)), expected)
    return evidence(CLAIM, shares, of, time.perf_counter() - started)


def _step(data: Tensor, noise: Tensor, outputs: Tensor, made: Tensor) -> Step:
    mu, scale = outputs.detach().double().chunk(2, dim=-1)
    return Step(data.double(), noise.double(), mu, scale, made.detach().double())


def _expected(
    of: Inspected, step: Step, encoder: list[Call], decoder: list[Call]
) -> dict[str, Bounded]:
    """The gradient in what each network gave, and in the parameters by their names."""
    behind = pulled_back(decoder, _likelihood(of, step), of.dtype)
    outputs = _outputs(of, step, behind)
    parameters = behind.gradients()
    parameters |= pulled_back(encoder, outputs, of.dtype).gradients()
    own = getattr(of.model, "decoder_log_variance", None)
    if own is not None:
        parameters[own] = _in_log_variance(of, step)
    between = {OUTPUTS: outputs, MADE: behind.backs[-1]}
    return between | by_name(of.model, parameters)


def _outputs(of: Inspected, step: Step, behind: Pulled) -> Bounded:
    """The divergence's slopes and the likelihood's, in mu and t side by side."""
    true = true_terms(step.mu.cpu().numpy(), step.scale.cpu().numpy(), "float64")
    in_mu, in_scale = (
        _slope(of, torch.from_numpy(true[order].approximately).to(of.device), step.mu)
        for order in (IN_MU, IN_SCALE)
    )
    of_draw = behind.front.times(
        (step.scale / 2).exp() * step.noise / 2, EACH, of.dtype
    )
    parts = (in_mu + behind.front, in_scale + of_draw)
    number, error = (
        torch.cat(halves, -1)
        for halves in zip(*((p.number, p.error) for p in parts), strict=True)
    )
    return Bounded(number, error).rounded(1, of.dtype)


def _likelihood(of: Inspected, step: Step) -> Bounded:
    """The slope of the mean negative log-likelihood in what the decoder gave."""
    x, made = step.data, step.made
    if of.model.likelihood == "bernoulli":
        # s and x cancel here, in float64, and not in what the references compute
        found = _slope(of, made.sigmoid() - x, made)
        lost = EACH * 2.0**-53 * (made.sigmoid() + x) / len(x)
        return Bounded(found.number, found.error + lost)
    return _slope(of, (made - x) / _variance(of), made)


def _slope(of: Inspected, slopes: Tensor, shape: Tensor) -> Bounded:
    """Each by the number of data, with the rounding of a slope."""
    found = slopes.reshape(shape.shape) / len(shape)
    exact = Bounded(found, torch.zeros_like(found))
    return exact.rounded(slope_roundings(of), of.dtype)


def _variance(of: Inspected) -> Tensor:
    log_variance: Any = of.model.decoder_log_variance
    variance: Tensor = log_variance.detach().double().exp()
    return variance


def _in_log_variance(of: Inspected, step: Step) -> Bounded:
    """The sum over outputs and mean over data of (1 - (x - m)^2/v)/2."""
    squares = (step.data - step.made).square() / _variance(of)
    each = _slope(of, (1 - squares) / 2, squares)
    sizes = _slope(of, (1 + squares) / 2, squares)
    whole = Bounded(sizes.number, sizes.error).rounded(squares.numel(), of.dtype)
    return Bounded(each.number.sum(), whole.error.sum())
