"""Show that a change of the code leaves every run as it was, bit for bit.

Short runs of every method on two task sets, and of what else has numbers of its own, each trained
and then gone back to an earlier snapshot and resumed, with one thread. Of each: the SHA-256 of
progress.csv (the columns of times apart), of eval.csv and of all weights, moments and temperatures.
Numbers depend on the machine, so both sides of a comparison are run on the same one:

    git worktree add ../before REVISION
    python -m tools.run_hashes record before.csv --root ../before
    python -m tools.run_hashes record after.csv
    python -m tools.run_hashes compare before.csv after.csv
"""

from __future__ import annotations

import argparse
import concurrent.futures
import csv
import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile

import safetensors.numpy

ROOT = pathlib.Path(__file__).resolve().parents[1]
METHODS = (
    "qmp_dnc dnc_sac qmp_sac mtsac sac qmp_uds_dnc uds_dnc qmp_uniform qmp_domain mcal qmp_mcal "
    "decaf mtlevy train"
)
N_TASKS = {"JacoReachMT5-v1": 5, "MetaWorldCustom-v2": 3}
VARIANTS = {
    "PCGrad": ("mtsac", "--objective=pcgrad"),
    "DnC": ("dnc_sac", "--kl_coeff=0.01 --distillation_period=1 --distillation_n_epochs=3"),
    "CDS": ("train", "--behaviour=qswitch --data=cds --relabel=true_reward"),
    "Levy policies": (
        "train",
        "--behaviour=levy --hold=policy --levy_candidate=qswitch --levy_exponent=fixed",
    ),
    "confident": ("qmp_dnc", "--qswitch_gate=confident --policy_sampling_freq=7"),
    "floor": ("qmp_dnc", "--own_policy_floor=0.3 --mixture_warmup_itrs=2"),
    "bf16": ("qmp_dnc", "--precision=bf16"),
    "local": ("qmp_dnc", "--sampler=local --policy_sampling_freq=7"),
    "workers": ("qmp_sac", "--n_workers=2"),
}


def cases() -> dict[str, list[str]]:
    """Return the runs by name: the words behind `run.py`."""
    named = {}
    for env, n_tasks in N_TASKS.items():
        for method in METHODS.split():
            words = [method, f"--env={env}", *_sizes(n_tasks)]
            if env == "MetaWorldCustom-v2":
                words.append("--tasks=reach-v3,push-v3,door-open-v3")
                if method == "qmp_domain":
                    words.append("--domain_weights=weights.txt")
            named[f"{method} {env}"] = words
    for name, (method, options) in VARIANTS.items():
        env = "JacoReachMT5-v1"
        named[f"{name} {env}"] = [method, f"--env={env}", *_sizes(5), *options.split()]
    return named


def _sizes(n_tasks: int) -> list[str]:
    sizes = {
        "n_epochs": 4,
        "steps_per_epoch": 2,
        "batch_size": 61 * n_tasks,
        "gradient_steps_per_itr": 6 * n_tasks,
        "min_buffer_size": 90,
        "uniform_steps": 70,
        "buffer_batch_size": 12,
        "replay_buffer_size": 300,
        "hidden_sizes": "24,16",
        "num_evaluation_episodes": n_tasks,
        "evaluation_frequency": 2,
        "snapshot_frequency": 1,
        "n_workers": 0,
        "torch_threads": 1,
    }
    return [f"--{name}={value}" for name, value in sizes.items()]


def _run(root: pathlib.Path, folder: pathlib.Path, words: list[str]) -> None:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, str(root / "run.py"), *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"run.py {' '.join(words)}\n{done.stderr}")


def digests(run_dir: pathlib.Path) -> dict[str, str]:
    """Return the hashes of a finished run."""
    with (run_dir / "progress.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    kept = sorted(name for name in rows[0] if not name.startswith("Time/"))
    progress = "\n".join(",".join([name, *(row[name] for row in rows)]) for name in kept)
    last = sorted((run_dir / "snapshots").glob("epoch_*"))[-1]
    arrays = safetensors.numpy.load_file(last / "arrays.safetensors")
    # By content, so that a parameter may be renamed; "acts_uniformly" is a flag.
    weights = sorted(
        hashlib.sha256(f"{array.shape}{array.dtype}".encode() + array.tobytes()).hexdigest()
        for name, array in arrays.items()
        if name.startswith("algorithm/") and not name.endswith("acts_uniformly")
    )
    return {
        "progress": hashlib.sha256(progress.encode()).hexdigest(),
        "eval": hashlib.sha256((run_dir / "eval.csv").read_bytes()).hexdigest(),
        "weights": hashlib.sha256("".join(weights).encode()).hexdigest(),
    }


def _rows(root: pathlib.Path, name: str, words: list[str]) -> list[tuple[str, str, str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        (place / "weights.txt").write_text("2 1 0.5\n1 2 1\n0 1 3\n")
        _run(root, place, [*words, "--log_dir=run"])
        rows = [(name, "trained", *item) for item in digests(place / "run").items()]
        _run(root, place, ["resume", "run", "--snapshot=epoch_000002"])
        rows += [(name, "resumed", *item) for item in digests(place / "run").items()]
    return rows


def record(out: pathlib.Path, root: pathlib.Path, only: str, jobs: int) -> None:
    """Run everything and write the hashes."""
    chosen = {name: words for name, words in cases().items() if only in name}
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        parts = list(pool.map(lambda item: _rows(root, *item), chosen.items()))
    with out.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("run", "state", "what", "sha256"))
        writer.writerows(row for part in parts for row in part)


def compare(before: pathlib.Path, after: pathlib.Path) -> int:
    """Print what differs; return how many runs do."""
    tables = []
    for path in (before, after):
        with path.open(newline="") as file:
            rows = csv.DictReader(file)
            tables.append({(r["run"], r["state"], r["what"]): r["sha256"] for r in rows})
    first, second = tables
    common = [key for key in first if key in second]
    different = [key for key in common if first[key] != second[key]]
    for key in different:
        print("different:", *key)
    missing = len(first.keys() ^ second.keys())
    print(f"{len(common)} hashes compared, {len(different)} differ, {missing} on one side only")
    return len(different) + missing


def main() -> int:
    """Read the command line; the exit code is 1 where something differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    recording = commands.add_parser("record")
    recording.add_argument("out", type=pathlib.Path)
    recording.add_argument("--root", type=pathlib.Path, default=ROOT)
    recording.add_argument("--only", default="", help="runs whose name holds this")
    recording.add_argument("--jobs", type=int, default=2)
    comparing = commands.add_parser("compare")
    comparing.add_argument("before", type=pathlib.Path)
    comparing.add_argument("after", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.command == "compare":
        return int(compare(arguments.before, arguments.after) > 0)
    record(arguments.out, arguments.root.resolve(), arguments.only, arguments.jobs)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
