"""A task set of counting tasks whose faults are chosen by option, for the samplers' tests."""

import os
import signal
import sys
import time

import numpy as np
from gymnasium.spaces import Box

from environments.task_env import ResumableEnv
from environments.task_set import TaskSet

HORIZON = 7
OBSERVATION_SIZE = 3
ACTION_SIZE = 2


class CountingEnv(ResumableEnv):
    """Observation: task, steps of this episode, a walk that random numbers and actions drive.

    An episode terminates after `3 + 2 * task` steps, and so never before the time limit for
    tasks 2 and above: exactly on it for task 2, and after it for the others.
    """

    def __init__(self, task, fault, fault_step):
        self.observation_space = Box(-np.inf, np.inf, (OBSERVATION_SIZE,), np.float64)
        self.action_space = Box(-1.0, 1.0, (ACTION_SIZE,), np.float32)
        self._task, self._fault, self._fault_step = task, fault, fault_step
        self._steps, self._total, self._walk = 0, 0, 0.0
        if fault == "make":
            raise ValueError("this environment cannot be made")

    def begin_episode(self):
        self._steps, self._walk = 0, float(self.np_random.normal())
        if self._fault == "reset_nan" and self._total > 0:
            self._walk = np.nan
        return self._observation()

    def _observation(self):
        return np.array([self._task, self._steps, self._walk])

    def step(self, action):
        self._steps += 1
        self._total += 1
        self._walk += float(action[0]) + 0.1 * float(self.np_random.normal())
        reward = self._walk - float(action[1])
        if self._fault and self._total == self._fault_step:
            if self._fault == "raise":
                raise ArithmeticError("the simulation blew up")
            if self._fault == "reward_nan":
                reward = np.nan
            elif self._fault == "observation_inf":
                self._walk = np.inf
            elif self._fault == "exit":
                os._exit(3)
            elif self._fault == "segfault":
                os.kill(os.getpid(), signal.SIGSEGV)
            elif self._fault == "hang":
                time.sleep(1000)
        terminated = self._steps == 3 + 2 * self._task
        success = float(self._walk > 0)
        return self._observation(), reward, terminated, False, {"success": success}


class CountingTaskSet(TaskSet):
    """`n_tasks` counting tasks, of which task `faulty` shows `fault` at its step `fault_step`."""

    def __init__(self, task_set_id, options):
        super().__init__(task_set_id, options)
        self.task_names = tuple(f"count-{task}" for task in range(options["n_tasks"]))
        self.observation_space = Box(-np.inf, np.inf, (OBSERVATION_SIZE,), np.float64)
        self.action_space = Box(-1.0, 1.0, (ACTION_SIZE,), np.float32)
        self.max_episode_steps = HORIZON
        self.has_subgoals = False
        self.success_rule = "the walk is positive"
        self.min_reward = (None,) * len(self.task_names)

    def _make_task(self, task):
        fault = self.options["fault"] if task == self.options["faulty"] else ""
        return CountingEnv(task, fault, self.options["fault_step"])


def make_counting(task_set_id="Counting-v0", *, n_tasks=4, fault="", faulty=1, fault_step=5):
    """The factory that worker processes import by name."""
    options = {"n_tasks": n_tasks, "fault": fault, "faulty": faulty, "fault_step": fault_step}
    return CountingTaskSet(task_set_id, options)


class ProbingEnv(CountingEnv):
    """Its first observation is how many of three modules its process has imported."""

    def _observation(self):
        return np.full(OBSERVATION_SIZE, sum(m in sys.modules for m in ("torch", "garage", "akro")))


class ProbingTaskSet(CountingTaskSet):
    """Tasks that look at their process."""

    def _make_task(self, task):
        return ProbingEnv(task, "", 0)


def make_probing(task_set_id="Probe-v0", *, n_tasks=4):
    """The factory of the probing task set."""
    return ProbingTaskSet(
        task_set_id, {"n_tasks": n_tasks, "fault": "", "faulty": 0, "fault_step": 0}
    )


def make_only_in(task_set_id="Counting-v0"):
    """A factory that works only in the process that an environment variable names."""
    if os.environ["SAMPLER_TEST_FACTORY"] != str(os.getpid()):
        raise OSError("another process")
    return make_counting(task_set_id)
