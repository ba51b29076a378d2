"""Multi-task learning on garage: networks, mixtures, samplers, algorithms, records."""

import os

# A thread of torch (GNU OpenMP) that waits for the next product spins for milliseconds by default,
# on a core that the environments' processes need. OpenMP reads this once, when torch is imported,
# so it stands where every part of the project passes first; what the user sets is left alone.
# Measured with benchmarks.throughput: collecting for 50 tasks 1.3 times as fast, updates as before.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")
