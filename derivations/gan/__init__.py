"""Exercise 1: the losses of a generative adversarial network, and their gradients."""
