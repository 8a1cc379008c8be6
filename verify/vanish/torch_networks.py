"""A generator before a discriminator, of several runs side by side.

Both are plain layers: G has tanh inside and ends in its output, h has softplus inside
and ends in the logit. Every tensor has the run as its first axis, so that one pass
steps all runs, which never meet.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import sqrt

import torch
from torch import Tensor

LATENT, INSIDE, SEEN = 2, 32, 2  # numbers in z, in a hidden layer, in x
GENERATOR = (LATENT, INSIDE, SEEN)
DISCRIMINATOR = (SEEN, INSIDE, INSIDE, 1)
NARROW = 0.1  # what the generator's last layer starts with: all samples near 0

Layer = tuple[Tensor, Tensor]  # weights (runs, in, out), biases (runs, 1, out)


def drawn(sizes: Sequence[int], source: torch.Generator) -> list[Layer]:
    """Layers of one run: normal weights of variance 1/in, no biases; float64."""
    layers = []
    for ahead, after in pairwise(sizes):
        shape = (1, ahead, after)
        weights = torch.randn(shape, generator=source, dtype=torch.float64)
        biases = torch.zeros(1, 1, after, dtype=torch.float64)
        layers.append((weights / sqrt(ahead), biases))
    return layers


def generated(layers: Sequence[Layer], z: Tensor) -> Tensor:
    """G(z), shape (runs, samples, SEEN); z has shape (samples, LATENT)."""
    x = z
    for weights, biases in layers[:-1]:
        x = torch.tanh(x @ weights + biases)
    weights, biases = layers[-1]
    return x @ weights + biases


def logits(layers: Sequence[Layer], x: Tensor) -> Tensor:
    """h(x), shape (runs, samples); x has shape (runs, samples, SEEN)."""
    for weights, biases in layers[:-1]:
        before = x @ weights + biases
        x = torch.logaddexp(before, torch.zeros_like(before))
    weights, biases = layers[-1]
    return (x @ weights + biases)[..., 0]


def flat(layers: Sequence[Layer]) -> list[Tensor]:
    """Weights and biases in one row."""
    return [tensor for layer in layers for tensor in layer]


def copies(layers: Sequence[Layer], runs: int) -> list[Layer]:
    """The layers of one run, as many times; to be trained."""
    return [
        tuple(t.detach().repeat(runs, 1, 1).requires_grad_() for t in layer)
        for layer in layers
    ]
