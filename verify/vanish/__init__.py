"""Exercise 1 as an experiment: a generator that starts where the discriminator wins.

Discriminators of several strengths are frozen; the same generator starts against each,
with either loss. How long it takes to get away is counted, and held against what is
derived.
"""
