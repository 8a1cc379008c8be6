"""The atoms of the reference implementations, once per backend.

`pairs` and the two files of formulas, `exact` and `wide`, know no framework: they are
written over a `Kit`, the few elementwise functions that a backend supplies. NumPy, torch
and JAX are imported in `numpy_backend`, `torch_backend` and `jax_backend` only.
"""
