"""The trainer: all that is known of devices, precision, checkpoints and resuming."""
