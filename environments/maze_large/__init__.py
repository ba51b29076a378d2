"""`MazeLarge-10-v0`: a point mass between ten pairs of places in one maze."""
