"""The data that models are trained on: read from this machine, never downloaded."""
