"""The data axis: all tasks' transitions in one store."""
