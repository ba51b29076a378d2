"""`Walker2dMT4-v0`: one planar walker goes forward, backward, stands, or crawls."""
