"""Keys of a garage batch's `env_infos`, beside `INFO_KEYS` of the environments."""

TASK_ID = "task_id"
"""Which task a step is of, int [N]."""

REWARDS_OF_ALL_TASKS = "rewards_of_all_tasks"
"""The reward of a step by every task's rule, [N, T]; only where it was asked for."""
