"""The objective axis: how the tasks' losses and gradients meet."""
