"""A loss that somebody wrote, with its declared convention: what every method judges.

`loss` says which losses there are and what their arguments are called, `convention` how
a callable takes and reduces them, `candidate` is such a callable, `call` runs it (the
one place where its exceptions are caught), `points` makes its inputs.
"""
