"""The plain eager loops, as PyTorch's examples write them: `vae` and `dcgan`.

Everything that they do, and a loop need not, is kept: a loader that collates rows one
by one, sigmoid outputs, `item` in every step, Adam as it is by default. What they do
beside the training is left out: images to be decoded, printing, pictures.

Reference: https://github.com/pytorch/examples, `vae/main.py` and `dcgan/main.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from verify.models.torch_doubled import Doubled

Draw = Callable[[Tensor], Tensor]
"""Standard normal numbers like a tensor: its shape, dtype and device."""
Loop = Callable[[Any, Iterator[Tensor], Draw], Iterator[None]]
"""Trains a model on batches, and stops after every step."""

DIFFERENCES = (
    ("data", "rows on the device, a permutation each epoch", "DataLoader, workers 0"),
    ("last layer", "of a conv network: a convolution, shuffled", "ConvTranspose2d"),
    ("likelihood", "the derived one of the logits", "BCE of a sigmoid's output"),
    ("divergence", "the derived one", "-0.5 sum(1 + t - mu^2 - e^t)"),
    ("measured", "read every 10 steps, with norms of gradients", "item() every step"),
    ("Adam", "fused", "torch's default: same rate, same betas"),
    ("gradients", "of the player whose turn it is", "of all that backward() reaches"),
    ("generator", "new noise for its turn", "the discriminator's noise once more"),
    ("precision", "as asked for", "float32"),
)
"""What is not the same: the piece, ours, theirs."""


def vae_steps(model: Any, batches: Iterator[Tensor], draw: Draw) -> Iterator[None]:
    """Both networks by one Adam; the sum that the example descends, by the batch."""
    optimiser = torch.optim.Adam(model.parameters(), **model.adam)
    total = 0.0
    for data in batches:
        optimiser.zero_grad()
        mu, log_variance = model.encoder(data).chunk(2, dim=-1)
        std = torch.exp(0.5 * log_variance)
        z = mu + draw(std) * std
        reconstruction = torch.sigmoid(model.decoder(z))
        bce = F.binary_cross_entropy(reconstruction, data, reduction="sum")
        kld = -0.5 * torch.sum(1 + log_variance - mu.pow(2) - log_variance.exp())
        loss = (bce + kld) / len(data)
        loss.backward()
        total += loss.item()
        optimiser.step()
        yield


def gan_steps(model: Any, batches: Iterator[Tensor], draw: Draw) -> Iterator[None]:
    """The discriminator on what is real, on what is not, then the generator."""
    generator, discriminator, criterion = (
        model.generator,
        model.discriminator,
        nn.BCELoss(),
    )
    of_d = torch.optim.Adam(discriminator.parameters(), **model.adam)
    of_g = torch.optim.Adam(generator.parameters(), **model.adam)
    for data in batches:
        discriminator.zero_grad()
        label = torch.full((len(data),), 1.0, dtype=data.dtype, device=data.device)
        output = torch.sigmoid(discriminator(data)).view(-1)
        of_real = criterion(output, label)
        of_real.backward()
        seen = [output.mean().item()]
        noise = draw(torch.empty(len(data), model.latent).to(data))
        fake = generator(noise)
        label.fill_(0.0)
        output = torch.sigmoid(discriminator(fake.detach())).view(-1)
        of_fake = criterion(output, label)
        of_fake.backward()
        seen.append(output.mean().item())
        of_d.step()
        generator.zero_grad()
        label.fill_(1.0)
        output = torch.sigmoid(discriminator(fake)).view(-1)
        of_generator = criterion(output, label)
        of_generator.backward()
        seen.append(output.mean().item())
        of_g.step()
        seen += [(of_real + of_fake).item(), of_generator.item()]
        yield


LOOPS: dict[str, Loop] = {"vae": vae_steps, "gan": gan_steps}


def started(model: nn.Module) -> nn.Module:
    """The model with every layer as torch has it, of the same parameters."""
    for module in list(model.modules()):
        for name, layer in module.named_children():
            if isinstance(layer, Doubled):
                setattr(module, name, layer.as_torch_has_it())
    return model


def loaded(rows: Tensor, batch: int, device: torch.device) -> Iterator[Tensor]:
    """Batches of the rows without end, in the order of each epoch's shuffle.

    rows  (N, n), on the CPU; a batch that is not whole is left out, as it is in ours
    """
    loader = DataLoader(
        TensorDataset(rows),
        batch_size=batch,
        shuffle=True,
        drop_last=True,
        pin_memory=device.type == "cuda",
    )
    while True:
        for (data,) in loader:
            yield data.to(device)
