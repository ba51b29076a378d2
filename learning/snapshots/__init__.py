"""Snapshots of a run: written aside, moved into place, verified when read, free of code."""
