"""Models whose only losses are derived results: one in a file, with its networks."""
