"""Measurements that are run by hand: Glutarium against other simulators, and against itself."""

import os

for _library in ("OPENBLAS", "OMP", "MKL"):  # before NumPy is loaded; child processes inherit it
    os.environ[f"{_library}_NUM_THREADS"] = "1"
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")
