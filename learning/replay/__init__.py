"""The data axis: all tasks' transitions in one store, and whose of them an update sees."""
