"""How exact each type has to be: what `python -m verify accuracy` holds us to."""

from __future__ import annotations

BOUNDS = {"float64": 4.0, "float32": 0.51, "float16": 0.501, "bfloat16": 0.501}
"""The largest error of a value or derivative in units in the last place, by dtype.

float64 computes in float64. The others compute in the next wider type, whose error is
what stands beyond the 0.5 of the last rounding.
"""
