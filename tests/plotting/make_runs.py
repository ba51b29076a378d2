"""Makes run folders with curves of known shape."""

import math

import numpy as np

from learning.config.resolving import resolve
from learning.logging.files import write_json, write_text
from learning.logging.tables import Table


def make_run(
    folder,
    *,
    method="dnc_sac",
    seed=1,
    name="run",
    tasks=("a", "b"),
    n_epochs=4,
    mixture=False,
    subgoals=False,
    protocol=None,
    noise=0.0,
    steps=1000,
):
    """Every second epoch is evaluated; task i's success is epoch / n_epochs, slower by i."""
    folder.mkdir(parents=True)
    config = resolve(method, "JacoReachMT5-v1", seed=seed, name=name)
    write_text(folder / "config.json", config.to_json())
    write_json(folder / "protocol.json", {"env": config.env, "horizon": 200} | (protocol or {}))
    table = Table(folder / "progress.csv")
    random = np.random.default_rng(seed)
    measures = ["SuccessRate", "AverageReturn"] + (["AnySubgoalRate"] if subgoals else [])
    for epoch in range(n_epochs):
        row = {"Epoch": epoch, "TotalEnvSteps": (epoch + 1) * steps}
        for prefix in ["Evaluation"] + (["EvaluationMixture"] if mixture else []):
            for measure in measures:
                scale = -300 if measure == "AverageReturn" else 1
                values = []
                for i in range(len(tasks)):
                    x = (epoch + 1) / n_epochs
                    value = x ** (1 + i / 5) + noise * random.normal()
                    value = min(max(value, 0.0), 1.0)
                    values.append(scale * (1 - value if scale < 0 else value))
                evaluated = epoch % 2 == 1
                row[f"{prefix}/{measure}"] = float(np.mean(values)) if evaluated else math.nan
                for task, value in zip(tasks, values, strict=True):
                    row[f"{prefix}/{task}/{measure}"] = value if evaluated else math.nan
        table.append(row)
    table.close()
    return folder
