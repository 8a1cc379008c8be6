"""The chain rule through both networks by hand, sample by sample.

Where h_i is the logit of sample i, a number c_i for each of them is pulled back to
c_i dh_i/dtheta: layer by layer, the derivative in what a layer gives, beside what it
was given. Their outer product is the sample's gradient in the layer's weights. This
shares nothing with autograd. With absolute values throughout, it gives the size that
rounding errors of a backward pass are relative to (Higham, "Accuracy and Stability of
Numerical Algorithms", 2002, section 3.5).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from verify.vanish.torch_networks import Layer
from verify.vanish.torch_setting import Setting

Pulled = tuple[Tensor, Tensor]  # given to a layer and derivative, (runs, samples, ...)
U = 2.0**-53  # unit roundoff of float64, of which every number here is
EACH = 4  # roundings of a number beside a sum: the slope, its product, the outer one


def pulled_back(
    setting: Setting,
    generator: Sequence[Layer],
    cotangent: Tensor,
    *,
    absolute: bool = False,
) -> list[Pulled]:
    """For each layer of the generator, the two factors of c_i dh_i in its weights.

    generator  the layers of all runs
    cotangent  c, shape (runs, samples)
    absolute   take the absolute value of every factor: sizes instead of derivatives
    """
    sized = torch.abs if absolute else (lambda tensor: tensor)
    layers = [*generator, *setting.discriminators]
    given, slopes = _forward(layers, setting.z, len(generator))
    back = sized(cotangent)[..., None]
    found = []
    for place in reversed(range(len(layers))):
        if place < len(generator):
            found.append((sized(given[place]), back))
        if place:
            weights = layers[place][0].detach()
            back = (back @ sized(weights).transpose(-1, -2)) * sized(slopes[place - 1])
    return found[::-1]


def _forward(
    layers: Sequence[Layer], z: Tensor, generator: int
) -> tuple[list[Tensor], list[Tensor]]:
    """What each layer is given, and the slope of what stands behind each but the last.

    generator  how many of the layers are the generator's
    """
    x, given, slopes = z.expand(len(layers[0][0]), *z.shape), [], []
    for place, (weights, biases) in enumerate(layers):
        given.append(x)
        before = x @ weights.detach() + biases.detach()
        if place == generator - 1:  # the generator ends in its output itself
            x, slope = before, torch.ones_like(before)
        elif place < generator:
            x = before.tanh()
            slope = 1 - x**2
        else:
            x = torch.logaddexp(before, torch.zeros_like(before))
            slope = before.sigmoid()
        slopes.append(slope)
    return given, slopes


def sample_norms(pulled: Sequence[Pulled]) -> Tensor:
    """The norm of each sample's gradient in all weights and biases, (runs, samples)."""
    squares = [
        (given.square().sum(-1) + 1) * back.square().sum(-1) for given, back in pulled
    ]
    return torch.stack(squares).sum(0).sqrt()


def of_sample(pulled: Sequence[Pulled], sample: int) -> list[Tensor]:
    """One sample's gradient in weights and biases, as autograd's are shaped."""
    found = []
    for given, back in pulled:
        of_bias = back[:, sample, None, :]
        found += [given[:, sample, :, None] * of_bias, of_bias]
    return found


def roundings(setting: Setting, generator: Sequence[Layer], *, samples: int) -> float:
    """How far a backward pass can be from exact, relative to the sizes: N u/(1 - N u).

    samples  over how many of them it sums, 1 for the gradient of one
    """
    layers = [*generator, *setting.discriminators]
    count = samples + sum(weights.shape[-1] + EACH for weights, _ in layers)
    return count * U / (1 - count * U)
