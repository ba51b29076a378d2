"""Runs for pages, and what a page holds."""

import html.parser
import json
import re

import numpy as np

from learning.analysis.reading import read_runs
from learning.logging.files import write_json
from learning.logging.tables import read_rows
from learning.report.page import write_report
from tests.plotting.make_runs import make_run


def page_of(paths, out, **options):
    """Write the page of the runs in some places and return its text without Plotly's script."""
    reading = read_runs(paths, on_damage="skip")
    write_report(reading, out, **{"title": "Runs", **options})
    text = out.read_text(encoding="utf-8")
    return re.sub(r"<script>/\*\*\n\* plotly\.js.*?</script>", "", text, flags=re.DOTALL)


class Words(html.parser.HTMLParser):
    """The text that a reader sees, and the elements it stands in."""

    def __init__(self, page):
        super().__init__()
        self.text, self.tags, self._hidden = [], [], 0
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._hidden += tag in ("script", "style")

    def handle_endtag(self, tag):
        self._hidden -= tag in ("script", "style")

    def handle_data(self, data):
        if not self._hidden and data.strip():
            self.text.append(" ".join(data.split()))

    def __str__(self):
        return "\n".join(self.text)


def figures(page):
    """The figures of a page, by their ids."""
    found = re.findall(
        r'<figure data-figure id="([^"]+)">.*?<script type="application/json">(.*?)</script>',
        page,
        flags=re.DOTALL,
    )
    return {name: json.loads(text) for name, text in found}


def numbers(spec):
    """The array that Plotly reads."""
    import base64

    return np.frombuffer(base64.b64decode(spec["bdata"]), dtype=f"<{spec['dtype']}")


def add_columns(run_dir, columns):
    """Write further columns into progress.csv: name -> value of every row."""
    path = run_dir / "progress.csv"
    names, rows = read_rows(path)
    lines = [",".join([*names, *columns])]
    lines += [",".join([*row, *(str(value) for value in columns.values())]) for row in rows]
    path.write_text("\n".join(lines) + "\n")


def shorten(run_dir, n_epochs):
    """Make a run one of so many epochs."""
    config = json.loads((run_dir / "config.json").read_text())
    write_json(run_dir / "config.json", config | {"n_epochs": n_epochs})


def two_methods(folder, *, seeds=(1, 2, 3), n_epochs=4, **options):
    """Runs of a method with a mixture and of one without, as a sweep leaves them."""
    for seed in seeds:
        mixture = make_run(
            folder / "qmp_dnc" / f"run_{seed}",
            method="qmp_dnc",
            seed=seed,
            mixture=True,
            noise=0.1,
            **options,
        )
        shares = {"0_0": 0.75, "0_1": 0.25, "1_0": 0.1 * seed, "1_1": 1 - 0.1 * seed}
        add_columns(mixture, {f"Behaviour/{pair}": share for pair, share in shares.items()})
        plain = make_run(folder / "dnc_sac" / f"run_{seed}", seed=seed, noise=0.2, **options)
        for each in (mixture, plain):
            times = {"Collect": 1.0, "Update": 2.5, "Evaluate": 1.0, "Rest": 0.5}
            add_columns(each, {f"Time/{phase}": seconds for phase, seconds in times.items()})
            write_json(each / "versions.json", versions(each))
            shorten(each, n_epochs)
    return folder


def versions(run_dir):
    return {
        "command": f"/home/alice/mt/run.py dnc_sac --env=JacoReachMT5-v1 --log_dir={run_dir}",
        "python": "3.11.7",
        "platform": "Linux",
        "cpu": "a processor",
        "gpu": None,
        "packages": {"torch": "2.13.0", "wandb": None},
        "git": {"revision": "0123abc", "dirty": True},
        "plugins": [],
    }
