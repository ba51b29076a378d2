"""The style sheet's colours: seen on their paper, and told apart by colour-blind readers."""

import itertools
import re

import numpy as np
import pytest

from learning.report.blocks import N_SERIES
from learning.report.page import FOLDER, STYLE

# Machado, Oliveira, Fernandes, A Physiologically-based Model for Simulation of Color Vision
# Deficiency, IEEE TVCG 2009: severity 1, on linear RGB.
SIGHTS = {
    "usual": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def schemes():
    """Custom property -> colour, in light and in dark."""
    light, dark = re.findall(r"html(?::not\(\[data-print\]\))? \{(.*?)\n *\}", css(), re.DOTALL)
    pattern = r"--([\w-]+): (#[0-9a-f]{6});"
    return {"light": dict(re.findall(pattern, light)), "dark": dict(re.findall(pattern, dark))}


def css():
    return (FOLDER / STYLE).read_text()


def linear(colour):
    values = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(first, second):
    """Of WCAG 2.1."""
    low, high = sorted(float(linear(each) @ [0.2126, 0.7152, 0.0722]) for each in (first, second))
    return (high + 0.05) / (low + 0.05)


def oklab(rgb):
    """Björn Ottosson, A perceptual color space for image processing, 2020."""
    to_lms = [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
    to_lab = [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
    return np.array(to_lab) @ np.cbrt(np.array(to_lms) @ np.clip(rgb, 0, 1))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(scheme):
    colours = schemes()[scheme]
    for text in ("ink", "muted", "link", "good", "bad", "open"):
        for paper in ("paper", "raised"):
            assert contrast(colours[text], colours[paper]) >= 4.5, (text, paper)
    for number in range(1, N_SERIES + 1):
        assert contrast(colours[f"series-{number}"], colours["paper"]) >= 3, number


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_methods_are_told_apart(scheme, sight):
    colours = [schemes()[scheme][f"series-{number}"] for number in range(1, N_SERIES + 1)]
    seen = [oklab(np.array(SIGHTS[sight]) @ linear(colour)) for colour in colours]
    distances = [np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)]
    # Seven times what can just be told apart side by side, about 0.02.
    assert min(distances) > 0.14


def test_both_schemes_have_every_colour():
    light, dark = schemes().values()
    assert light.keys() == dark.keys()
    assert set(re.findall(r"--series-\d+-band", css())) == {
        f"--series-{number}-band" for number in range(1, N_SERIES + 1)
    }
