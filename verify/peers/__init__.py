"""Other libraries as witnesses: what they compute beside what a callable does.

`peer` says what a witness is, `measures` how a scale in one word becomes one in
another, `table` collects the witnesses from one file for each library, and
`known` lists where they are wrong. `testimony` is what one computes at points,
`disagreements` compares them all with our references and lets the oracle decide, and
`judge` compares a callable with them.
"""
