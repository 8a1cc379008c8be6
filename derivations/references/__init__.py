"""The derived results as functions of arrays, with typed signatures."""
