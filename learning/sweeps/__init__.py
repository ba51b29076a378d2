"""Grids of runs: files that say which, and the driver that runs what is missing of them."""
