"""Evidence by sampling: the definition averaged over draws, beside somebody's value.

Nothing here knows a closed form. Draws come from the law, the integrand is the
definition (a log ratio of densities, log(1 - D), the reparametrised gradient), and the
tolerance is a tail bound that holds for every number of draws, not only for many.

`noise` makes the draws and `strata` says how even they are, `tail` bounds the mean's
error, `family_wise` counts the comparisons of a run; `*_definition` are the integrands,
`plan` says which of their means are compared, `sampling` takes the means, `judge` ends.
"""
