"""What a paper did, done again: its grid, our numbers beside its own, and a verdict a claim."""
