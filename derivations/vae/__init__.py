"""Exercise 2: the divergence of a diagonal Gaussian from the standard normal."""
