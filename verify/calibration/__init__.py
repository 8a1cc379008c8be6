"""How often the methods cry wolf: right losses, many seeds, measured rates.

`implementation` says what a right implementation is, `legitimate` collects them from
one file for each framework and loss, `alarms` counts what the methods say of them,
`intervals` bounds a rate from counts, `margin` finds how near to its allowance right
code comes, `report` is what a person sees.
"""
