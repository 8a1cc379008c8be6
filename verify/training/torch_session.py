"""A run in memory: model, optimisers, random numbers, data; and its next step.

Nothing here waits for the device: what a step measured stays there until it is asked
for. The same options and data give the same session, a restored one the same bits.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from verify.data.dataset import Dataset
from verify.models.ledger_losses import of_the_ledger
from verify.models.torch_gan import GAN
from verify.models.torch_vae import VAE
from verify.training.options import Options
from verify.training.torch_devices import precision
from verify.training.torch_order import Order


def model_of(options: Options, shape: tuple[int, ...]) -> nn.Module:
    """The model at its start, a function of the seed: on the CPU, in float32."""
    with torch.random.fork_rng(devices=[]):
        torch.random.default_generator.manual_seed(options.seed)
        kind: Any = VAE if options.model == "vae" else GAN
        choice = options.decoder or options.loss
        model: nn.Module = kind(shape, options.latent, options.network, choice)
    return model


class Session:
    """One training run; raises ForeignLossError for a model with losses of its own."""

    def __init__(self, options: Options, data: Dataset) -> None:
        self.options, self.step = options, 0
        self.device, dtype = torch.device(options.device), getattr(torch, options.dtype)
        self.model: Any = model_of(options, data.shape).to(self.device, dtype)
        for loss in self.model.losses:
            of_the_ledger(loss)
        self.rows = torch.from_numpy(data.train).to(self.device, dtype)
        self.order = Order(len(self.rows), options.batch, options.seed, self.device)
        meta = self.device.type == "meta"  # there are no random numbers, and no kernels
        self.generator = (
            None if meta else torch.Generator(self.device).manual_seed(options.seed)
        )
        self.players = {turn: self.model.player(turn) for turn in self.model.turns}
        self.optimisers = {
            turn: torch.optim.Adam(player, fused=not meta, **self.model.adam)
            for turn, player in self.players.items()
        }
        self.eager = self.model.objective
        compiled = options.compile and not meta
        self.objective = self.eager
        if compiled:  # one graph: what breaks it would be slow, and say nothing
            self.objective = torch.compile(self.eager, fullgraph=True)
        self.names: tuple[str, ...] = ()

    def noise(self) -> Tensor:
        """Standard normal numbers for one turn, (batch, latent)."""
        return torch.randn(
            (self.options.batch, self.options.latent),
            generator=self.generator,
            device=self.device,
            dtype=self.rows.dtype,
        )

    def advance(self) -> Tensor:
        """Make one step; what it measured, on the device, in the order of `names`."""
        data = self.rows[self.order.next()]
        seen: dict[str, Tensor] = {}
        for turn, player in self.players.items():
            with precision(self.device, self.options.amp):
                loss, measured = self.objective(turn, data, self.noise())
            slopes = torch.autograd.grad(loss, player)
            for parameter, slope in zip(player, slopes, strict=True):
                parameter.grad = slope
            self.optimisers[turn].step()
            seen |= measured
            seen[f"{turn}_gradient"] = torch.nn.utils.get_total_norm(slopes)
        self.step, self.names = self.step + 1, tuple(seen)
        return torch.stack([value.to(self.rows.dtype) for value in seen.values()])

    def tensors(self) -> dict[str, Tensor]:
        """All that changes from step to step, by name, on the CPU."""
        found = {f"model.{n}": t for n, t in self.model.state_dict().items()}
        for turn, optimiser in self.optimisers.items():
            for place, state in optimiser.state_dict()["state"].items():
                found |= {f"adam.{turn}.{place}.{n}": t for n, t in state.items()}
        if self.generator is not None:
            found["generator"] = self.generator.get_state()
        return {n: t.detach().cpu().contiguous().clone() for n, t in found.items()}

    def restore(
        self, step: int, tensors: dict[str, Tensor], position: dict[str, int]
    ) -> None:
        """Be the session that these are of.

        Raises KeyError, ValueError or RuntimeError for tensors of another model.
        """
        part = "model."
        model = {n[len(part) :]: t for n, t in tensors.items() if n.startswith(part)}
        self.model.load_state_dict(model)
        for turn, optimiser in self.optimisers.items():
            state: dict[int, dict[str, Tensor]] = {}
            for name, tensor in tensors.items():
                if name.startswith(f"adam.{turn}."):
                    place, what = name.split(".")[2:]
                    state.setdefault(int(place), {})[what] = tensor
            groups = optimiser.state_dict()["param_groups"]
            optimiser.load_state_dict({"state": state, "param_groups": groups})
        if self.generator is not None:
            self.generator.set_state(tensors["generator"])
        self.order.go_to(position)
        self.step = step
