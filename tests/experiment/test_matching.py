"""The width that comes nearest to another method's parameters, against trying every width."""

import pytest
import torch

import garage_experiments
from environments import TaskKnowledge, make_task_set
from learning.architectures.architecture_spec import ArchitectureSpec
from learning.architectures.separate import SeparateArchitecture
from learning.architectures.table import ARCHITECTURES
from learning.config.members import MEMBERS
from learning.config.resolving import resolve, resolve_with_sources
from learning.errors import ConfigError
from learning.experiment.matching import match, nearest_width
from learning.experiment.parameter_counts import count_parameters, count_without_weights
from learning.options.member import Member

JACO = "JacoReachMT5-v1"
WALKER = "Walker2dMT4-v0"


def actor_size(name, width, **options):
    """Parameters of one actor of ten tasks with 100 inputs, 8 outputs, three hidden layers."""
    member = ARCHITECTURES[name]
    spec = ArchitectureSpec(
        n_tasks=10,
        n_groups=1,
        input_size=100,
        output_sizes=(4, 4),
        initializer="xavier_uniform",
        options=member.options(hidden_sizes=(width,) * 3, **options),
        tasks=TaskKnowledge(names=tuple(f"task-{task}" for task in range(10))),
    )
    return sum(each.numel() for each in member.load()(spec, torch.Generator()).parameters())


def test_the_reference_codes_same_number_of_parameters():
    plain = 101 * 400 + 2 * 401 * 400 + 401 * 8
    assert actor_size("shared", 400) == plain == 364_408
    shared = 101 * 326 + 2 * 327 * 326 + 327 * 8
    projections = 100 * 50 + 326 * 50 + 326 * 50
    of_tasks = 10 * 51 * (3 * 50 + 8)
    assert (shared, projections, of_tasks) == (248_746, 37_600, 80_580)
    assert actor_size("ptsl", 326, ptsl_rank=50) == shared + projections + of_tasks == 366_926
    # 2 h^2 + 211 h + 85 588 is 363 904 at 324 and 365 413 at 325.
    assert nearest_width(lambda width: actor_size("ptsl", width), plain) == (324, 363_904)


@pytest.mark.parametrize("target", [1, 5, 6, 7, 8, 100, 101, 399, 400, 401, 1_000_003])
def test_nearest_width_of_squares(target):
    expected = min(range(1, 2000), key=lambda width: (abs(width**2 - target), width))
    asked = []

    def total_of(width):
        asked.append(width)
        return width**2

    assert nearest_width(total_of, target) == (expected, expected**2)
    assert len(asked) == len(set(asked)) < 50


def test_of_two_widths_as_near_the_narrower():
    assert nearest_width(lambda width: 10 * width, 25) == (2, 20)
    assert nearest_width(lambda width: 7, 25)[1] == 7


def test_widths_that_cannot_be_built_are_too_narrow():
    def total_of(width):
        if width < 6:
            raise ConfigError(f"{width} is too narrow")
        return 10 * width

    assert nearest_width(total_of, 11) == (6, 60)
    assert nearest_width(total_of, 96) == (10, 100)

    def never(width):
        raise ConfigError("never")

    with pytest.raises(ConfigError, match="never"):
        nearest_width(never, 10)


@pytest.mark.parametrize(
    ("method", "env", "other", "options"),
    [
        ("sac", JACO, "mtsac", {}),
        ("mcal", JACO, "mtsac", {}),
        ("decaf", JACO, "dnc_sac", {}),
        ("paco", JACO, "moore", {"hidden_sizes": (1, 1, 1)}),
        ("moore", JACO, "sac", {}),
        ("softmod", JACO, "mtsac", {"softmod_module_width": 64}),
        ("ptsl", "MetaWorldMT10-v2", "mtsac", {}),
        ("ptsl", JACO, "dnc_sac", {"ptsl_projection": "independent", "ptsl_rank": 7}),
        (
            "train",
            JACO,
            "paco",
            {"policy_architecture": "softmod", "q_architecture": "multihead"},
        ),
    ],
)
def test_no_other_width_comes_nearer(method, env, other, options):
    resolved = resolve_with_sources(method, env, **options)
    matched = match(resolved, other)
    config = matched.resolved.config
    assert len(config.hidden_sizes) == len(resolved.config.hidden_sizes)
    (width,) = set(config.hidden_sizes)
    target = count_parameters(resolve(other, env)).total
    assert matched.counts.total == target
    task_set = make_task_set(env)
    # By real networks, as training builds them.
    totals = {
        each: count_without_weights(
            config.replace(hidden_sizes=(each,) * len(config.hidden_sizes)), task_set
        ).total
        for each in range(max(4, width - 20), width + 20)
    }
    nearest = min(totals, key=lambda each: (abs(totals[each] - target), each))
    assert nearest == width
    source = matched.resolved.sources["hidden_sizes"]
    assert source.startswith(f"matched: {width}, nearest to {other}'s {target:,} parameters (")
    assert f"({totals[width]:,}, " in source
    untouched = matched.resolved.config.replace(hidden_sizes=resolved.config.hidden_sizes)
    assert untouched == resolved.config


def test_a_method_matched_to_itself_keeps_its_width():
    config = garage_experiments.resolve("mtsac", JACO, match_parameters="mtsac")
    assert config == garage_experiments.resolve("mtsac", JACO)
    assert "match_parameters" not in config.to_json()


def test_given_sizes_say_how_many_layers_there_are():
    config = garage_experiments.resolve(
        "sac", JACO, match_parameters="mtsac", hidden_sizes=[9, 9, 9, 9]
    )
    assert len(config.hidden_sizes) == 4
    with pytest.raises(ConfigError, match=r"no more than how many layers there are.* 256 256$"):
        garage_experiments.resolve("sac", JACO, match_parameters="mtsac", hidden_sizes=(9, 8))


def test_the_other_method_sees_the_same_tasks():
    tasks = "reach-v3,push-v3,door-open-v3"
    env = "MetaWorldCustom-v2"
    config = garage_experiments.resolve("sac", env, match_parameters="dnc_sac", tasks=tasks)
    target = count_parameters(resolve("dnc_sac", env, tasks=tasks))
    assert target.n_tasks == 3
    assert count_parameters(config).total == pytest.approx(target.total, rel=0.01)


@pytest.mark.parametrize(
    ("other", "options", "message"),
    [
        ("mtsc", {}, "match_parameters = 'mtsc': allowed is one of qmp_dnc, dnc_sac"),
        (
            "sac",
            {},
            "match_parameters = 'sac': no width of softmod's 2 hidden layers comes within 5 % of ",
        ),
        ("sac", {}, "Only hidden_sizes is varied; give others of softmod_layers, softmod_module_w"),
    ],
)
def test_what_cannot_be_matched_is_an_error(other, options, message):
    with pytest.raises(ConfigError) as error:
        garage_experiments.resolve("softmod", WALKER, match_parameters=other, **options)
    assert message in str(error.value)


def test_an_architecture_that_reads_its_weights_is_built_for_real(monkeypatch):
    class Peculiar(SeparateArchitecture):
        def __init__(self, spec, generator):
            super().__init__(spec, generator)
            self.first = float(self.layers[0].weight.flatten()[0])

    member = Member(Peculiar, SeparateArchitecture.Options)
    for axis in ("policy_architecture", "q_architecture"):
        monkeypatch.setitem(MEMBERS[axis], "peculiar", member)
    networks = {"policy_architecture": "peculiar", "q_architecture": "peculiar"}
    given = {"match_parameters": "mtsac", "hidden_sizes": (5,)}
    peculiar, separate = (
        garage_experiments.resolve("train", JACO, **given, **members).hidden_sizes
        for members in (networks, {})
    )
    assert peculiar == separate


def test_a_method_that_cannot_be_built_on_the_task_set(monkeypatch):
    from learning.config.presets import PAIRS
    from learning.options import Value

    monkeypatch.setitem(PAIRS, ("moore", JACO), {"hidden_sizes": Value((3, 3), "too narrow")})
    with pytest.raises(ConfigError, match="'moore': its parameters cannot be counted on Jaco"):
        garage_experiments.resolve("sac", JACO, match_parameters="moore")
