"""The commands of `python -m verify`, one in a file; each returns its exit status."""
