"""Evidence on trained networks: what was proved on paper, on their real activations.

Gradients come from autograd, through the networks, of the losses that were trained on.
What they should be comes from the truth of the slopes, pulled back by hand through the
same activations (`torch_pullback`). Nothing is trained here, and nothing is written.
"""
