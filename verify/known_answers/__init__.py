"""Models whose best loss is known exactly: training has to arrive there.

Where it is known: the linear-Gaussian VAE, whose optimum is probabilistic principal
component analysis; a discriminator of two one-dimensional Gaussians, whose best logit
is their log density ratio; bounds by importance weights, where the likelihood is known.
"""
