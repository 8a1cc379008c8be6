"""How fast a training step is, beside a plain loop and beside the device, in one run.

`torch_plain` has the loops of PyTorch's examples, `torch_same_work` refuses a loop that
trains something else, `torch_rates` asks the device for its best, `torch_speed` times
all of them in turns, `speed` is what comes of it, `report` prints it.
"""
