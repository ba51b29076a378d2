"""Q-functions over task-batched architectures."""
