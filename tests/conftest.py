"""What every test relies on: one thread a library, and no hurry for hypothesis."""

from __future__ import annotations

import os

from hypothesis import settings

# Set before numpy, numba or torch are imported: two busy threads on two shared cores stall.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

# Machines here are shared and noisy: a slow example is no failure.
settings.register_profile("house", deadline=None, max_examples=40)
settings.load_profile("house")
