"""Curves with numbers of one's choice."""

import numpy as np

from learning.analysis.curves import RunCurve


def make_curve(steps, *values, label="mtsac", seed=1, env="E", tasks=None):
    """Each of `values` is a task's."""
    return RunCurve(
        label=label,
        env=env,
        seed=seed,
        run=f"runs/{label}_{seed}",
        tasks=tasks or tuple(f"t{i}" for i in range(len(values))),
        steps=np.array(steps, float),
        values=np.array(values, float).T,
    )
