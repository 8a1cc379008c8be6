"""A run in memory: model, optimisers, random numbers, data; and its next step.

Nothing here waits for the device: what a step measured stays there until it is asked
for. The same options and data give the same session, a restored one the same bits.

Of several processes each draws the noise and the rows of the whole batch, so all have
the same random state, and takes its equal part of them: any number of processes goes on
where any other number left off.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from verify.data.dataset import Dataset
from verify.models.ledger_losses import of_the_ledger
from verify.models.torch_gan import GAN
from verify.models.torch_vae import VAE
from verify.processes import ALONE, Processes
from verify.training.options import OptionError, Options
from verify.training.seeds import seed_of
from verify.training.torch_devices import placed, precision
from verify.training.torch_order import Order


def model_of(options: Options, shape: tuple[int, ...]) -> nn.Module:
    """The model at its start, a function of the seed: on the CPU, in float32."""
    with torch.random.fork_rng(devices=[]):
        torch.random.default_generator.manual_seed(seed_of(options.seed, "start"))
        kind: Any = VAE if options.model == "vae" else GAN
        choice = options.decoder or options.loss
        model: nn.Module = kind(shape, options.latent, options.network, choice)
    return model


class Session:
    """One training run, or the part of it that one of several processes has.

    Raises ForeignLossError for a model with losses of its own, and OptionError for a
    batch that the processes cannot share equally.
    """

    def __init__(
        self, options: Options, data: Dataset, processes: Processes = ALONE
    ) -> None:
        if options.batch % processes.size:
            raise OptionError(
                f"--batch: {options.batch} rows, which {processes.size} processes "
                "cannot share equally"
            )
        self.options, self.step, self.processes = options, 0, processes
        self.device = placed(options.device, processes)
        dtype = getattr(torch, options.dtype)
        self.model: Any = model_of(options, data.shape).to(self.device, dtype)
        for loss in self.model.losses:
            of_the_ledger(loss)
        self.rows = torch.from_numpy(data.train).to(self.device, dtype)
        self.order = Order(len(self.rows), options.batch, options.seed, self.device)
        meta = self.device.type == "meta"  # there are no random numbers, and no kernels
        noise = seed_of(options.seed, "noise")
        self.generator = (
            None if meta else torch.Generator(self.device).manual_seed(noise)
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
            mode = "reduce-overhead" if self.device.type == "cuda" else "default"
            self.objective = torch.compile(self.eager, fullgraph=True, mode=mode)
        self.turns = {
            turn: processes.sharing(partial(self._judged, turn), player)
            for turn, player in self.players.items()
        }
        self.names: tuple[str, ...] = ()

    def noise(self) -> Tensor:
        """Standard normal numbers for one turn of all processes, (batch, latent)."""
        return torch.randn(
            (self.options.batch, self.options.latent),
            generator=self.generator,
            device=self.device,
            dtype=self.rows.dtype,
        )

    def advance(self) -> Tensor:
        """Make one step; what it measured, on the device, in the order of `names`.

        Of several processes each measures its own part, but the whole gradient.
        """
        part = self.processes.part
        data = self.rows[part(self.order.next())]
        seen: dict[str, Tensor] = {}
        for turn, player in self.players.items():
            for parameter in player:
                parameter.grad = None
            loss, measured = self.turns[turn](data, part(self.noise()))
            loss.backward(inputs=player)  # here several processes average the slopes
            self.optimisers[turn].step()
            seen |= measured
            slopes = [parameter.grad for parameter in player]
            seen[f"{turn}_gradient"] = torch.nn.utils.get_total_norm(slopes)
        self.step, self.names = self.step + 1, tuple(seen)
        return torch.stack([value.to(self.rows.dtype) for value in seen.values()])

    def _judged(
        self, turn: str, data: Tensor, noise: Tensor
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The model's objective at these rows, in the precision that was asked for."""
        with precision(self.device, self.options.amp), self._alone(turn):
            loss, measured = self.objective(turn, data, noise)
        if self.device.type == "cuda":  # else the next CUDA graph would write over it
            measured = {name: value.clone() for name, value in measured.items()}
        return loss, measured

    @contextmanager
    def _alone(self, turn: str) -> Iterator[None]:
        """Ask no slopes of the others: a compiled backward pass would compute them."""
        others = [
            p for name in self.players if name != turn for p in self.players[name]
        ]
        for parameter in others:
            parameter.requires_grad_(False)
        try:
            yield
        finally:
            for parameter in others:
                parameter.requires_grad_(True)

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
