"""Twice the height and width: `nn.ConvTranspose2d(., ., 4, stride=2, padding=1)`.

Of one output channel, oneDNN computes it as slowly as of many. Here it is an ordinary
convolution: out of a 2 by 2 window comes a cell of 2 by 2 pixels for each channel, and
the cells, shuffled to their places, are the image with a border of one pixel. Weights,
their names and their first values are those of torch's layer; results differ from its
in the order of the sums alone.

Reference: Shi et al., "Is the deconvolution layer the same as a convolutional layer?",
2016, section 3.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Doubled(nn.ConvTranspose2d):
    """(B, channels in, h, w) to (B, channels out, 2 h, 2 w)."""

    def __init__(self, channels: int, made: int) -> None:
        super().__init__(channels, made, 4, stride=2, padding=1)

    def forward(self, pixels: Tensor, output_size: list[int] | None = None) -> Tensor:
        """Raises ValueError for an `output_size`: there is only one."""
        if output_size is not None:
            raise ValueError(f"output_size is {output_size}, need None")
        channels, made = self.weight.shape[:2]
        cells = self.weight.view(channels, made, 2, 2, 2, 2).flip(2, 4)
        windows = cells.permute(1, 3, 5, 0, 2, 4).reshape(4 * made, channels, 2, 2)
        assert self.bias is not None
        shifts = self.bias[:, None].expand(made, 4).reshape(-1)
        framed = F.pixel_shuffle(F.conv2d(pixels, windows, shifts, padding=1), 2)
        return framed[:, :, 1:-1, 1:-1]

    def as_torch_has_it(self) -> nn.ConvTranspose2d:
        """torch's layer, with the same parameters."""
        with torch.device("meta"):
            layer = nn.ConvTranspose2d(
                self.in_channels, self.out_channels, 4, stride=2, padding=1
            )
        layer.weight, layer.bias = self.weight, self.bias
        return layer
