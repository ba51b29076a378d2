"""garage works through garage_compat, and each repair is still needed."""

import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from dowel import CsvOutput, TextOutput, logger, tabular

from learning.garage_bridge import garage_compat, garage_repairs
from tests.tiny_environment import HORIZON, TinyEnvironment

ROOT = Path(__file__).parents[2]

# repair left out -> (what is then tried, how it fails as long as the repair is needed)
SYMPTOMS = {
    "alias_gymnasium": ("import akro", "No module named 'gym.spaces'"),
    "stand_in_for_tensorflow": ("import garage", "import of tensorflow halted"),
    "stand_in_for_ray": ("import garage", "import of ray halted"),
    "name_numpy_bool8": (
        "import json, garage.experiment.experiment as e; json.dumps([print], cls=e.LogEncoder)",
        "has no attribute 'bool8'",
    ),
    "declare_tanh_normal_constraints": (
        "import torch, warnings; from garage.torch.distributions import TanhNormal\n"
        "warnings.simplefilter('error'); TanhNormal(torch.zeros(1), torch.ones(1))",
        "does not define `arg_constraints`",
    ),
}

PREPARE = """
import sys
from learning.garage_bridge import garage_repairs
sys.modules.update(dict.fromkeys(("gym", "tensorflow", "ray")))  # as if not installed
for repair in garage_repairs.BEFORE_IMPORT:
    if repair.__name__ != {left_out!r}:
        repair()
"""


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("repair", SYMPTOMS)
def test_repair_is_still_needed(repair):
    attempt, symptom = SYMPTOMS[repair]
    finished = run_python(PREPARE.format(left_out=repair) + attempt)
    assert finished.returncode != 0, f"repair {repair} is no longer needed: delete it"
    assert symptom in finished.stderr


def test_without_the_prepared_run_worker_a_spawned_process_fails():
    code = """
import multiprocessing, learning.garage_bridge.garage_compat as compat
run_worker = compat.multiprocessing_sampler.run_worker = compat._garage_run_worker
process = multiprocessing.get_context("spawn").Process(target=run_worker)
process.start(); process.join(); raise SystemExit(process.exitcode)
"""
    finished = run_python(code)
    assert "missing 5 required" not in finished.stderr, (
        "repair run_prepared_worker is no longer needed: delete it"
    )
    assert "ModuleNotFoundError" in finished.stderr


def test_every_repair_has_a_symptom():
    names = {repair.__name__ for repair in garage_repairs.BEFORE_IMPORT}
    assert names - set(SYMPTOMS) == {"ignore_known_warnings"}


def train_sac(sampler_class, worker_class, worker_args, folder, n_workers=1):
    """Two epochs of garage's SAC; returns the parameters before and after, and the CSV's rows."""
    environment = TinyEnvironment()
    spec = environment.spec
    policy = garage_compat.TanhGaussianMLPPolicy(env_spec=spec, hidden_sizes=[8, 8])
    critics = [
        garage_compat.ContinuousMLPQFunction(env_spec=spec, hidden_sizes=[8, 8]) for _ in range(2)
    ]
    sampler = sampler_class(
        agents=policy,
        envs=environment,
        max_episode_length=HORIZON,
        seed=1,
        n_workers=n_workers,
        worker_class=worker_class,
        worker_args=worker_args,
    )
    algorithm = garage_compat.SAC(
        env_spec=spec,
        policy=policy,
        qf1=critics[0],
        qf2=critics[1],
        replay_buffer=garage_compat.PathBuffer(1000),
        sampler=sampler,
        gradient_steps_per_itr=2,
        min_buffer_size=20,
        buffer_batch_size=8,
        num_evaluation_episodes=2,
        eval_env=TinyEnvironment(),
    )
    config = garage_compat.SnapshotConfig(
        snapshot_dir=str(folder), snapshot_mode="none", snapshot_gap=1
    )
    before = [parameter.detach().clone() for parameter in policy.parameters()]
    logger.add_output(CsvOutput(str(folder / "progress.csv")))
    logger.add_output(TextOutput(str(folder / "log.txt")))
    try:
        trainer = garage_compat.Trainer(config)
        trainer.setup(algorithm, environment)
        trainer.train(n_epochs=2, batch_size=40)
    except BaseException:
        sampler.shutdown_worker()  # train does it at its end; without, the processes live on
        raise
    finally:
        logger.remove_all()
        tabular.clear()
    after = list(policy.parameters())
    return before, after, (folder / "progress.csv").read_text().splitlines()


@pytest.mark.parametrize(
    ("sampler_class", "worker_class", "worker_args", "n_workers"),
    [
        ("LocalSampler", "DefaultWorker", None, 1),
        ("LocalSampler", "VecWorker", {"n_envs": 2}, 1),
        ("LocalSampler", "FragmentWorker", {"n_envs": 2, "timesteps_per_call": HORIZON}, 1),
        ("MultiprocessingSampler", "DefaultWorker", None, 2),
    ],
)
def test_garages_sac_trains(sampler_class, worker_class, worker_args, n_workers, tmp_path):
    before, after, rows = train_sac(
        getattr(garage_compat, sampler_class),
        getattr(garage_compat, worker_class),
        worker_args,
        tmp_path,
        n_workers,
    )
    assert len(rows) == 3
    assert any(not torch.equal(old, new) for old, new in zip(before, after, strict=True))


def test_known_warnings_are_still_given(tmp_path, request):
    request.addfinalizer(lambda: torch.set_warn_always(False))
    torch.set_warn_always(True)  # by default torch warns once a process
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        train_sac(garage_compat.LocalSampler, garage_compat.DefaultWorker, None, tmp_path)
    for message, module in garage_repairs.KNOWN_WARNINGS:
        path = module.replace(".", "/") + ".py"
        assert any(
            message in str(warning.message) and warning.filename.endswith(path)
            for warning in caught
        ), f"{message!r} is no longer given: delete it from KNOWN_WARNINGS and from pyproject.toml"


def test_pytest_ignores_exactly_the_known_warnings():
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    ignored = {line.strip() for line in lines if ":garage." in line}
    assert ignored == {
        f'"ignore:{message}:UserWarning:{module}",'
        for message, module in garage_repairs.KNOWN_WARNINGS
    }


def steps_collected_by(sampler_class: str, start_method: str) -> int:
    """Asks a sampler of garage with two worker processes for 40 steps, in a process of its own."""
    home = "ray_sampler" if sampler_class == "RaySampler" else "garage_compat"
    code = f"""
import multiprocessing
from learning.garage_bridge.garage_compat import TanhGaussianMLPPolicy
from learning.garage_bridge.{home} import {sampler_class}
from tests.tiny_environment import TinyEnvironment
if __name__ == "__main__":
    multiprocessing.set_start_method({start_method!r})
    environment = TinyEnvironment()
    policy = TanhGaussianMLPPolicy(env_spec=environment.spec, hidden_sizes=[8])
    sampler = {sampler_class}(
        policy, environment, max_episode_length={HORIZON}, seed=1, n_workers=2
    )
    batch = sampler.obtain_samples(0, 40, policy.get_param_values())
    print(batch.lengths.sum())
    sampler.shutdown_worker()
"""
    finished = run_python(code)
    assert finished.returncode == 0, finished.stderr
    return int(finished.stdout.split()[-1])


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_multiprocessing_sampler_works_under(method):
    assert steps_collected_by("MultiprocessingSampler", method) >= 40


def test_spaces_are_gymnasiums():
    import gymnasium

    assert isinstance(TinyEnvironment().action_space, gymnasium.spaces.Box)


def test_wrap_experiment_writes_what_holds_numpy_values(tmp_path):
    @garage_compat.wrap_experiment(
        log_dir=str(tmp_path), use_existing_dir=True, archive_launch_repo=False
    )
    def experiment(ctxt, flag):
        assert ctxt.snapshot_dir == str(tmp_path)
        return flag

    assert experiment(flag=np.bool_(True))
    assert '"flag": true' in (tmp_path / "variant.json").read_text()


@pytest.mark.ray
def test_ray_sampler_works():
    assert steps_collected_by("RaySampler", "spawn") >= 40


def test_ray_sampler_of_garage_itself_says_where_ours_is():
    code = "import learning.garage_bridge.garage_compat, garage.sampler as s; s.RaySampler()"
    assert "import it from learning.garage_bridge.ray_sampler" in run_python(code).stderr
