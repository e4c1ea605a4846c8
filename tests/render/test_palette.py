"""The palette can be told apart whatever one's colour vision, and pages and pictures share it."""

import itertools
import re

import numpy as np
import pytest

from app.config import ROOT
from app.render import design_tokens

# Simulated vision (Machado, Oliveira & Fernandes 2009, severity 1.0), on linear RGB.
VISIONS = {
    "usual": np.eye(3),
    "without red": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "without green": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "without blue": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_XYZ = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
WHITE = np.array([0.95047, 1.0, 1.08883])
APART = 15  # of CIE76; about 2 is just noticeable
SCHEMES = {
    "--chart-worse": design_tokens.NEGATIVE_STRONG,
    "--chart-rather-worse": design_tokens.NEGATIVE,
    "--chart-neutral": design_tokens.NEUTRAL,
    "--chart-rather-better": design_tokens.POSITIVE,
    "--chart-better": design_tokens.POSITIVE_STRONG,
}


def linear(colour):
    parts = np.array([int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(colour, vision):
    xyz = np.array(TO_XYZ) @ np.clip(np.array(VISIONS[vision]) @ linear(colour), 0, 1) / WHITE
    root = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def distance(one, other, vision):
    return float(np.linalg.norm(lab(one, vision) - lab(other, vision)))


def test_the_measure_of_distance_is_right():
    assert distance("#000000", "#ffffff", "usual") == pytest.approx(100, abs=0.1)
    assert distance("#d7191c", "#1a9641", "without green") < distance("#d7191c", "#1a9641", "usual") / 2


@pytest.mark.parametrize("vision", VISIONS)
def test_all_steps_can_be_told_apart(vision):
    for one, other in itertools.combinations(design_tokens.STEPS, 2):
        assert distance(one, other, vision) >= APART, (one, other)


@pytest.mark.parametrize("vision", VISIONS)
def test_a_dot_stands_out_from_its_interval_and_both_from_the_card(vision):
    for one, other in itertools.combinations(
        (design_tokens.OWN, design_tokens.INTERVAL, design_tokens.CARD, design_tokens.BAND), 2
    ):
        assert {one, other} == {design_tokens.CARD, design_tokens.BAND} or distance(one, other, vision) >= APART


def test_an_interval_has_the_contrast_of_a_graphic():
    assert design_tokens.contrast(design_tokens.INTERVAL, design_tokens.CARD) >= 3
    assert design_tokens.contrast(design_tokens.OWN, design_tokens.CARD) >= 3


def test_pages_and_pictures_have_one_palette():
    sheet = (ROOT / "app" / "web" / "static" / "tokens.css").read_text(encoding="utf-8")
    for name, colour in SCHEMES.items():
        assert set(re.findall(rf"{name}: (#[0-9a-f]{{6}});", sheet)) == {colour}
