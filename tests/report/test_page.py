"""What a page says, without a browser."""

import getpass
import pathlib
import socket

import numpy as np
import pytest

from learning.analysis.asking import Question
from learning.analysis.bootstrap import interval
from learning.analysis.comparison_text import verdict as sentence
from learning.analysis.points import At
from learning.analysis.reading import read_runs
from learning.analysis.statistics import mean
from learning.analysis.verdicts import Verdict
from learning.errors import RecordError
from learning.logging.files import write_json
from learning.report import sections
from learning.report.comparisons import comparisons, pairs
from learning.sweeps.paper_numbers import PaperNumber
from learning.sweeps.sweep_state import RunProgress
from tests.plotting.make_runs import make_run
from tests.report.pages import Words, add_columns, figures, numbers, page_of, two_methods, versions

RESULTS = pathlib.Path(__file__).parents[2] / "results"


def test_a_page_says_what_was_run_and_what_came_of_it(tmp_path):
    page = page_of([two_methods(tmp_path / "runs")], tmp_path / "deep" / "page.html")
    words = str(Words(page))
    for said in (
        "6 runs of 2 methods on JacoReachMT5-v1.",
        "python run.py dnc_sac --env=JacoReachMT5-v1 --log_dir=dnc_sac/run_2",
        "0123abc, with changes",
        "qswitch",  # the option behaviour, in which the methods differ
        "horizon",
        "No run is known to have failed",
        "0:00:20",  # four epochs of five seconds
        "200",  # 4,000 env steps in 20 seconds
        "Runs are not paired by their seeds.",
        "fewer than 5 seeds",
    ):
        assert said in words, said
    assert [tag for tag, _ in Words(page).tags].count("h1") == 1
    tables = page.count("<table>")
    assert tables == page.count("<caption>") >= 5


def test_the_numbers_of_the_curves_are_those_of_tables(tmp_path):
    folder = two_methods(tmp_path / "runs")
    page = page_of([folder], tmp_path / "page.html")
    figure = figures(page)["curves-0"]
    view = figure["views"]["0|0|0"]
    names = [trace["name"] for trace in figure["data"]]
    (line,) = [
        place
        for place, name in enumerate(names)
        if name == "dnc_sac (3 seeds)" and figure["data"][place].get("showlegend") is None
    ]
    section = sections.make_sections(read_runs([folder]).runs, Question())[0]
    curves = [each for each in section.curves["success", "own"] if each.label == "dnc_sac"]
    scores = np.array([At(4000).scores(curve) for curve in curves])
    drawn = view["traces"][line]
    assert numbers(figure["data"][line]["x"]).tolist() == [2000, 4000]
    assert numbers(drawn["y"])[-1] == pytest.approx(scores.mean(), abs=1e-6)
    ends = interval(scores, mean, bounds=(0, 1))
    assert numbers(drawn["customdata"])[-2:] == pytest.approx([ends.low, ends.high], abs=1e-6)
    of_task_b = figure["views"]["0|0|2"]["traces"][line]
    assert numbers(of_task_b["y"])[-1] == pytest.approx(scores[:, 1].mean(), abs=1e-6)


def test_the_comparisons_are_what_compare_says(tmp_path):
    folder = two_methods(tmp_path / "runs")
    page = page_of([folder], tmp_path / "page.html")
    question = Question()
    section = sections.make_sections(read_runs([folder]).runs, question)[0]
    (both,) = comparisons(section, question, section.points(question)[-1])
    assert sentence(both) in str(Words(page))


def test_many_methods_are_each_compared_with_the_first():
    assert len(pairs("abcde")) == 10
    assert pairs("abcdef") == [("a", other) for other in "bcdef"]


def test_names_run_no_script(tmp_path):
    evil = "</script><script>alert(1)<!--"
    # The names of runs and of tasks hold no slash.
    run_dir = make_run(tmp_path / "evil", name="<script>alert(1)<" + "img src=x onerror=a()>")
    (run_dir / "protocol.json").write_text('{"env": "JacoReachMT5-v1", "goals": "<b onclick=1>"}')
    make_run(tmp_path / "other", seed=2, name="${alert(1)}'\"`", tasks=("a", "<i onclick=a()>"))
    (tmp_path / "other" / "protocol.json").write_text(
        (run_dir / "protocol.json").read_text(encoding="utf-8")
    )
    verdicts = [Verdict(claim=evil, verdict="held", because="<i>&amp;")]
    page = page_of([tmp_path], tmp_path / "page.html", title=evil, verdicts=verdicts)
    words = Words(page)
    tags = [tag for tag, _ in words.tags]
    assert not {"img", "b", "i"} & set(tags)
    scripts = [attrs for tag, attrs in words.tags if tag == "script"]
    # A block a figure, and the page's own script; Plotly's is left out here.
    assert [attrs.get("type") for attrs in scripts] == ["application/json"] * 2 + [None]
    assert evil in str(words)
    assert "<script>alert(1)<img src=x onerror=a()>" in str(words)
    assert "<i onclick=a()>" in str(words)
    # Plotly, which knows some tags, gets entities.
    names = [trace["name"] for figure in figures(page).values() for trace in figure["data"]]
    assert any("&lt;script&gt;alert(1)" in name for name in names)
    assert not any("<" in name for name in names)


def test_no_personal_path_is_in_it(tmp_path):
    folder = two_methods(tmp_path / "home of bob" / "runs")
    broken = make_run(tmp_path / "home of bob" / "runs" / "broken", seed=9)
    (broken / "config.json").write_text("{")
    states = {
        str(folder / "gone"): RunProgress(
            name="mtsac E run_7",
            folder=str(folder / "gone"),
            status="failed",
            attempts=2,
            exit_code=1,
            log=str(folder / "logs" / "x.log"),
            message=f"{folder}/gone is strange",
            last_lines=['  File "/home/carol/py/x.py", line 3', f"OSError: {pathlib.Path.home()}"],
        )
    }
    page = page_of([folder], tmp_path / "page.html", states=states)
    words = str(Words(page))
    assert "exit code 1, attempts 2; …/gone is strange" in words
    assert "broken" in words
    for hidden in (
        *(str(tmp_path), tmp_path.name, "bob", "carol", "alice", str(pathlib.Path.home())),
        *(f"/{getpass.getuser()}", f"{getpass.getuser()}@", f"@{socket.gethostname()}"),
    ):
        assert hidden not in page, hidden


def test_who_acted_for_whom(tmp_path):
    page = page_of([two_methods(tmp_path / "runs")], tmp_path / "page.html")
    figure = figures(page)["behaviour-0"]
    first, last = figure["views"]["0|0"], figure["views"]["0|3"]
    shares = numbers(first["traces"][0]["z"]).reshape(2, 2)
    assert shares[0, 1] == pytest.approx(0.25)
    assert shares[1, 0] == pytest.approx(0.2)  # mean over the seeds
    assert np.isnan(np.diagonal(shares)).all()
    assert first["traces"][1]["text"] == ["75%", "80%"]
    assert "around 1,075 env steps" in first["words"]
    assert "around 3,925 env steps" in last["words"]
    assert "No record of who acted: dnc_sac" in page


def test_the_papers_numbers(tmp_path):
    papers = [
        PaperNumber(
            label="dnc_sac",
            env="JacoReachMT5-v1",
            env_steps=steps,
            metric="success",
            value=value,
            source="A paper, figure 3",
        )
        for steps, value in ((9000, 0.9), (1000, 0.2))
    ]
    page = page_of([two_methods(tmp_path / "runs")], tmp_path / "page.html", papers=papers)
    figure = figures(page)["curves-0"]
    (place,) = [p for p, t in enumerate(figure["data"]) if t["name"] == "paper: dnc_sac"]
    assert figure["data"][place]["line"]["dash"] == "dot"
    views = {key: view["traces"][place] for key, view in figure["views"].items()}
    assert (views["0|0|0"]["x"], views["0|0|0"]["y"]) == ([1000, 9000], [0.2, 0.9])
    assert views["0|0|1"]["x"] == views["1|0|0"]["x"] == []
    assert "A paper, figure 3" in str(Words(page))


def test_verdicts_stand_first(tmp_path):
    verdicts = [Verdict(claim="QMP is faster", verdict="cannot tell", because="3 seeds")]
    words = str(Words(page_of([two_methods(tmp_path / "r")], tmp_path / "p", verdicts=verdicts)))
    assert words.index("cannot tell") < words.index("Learning curves")


def test_what_failed_is_said(tmp_path):
    folder = two_methods(tmp_path / "runs", n_epochs=9)
    diverged = folder / "dnc_sac" / "run_2"
    states = {
        str(diverged): RunProgress(
            name="dnc_sac", folder=str(diverged), status="diverged", attempts=1, exit_code=4
        ),
        str(folder / "dnc_sac" / "run_1"): RunProgress(
            name="dnc_sac", folder=str(folder / "dnc_sac" / "run_1"), status="done"
        ),
    }
    words = str(Words(page_of([folder], tmp_path / "page.html", states=states)))
    assert "dnc_sac/run_2: diverged" in words
    assert "exit code 4, attempts 1; its last evaluation is at 4,000 env steps" in words
    # 4 of 9 epochs: none of them has ended.
    assert "dnc_sac/run_1: not ended" in words
    assert "Failures (6)" in words


def test_a_single_run_and_a_single_task(tmp_path):
    page = page_of([make_run(tmp_path / "a", tasks=("only",))], tmp_path / "page.html")
    words = str(Words(page))
    assert "1 run of 1 method" in words
    assert "[no interval]" in words
    assert "Methods beside one another" not in words
    assert "data-box" not in page[page.index("<body>") : page.index("<script")]
    figure = figures(page)["curves-0"]
    assert [len(view["traces"]) for view in figure["views"].values()] == [2] * 4


def test_fifty_tasks(tmp_path):
    tasks = tuple(f"task-{place}" for place in range(50))
    run_dir = make_run(tmp_path / "a", method="qmp_dnc", tasks=tasks, mixture=True)
    pairs_of = [f"Behaviour/{i}_{j}" for i in range(50) for j in range(50)]
    add_columns(run_dir, dict.fromkeys(pairs_of, 0.02))
    page = page_of([run_dir], tmp_path / "page.html")
    heat = figures(page)["behaviour-0"]
    assert heat["data"][0]["x"][49] == "49 task-49"
    assert "49 task-49." in page
    assert len(figures(page)["curves-0"]["views"]) == 2 * 2 * 51


def test_numbers_that_are_not_there(tmp_path):
    folder = tmp_path / "runs"
    for seed in (1, 2):
        run_dir = make_run(folder / str(seed), seed=seed, n_epochs=4 + 2 * seed)
    path = run_dir / "progress.csv"
    lines = path.read_text().splitlines()
    column = lines[0].split(",").index("Evaluation/a/SuccessRate")
    cells = lines[4].split(",")
    cells[column] = "nan"
    path.write_text("\n".join([*lines[:4], ",".join(cells), *lines[5:]]) + "\n")
    page = page_of([folder], tmp_path / "page.html")
    figure = figures(page)["curves-0"]
    view = figure["views"]["0|0|0"]
    drawn = numbers(view["traces"][-1]["y"])
    assert np.isnan(drawn).tolist() == [False, True, False, True]
    assert "The mean of dnc_sac ends at 6,000" in view["words"]
    assert not np.isnan(numbers(figure["views"]["0|0|2"]["traces"][-1]["y"])[:3]).any()


def test_where_runs_were_made_with_other_things_it_says_whose(tmp_path):
    folder = two_methods(tmp_path / "runs", seeds=(1, 2))
    resumed = folder / "qmp_dnc" / "run_2"
    later = versions(resumed) | {"command": "run.py resume x", "python": "3.12.1"}
    write_json(resumed / "versions_after_epoch_10.json", later | {"command": "run.py resume y"})
    write_json(resumed / "versions_after_epoch_9.json", later)
    (folder / "dnc_sac" / "run_1" / "versions.json").write_text("{")
    words = str(Words(page_of([folder], tmp_path / "page.html")))
    assert "python run.py resume x\npython run.py resume y" in words.replace(" python", "\npython")
    assert "3.12.1 (qmp_dnc/run_2)" in words
    assert "dnc_sac/run_1: versions.json is damaged" in words


def test_a_section_a_task_set(tmp_path):
    make_run(tmp_path / "r" / "a")
    make_run(tmp_path / "r" / "b", seed=2, tasks=("c", "d", "e"))
    page = page_of([tmp_path / "r", RESULTS / "levy_mt10"], tmp_path / "page.html")
    heads = [
        attrs["id"] for tag, attrs in Words(page).tags if tag == "h2" and "set-" in attrs["id"]
    ]
    assert heads == ["set-0", "set-1", "set-2"]
    words = str(Words(page))
    assert "JacoReachMT5-v1 (c, d, e)" in words
    assert "do not say by which command" in words
    only = page_of(
        [tmp_path / "r", RESULTS / "levy_mt10"],
        tmp_path / "page.html",
        question=Question(envs=("MetaWorldMT10-v2",)),
    )
    assert "JacoReach" not in only


def test_csv_files_say_what_they_do_not_record(tmp_path):
    page = page_of([RESULTS / "levy_mt10"], tmp_path / "page.html")
    words = str(Words(page))
    for said in (
        "The records of 2 of 2 runs do not say by which command",
        "Versions, machine and git revision are not recorded",
        "Not recorded: these files have no columns of time.",
        "Not recorded: fewer than two methods have a config",
    ):
        assert said in words


def test_runs_that_do_not_compare_do_not_meet_unless_forced(tmp_path):
    with pytest.raises(RecordError, match="precision: bf16"):
        page_of([RESULTS / "jaco_reach_mt5"], tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()
    question = Question(force=True, measure="any_subgoal")
    page = page_of([RESULTS / "jaco_reach_mt5"], tmp_path / "page.html", question=question)
    assert "FORCED together" in page
    assert list(figures(page)) == ["curves-0", "behaviour-0"]


def test_what_no_run_measures_is_an_error(tmp_path):
    run_dir = make_run(tmp_path / "a")
    for question, said in (
        (Question(measure="any_subgoal"), "no run has numbers of any_subgoal"),
        (Question(measure="Nothing/x"), "no run has numbers of Nothing/x"),
        (Question(envs=("Nowhere",)), "no run of Nowhere: there are runs of Jaco"),
    ):
        with pytest.raises(RecordError, match=said):
            page_of([run_dir], tmp_path / "page.html", question=question)


def test_any_column_of_the_table(tmp_path):
    question = Question(measure="AlphaTemperature/mean", points=(At(300000),))
    page = page_of([RESULTS / "levy_mt10"], tmp_path / "page.html", question=question)
    assert "AlphaTemperature/mean, at env steps in total over the tasks" in page
    question = Question(measure="Levy/<task>/SuccessRatio")
    page = page_of([RESULTS / "levy_mt10"], tmp_path / "page.html", question=question)
    view = figures(page)["curves-0"]["views"]["0|0|1"]
    assert view["layout"]["yaxis"]["title"]["text"] == "Levy/&lt;task&gt;/SuccessRatio"
    assert np.isfinite(numbers(view["traces"][-1]["y"])).any()


def test_the_same_runs_give_the_same_page_and_it_fetches_nothing(tmp_path):
    folder = two_methods(tmp_path / "runs")
    first = page_of([folder], tmp_path / "page.html")
    assert page_of([folder], tmp_path / "page.html") == first
    for _, attrs in Words(first).tags:
        assert not {"src", "srcset", "data"} & set(attrs)
        assert attrs.get("href", "#").startswith("#")
    assert "url(" not in first
    assert "@import" not in first
