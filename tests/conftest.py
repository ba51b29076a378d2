"""One thread: on a busy machine the small products of the tests would wait for a second one."""

import os

# Before torch is imported, here and in the processes that tests start.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"
