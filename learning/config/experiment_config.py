"""All that defines an experiment, in one frozen value.

No field has a default: every number comes from the preset table (`learning.config.presets`) or from the
user. The text under a field is also its help on the command line, and its annotation the only
statement of what is allowed (`learning.config.constraints`).
"""

import dataclasses
import functools
import json
import typing
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from learning.config.constraints import FROM_FILE, Kind, Range, check, kind_of
from learning.errors import ConfigError

CONFIG_VERSION = 2
"""Version of the fields below; a `config.json` carries it, so that a reader knows what it reads."""

OptionValue = str | int | float | bool
"""The value of a task set's own option."""

Behaviour = Literal["own", "qswitch", "uniform", "domain", "levy"]
PolicyArchitecture = Literal["separate", "shared", "multihead"]
QArchitecture = Literal["separate", "shared", "multihead", "decaf"]
Data = Literal["own", "uds", "cds"]
Objective = Literal["none", "dnc", "pcgrad"]

_Count = Annotated[int, Range(at_least=1)]
_CountOrZero = Annotated[int, Range(at_least=0)]
_Positive = Annotated[float, Range(above=0)]
_Share = Annotated[float, Range(at_least=0, at_most=1)]
_Table = Annotated[tuple[float, ...] | None, FROM_FILE]


@dataclasses.dataclass(frozen=True, kw_only=True)
class ExperimentConfig:
    """The resolved configuration of one run.

    T is the number of tasks and A the action size of the task set `env`.

    Raises:
        ConfigError: a value is not allowed; the message names the option, the value and what is.
    """

    method: str
    """Row of the method table (`learning.config.methods`)."""

    env: str
    """Id of the task set."""

    env_options: tuple[tuple[str, OptionValue], ...]
    """The task set's own options, as (name, value) pairs sorted by name."""

    seed: _CountOrZero
    """Seed of all random streams of the run."""

    name: str
    """Name of the run; runs of one method, task set, name and seed share a folder."""

    log_dir: str
    """Folder of the run's record."""

    behaviour: Behaviour
    """Who acts while data is gathered for a task: pi_mix of the paper."""

    policy_architecture: PolicyArchitecture
    """What the tasks' policies hold in common."""

    q_architecture: QArchitecture
    """What the tasks' critics hold in common."""

    data: Data
    """Whose transitions a task's update sees."""

    objective: Objective
    """How the tasks' losses and gradients meet."""

    temperature: Literal["per_task", "single"]
    """One temperature a task, or one for all tasks."""

    n_epochs: _Count
    """Epochs to train; one row of progress.csv each."""

    steps_per_epoch: _Count
    """Steps of collecting and learning in an epoch."""

    batch_size: _Count
    """Environment steps collected in a step, in total over the tasks: a multiple of T."""

    gradient_steps_per_itr: _Count
    """Gradient steps in a step, in total over the tasks: a multiple of T (each batched update is
    one for every task)."""

    buffer_batch_size: _Count
    """Transitions in a gradient step's batch, per task."""

    uniform_steps: _CountOrZero
    """Environment steps at the start with uniformly random actions, per task."""

    min_buffer_size: _CountOrZero
    """Transitions gathered before the first gradient step, per task."""

    replay_buffer_size: _Count
    """Transitions that the buffer holds, per task."""

    hidden_sizes: tuple[_Count, ...]
    """Units of each hidden layer, of policies and critics."""

    lr: _Positive
    """Adam's learning rate for policies, critics and temperatures."""

    alpha_lr: _Positive | None
    """Adam's learning rate for temperatures; none: lr."""

    actor_steps: _Count
    """Steps of the policies in a gradient step, each on an equal share of the batch (MCAL: T)."""

    q_output: Literal["linear", "sigmoid"]
    """What the critics end in; sigmoid bounds values to (0, 1), for sparse rewards of 0 and 1."""

    discount: _Share
    """Discount factor: gamma."""

    target_update_tau: Annotated[float, Range(above=0, at_most=1)]
    """Share of the critic that goes into its target after each gradient step: tau."""

    target_entropy: float | None
    """Entropy that the temperature aims at, in nats: H bar; none: -A."""

    reward_scale: _Positive
    """Factor on the reward in the critic's target."""

    initial_alpha: _Positive
    """Every task's temperature at the start: alpha."""

    num_evaluation_episodes: _Count
    """Episodes of one evaluation of one policy, in total over the tasks: a multiple of T. A
    mixture is evaluated beside the own policies, with as many again."""

    evaluation_frequency: _Count
    """Epochs from one evaluation to the next."""

    qswitch_score: Literal["mean_q1", "sampled_min", "mean_min"]
    """How the Q-switch scores a policy: Q1 at its mean action (mean_q1), or min(Q1, Q2) at a
    sample (sampled_min) or at its mean action (mean_min). A sample of the winner is executed."""

    qswitch_gate: Literal["none", "confident"]
    """Whether the Q-switch heeds its doubt; confident: another policy acts only where the smaller
    critic's value of its proposal is above the larger critic's value of the own one."""

    policy_sampling_freq: _Count
    """Steps for which the chosen policy goes on acting, counted from the episode's start: H."""

    own_policy_floor: _Share
    """Probability with which the task's own policy acts, whatever the scores say."""

    mixture_warmup_itrs: _CountOrZero
    """Collecting steps at the start during which every task acts with its own policy: k."""

    domain_weights: _Table
    """Weights of the domain mixture, a file of T x T numbers, row i: how often each policy acts for
    task i; none: the task set's own."""

    hold: Literal["action", "policy"]
    """What a Levy jump holds: one action, or one policy, whose actions are drawn anew."""

    num_neighbors: _Count
    """Nearest tasks whose policies a Levy jump may take, the task itself among them: n."""

    neighbors: Literal["task_set", "all"]
    """Which tasks are near: as the task set's embeddings say, or all. A file given as
    neighbor_embeddings or neighbor_order wins."""

    neighbor_embeddings: _Table
    """Embeddings of the tasks, a file of T x d numbers; near is a small Euclidean distance."""

    neighbor_order: _Table
    """Order of nearness, a file of T x T task indices, row i: nearest to task i first."""

    alpha_offset: _Positive
    """Smallest part of the exponent of Levy durations: alpha bar."""

    sr_threshold: Annotated[float, Range(above=0, at_most=1)]
    """Success ratio below which a task explores and above which its policy is shared: rho bar."""

    sr_rate: Annotated[float, Range(above=0, at_most=1)]
    """Weight of a training episode in the moving average of the success ratio."""

    levy_cap: _Share
    """Longest Levy duration, as a share of the horizon."""

    levy_candidate: Literal["uniform", "qswitch"]
    """Whose policy a Levy jump takes among the candidates: any, or the Q-switch's choice."""

    levy_sharing: Literal["neighbors", "own"]
    """Ablation of MT-Levy; own: jumps take the task's own policy only."""

    levy_duration: Literal["lomax", "single"]
    """Ablation of MT-Levy; single: a jump lasts one step."""

    levy_exponent: Literal["adaptive", "fixed"]
    """Ablation of MT-Levy; fixed: every task explores as one that never succeeded."""

    sharing_quantile: _Share
    """Quantile of the own batch's Q-values that another task's transition must exceed to be kept;
    0 keeps all."""

    relabel: Literal["min_reward", "true_reward"]
    """Reward of another task's transition: the task set's smallest, or what the task would have
    paid."""

    kl_coeff: Annotated[float, Range(at_least=0)]
    """Weight of DnC's divergence between the tasks' policies: beta; 0: none."""

    distillation_period: _Count | None
    """Epochs from one of DnC's distillations to the next; none: no distillation."""

    distillation_n_epochs: _Count
    """Gradient steps of a distillation."""

    sampler: Literal["lockstep", "local"]
    """How data is collected: all tasks in lock step, or garage's LocalSampler."""

    n_workers: _CountOrZero
    """Processes that step the environments; 0: this process steps them."""

    precision: Literal["float32", "bf16"]
    """Numbers of the matrix products; weights, targets and losses are float32 either way."""

    gpu: _CountOrZero | None
    """Index of the CUDA device to learn on; none: the CPU."""

    torch_threads: _Count
    """Threads of torch on the CPU."""

    snapshot_frequency: _Count
    """Epochs from one snapshot to the next."""

    wandb: bool
    """Whether to log to Weights & Biases too."""

    def __post_init__(self) -> None:
        """Checks every field, and the fields against one another.

        Raises:
            ConfigError: see the class.
        """
        for name, kind in field_kinds().items():
            check(name, getattr(self, name), kind)
        _check_env_options(self.env_options)
        for name in ("method", "env", "name", "log_dir"):
            if not getattr(self, name).strip():
                raise ConfigError(f"{name} = {getattr(self, name)!r}: must not be empty")
        if "/" in self.name or self.name in (".", ".."):
            raise ConfigError(f"name = {self.name!r}: allowed is a name without '/'")
        if self.min_buffer_size > self.replay_buffer_size:
            raise ConfigError(
                f"min_buffer_size = {self.min_buffer_size}: allowed is at most replay_buffer_size "
                f"= {self.replay_buffer_size}, else no gradient step would ever be taken"
            )
        if self.actor_steps > self.buffer_batch_size:
            raise ConfigError(
                f"actor_steps = {self.actor_steps}: allowed is at most buffer_batch_size = "
                f"{self.buffer_batch_size}, of which each step takes a share"
            )
        _check_combination(self)

    def to_json(self) -> str:
        """The config as JSON text, with `config_version` first; `from_json` reads it back."""
        values: dict[str, Any] = {"config_version": CONFIG_VERSION}
        values |= {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        values["env_options"] = dict(self.env_options)
        return json.dumps(values, indent=2, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "ExperimentConfig":
        """Reads what `to_json` wrote.

        Args:
            text: the content of a `config.json`.

        Raises:
            ConfigError: no JSON object, another version's file, an unknown or missing key, or a
                value that is not allowed.
        """
        try:
            values = json.loads(text)
        except json.JSONDecodeError as error:
            raise ConfigError(f"the config is no JSON text: {error}") from error
        if not isinstance(values, dict) or "config_version" not in values:
            raise ConfigError("the config is no JSON object with a config_version")
        version = values.pop("config_version")
        if version != CONFIG_VERSION:
            raise ConfigError(
                f"the config has config_version {version!r} and this program reads version "
                f"{CONFIG_VERSION}: use the program that wrote it (its revision: versions.json)"
            )
        known = {field.name for field in dataclasses.fields(cls)}
        if unknown := sorted(values.keys() - known):
            raise ConfigError(f"the config has unknown keys: {', '.join(unknown)}")
        if missing := sorted(known - values.keys()):
            raise ConfigError(f"the config lacks keys: {', '.join(missing)}")
        for name, kind in field_kinds().items():
            if kind.many and isinstance(values[name], list):
                values[name] = tuple(values[name])
        if not isinstance(values["env_options"], dict):
            raise ConfigError(f"env_options = {values['env_options']!r}: allowed is an object")
        return cls(**(values | {"env_options": env_option_pairs(values["env_options"])}))


@functools.cache
def field_kinds() -> Mapping[str, Kind]:
    """What each field of `ExperimentConfig` allows, in order; env_options has its own check."""
    hints = typing.get_type_hints(ExperimentConfig, include_extras=True)
    names = [field.name for field in dataclasses.fields(ExperimentConfig)]
    return {name: kind_of(hints[name]) for name in names if name != "env_options"}


def env_option_pairs(options: Mapping[str, OptionValue]) -> tuple[tuple[str, OptionValue], ...]:
    """A task set's options as the config holds them: pairs sorted by name."""
    return tuple(sorted(options.items()))


def _check_env_options(pairs: object) -> None:
    if not isinstance(pairs, tuple) or not all(
        isinstance(pair, tuple)
        and len(pair) == 2
        and isinstance(pair[0], str)
        and isinstance(pair[1], (str, int, float, bool))
        for pair in pairs
    ):
        raise ConfigError(f"env_options = {pairs!r}: allowed are (name, value) pairs")
    names = [name for name, _ in pairs]
    if names != sorted(set(names)):
        raise ConfigError(f"env_options = {pairs!r}: allowed is each name once, sorted")


def _check_combination(config: ExperimentConfig) -> None:
    """Refuse members of the axes that leave each other nothing to do.

    Raises:
        ConfigError: saying which members, and what to choose instead.
    """
    one_policy = config.policy_architecture == "shared"
    own_jumps = config.behaviour == "levy" and config.levy_sharing == "own"
    if one_policy and config.behaviour != "own" and not own_jumps:
        raise ConfigError(
            f"behaviour = {config.behaviour!r} with policy_architecture = 'shared': all tasks have "
            "one policy, so there is none to choose; choose multihead or separate, or "
            "behaviour = 'own'"
        )
    if one_policy and config.objective == "dnc":
        raise ConfigError(
            "objective = 'dnc' with policy_architecture = 'shared': all tasks have one policy "
            "already; choose multihead or separate"
        )
    if config.distillation_period is not None and config.policy_architecture != "separate":
        raise ConfigError(
            f"distillation_period = {config.distillation_period}: a distillation sets every "
            "policy to one centroid, which needs policy_architecture = 'separate'"
        )
    architectures = {config.policy_architecture, config.q_architecture}
    if config.objective == "pcgrad" and not architectures & {"shared", "multihead"}:
        raise ConfigError(
            "objective = 'pcgrad' with separate networks: no parameters are shared, so no "
            "gradients can conflict; choose multihead or shared"
        )
