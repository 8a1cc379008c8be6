"""Lowering: from a checked expression to a function of somebody's arrays.

`emitter` and `products` write Python over the heads of an expression; `atoms` and
`between` have the few functions that need care near a point, `precision` says how much;
`smooth` has a function with its derivatives. The files named after a framework are the
only ones that know it, and are imported when its array is seen first. Nothing here
decides whether an expression is true.
"""
