"""The commands of `python -m verify`, one in a file; each gives its exit status back."""
