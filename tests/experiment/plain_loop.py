"""Acts as a user of Gymnasium would, with the seeds of an evaluation."""

import environments
from learning.streams import stream_seed

JACO = "JacoReachMT5-v1"


def episodes_in_a_plain_loop(policy, task, *, run_seed, seed, n_episodes):
    """Returns and successes of a task, in Gymnasium's loop and nothing else."""
    task_set = environments.make_task_set(JACO)
    name = task_set.task_names[task]
    env = task_set.make(task)
    env.reset(seed=stream_seed(run_seed, f"environment/{name}"))
    returns, successes = [], []
    for episode in range(n_episodes):
        if episode == 0:
            beginning = stream_seed(seed, f"evaluation/{name}", policy.epoch)
            observation, _ = env.reset(seed=beginning, options={"same_run": True})
        else:
            observation, _ = env.reset()
        policy.begin(task)
        total, over = 0.0, False
        while not over:
            observation, reward, terminated, truncated, info = env.step(policy.act(observation))
            total += reward
            over = terminated or truncated
        assert total == info["episode_return"]
        returns.append(total)
        successes.append(info["episode_success"])
    env.close()
    return returns, successes
