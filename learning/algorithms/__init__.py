"""The algorithms: garage's, with a task axis."""
