"""Evidence by automatic differentiation: torch's, through the definition.

The definition is a program of densities and probabilities, no closed form: for a
divergence the mean over draws z = mu + sigma e of log q(z) - log p(z), for a loss of
logits the logarithm of a probability, behind two networks. torch differentiates it in
reverse, forward and twice; a candidate brings its own value and derivatives. Both see
the same noise, so that they have to agree to rounding, and how much that is, is
computed: by differentiating the same program in the errors of its operations.

`definitions` has the programs, `noise`, `points` and `networks` what they run on,
`problem` puts these together; `majorant` and `torch_bounds` are about rounding,
`torch_sweeps` differentiates the definition, `torch_candidates` the candidate;
`comparison` finds where they differ, `taylor` whether a candidate's derivatives are
those of its value, `torch_judgement` what it all amounts to, and `judge` is the door.

What it sees: an error larger than rounding in a value, a slope, a second derivative or
a derivative in forward mode, whatever its cause (a sign, a coefficient, a branch, an
axis, a reduction, a detached or scaled term), at the points that it draws.

What it cannot see: errors elsewhere. Its points are moderate: abs(h) <= 30, sigma
between e^-14 and e^14 (e^-8 and e^8 in float32), means up to 64. So it is blind to
overflow, to clamps, floors and branches that begin further out, and to an epsilon that
is below rounding there (1e-12 in float32 is). Where the definition itself loses digits,
so does the comparison: log(1 - D) loses a factor e^h, and from h = 17 on a candidate in
float32 has to be finite there, no more. A floor under a value that few points come near
may be missed, third derivatives are not looked at, and a candidate without forward mode
or double backward is judged on the rest.
"""
