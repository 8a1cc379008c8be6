"""What every layer of a model was given and gave, while something was computed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

from verify.trained.torch_layers import Call


@contextmanager
def traced(model: nn.Module) -> Iterator[list[Call]]:
    """A list that is filled with the calls of all layers, in their order."""
    calls: list[Call] = []
    handles = [
        layer.register_forward_hook(
            lambda layer, given, gave: calls.append(
                Call(layer, given[0].detach().double(), gave)
            )
        )
        for layer in model.modules()
        if not list(layer.children())
    ]
    try:
        yield calls
    finally:
        for handle in handles:
            handle.remove()


def of_network(calls: list[Call], network: nn.Module) -> list[list[Call]]:
    """The calls of a network's layers, a list for each time that it was called.

    Raises ValueError if a call is not whole.
    """
    layers = {layer for layer in network.modules() if not list(layer.children())}
    own = [call for call in calls if call.layer in layers]
    if not own or len(own) % len(layers):
        raise ValueError(f"{len(own)} calls of {len(layers)} layers")
    return [own[n : n + len(layers)] for n in range(0, len(own), len(layers))]
