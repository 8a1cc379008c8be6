"""Wrong losses, made to see which method notices: the check of the checks.

`subjects` are the right ways to write each loss, `operators` and `arithmetic` what is
changed in them, `torch_lowered` makes functions of them, `catalogue` lists them all.
`equal` proves some of them right after all, `trial` has every method judge one,
`matrix` counts.
"""
