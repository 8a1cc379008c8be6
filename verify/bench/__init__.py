"""How fast the reference implementations are, beside what people use, in one run.

`subjects` says what is computed and what bytes it must move, `*_backend` has the
candidates of a framework, `agreement` refuses those that compute something else,
`rounds` times the rest in turns, `cell` puts one setting together and `plan` many,
`fresh` times the first call of a process, `bars` says how fast is fast enough.
"""
