"""Verification: whether what a derivation claims is so, by proof and by numbers."""
