"""The oracle: a loss against the truth, from the densities alone, in balls.

`definitions` writes each term as its definition does, `truth` encloses it with its
first and second derivatives, `expected` puts the terms together as a convention says,
`judge` compares, `conformance` is the evidence.
"""
