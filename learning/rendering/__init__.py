"""Videos and contact sheets of task sets; who acts is random or a run's snapshot."""
