"""Lowering: from a checked expression to a function of somebody's arrays.

`emitter` writes Python over the heads of an expression, `atoms` has the few functions
that need care near a point, `precision` says how much; `numpy_backend`, `torch_backend`
and `jax_backend` are the only files that know a framework, and each is imported when
its array is seen first. Nothing here decides whether an expression is true.
"""
