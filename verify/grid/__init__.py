"""The grid: every claim of the ledger, and the numbers that stand beside its proof.

`table` says which loss shows a claim, or why no number does; `cells` has each method
judge each loss once; `report` prints it.
"""
