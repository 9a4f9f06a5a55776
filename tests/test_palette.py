"""The colours that have a meaning can be told apart, by colour-blind eyes too, and stand in one place."""

import re
from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb

import lessonlib
from lessonlib import palette
from lessonlib.figures import SIGN_MAP, filter_planes
from lessonlib.figures.learning import draw_images
from lessonlib.kit.explorer import KIT

# From linear RGB to what eyes without one kind of cone see: Machado, Oliveira and Fernandes, "A Physiologically-based Model for
# Simulation of Color Vision Deficiency", IEEE TVCG 15(6), 2009, severity 1.
EYES = {
    "all cones": np.eye(3),
    "no red cones": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "no green cones": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "no blue cones": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}  # fmt: skip
TO_XYZ = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]]
WHITE = [0.95047, 1, 1.08883]


def lab(color, eyes):
    """Return CIE L*a*b* of an sRGB colour as these eyes see it."""
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(EYES[eyes] @ linear, 0, 1) / WHITE
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def distance(one, other, eyes):
    """Return CIE 1976's difference of two colours; 2.3 is just noticeable side by side, PuOr's ends stand 81 to 133 apart."""
    return np.linalg.norm(lab(one, eyes) - lab(other, eyes))


@pytest.mark.parametrize("eyes", EYES)
def test_positive_and_negative_are_unlike_one_another_and_every_role(eyes):
    assert distance(palette.SIGN["positive"], palette.SIGN["negative"], eyes) > 75
    for sign in ("positive", "negative"):
        assert distance(palette.SIGN[sign], palette.SIGN["zero"], eyes) > 50
        for role in ("input", "kernel", "window", "output"):
            assert distance(palette.SIGN[sign], palette.ROLES[role], eyes) > 24, (sign, role)
    # Half as far from 0 is still told from 0 and from the other sign.
    half = [to_hex(SIGN_MAP(value)) for value in (0.25, 0.5, 0.75)]
    assert min(distance(*pair, eyes) for pair in combinations(half, 2)) > 30


def test_violet_is_positive_and_red_negative_in_every_figure():
    red, green, blue = (np.array(SIGN_MAP(value)[:3]) for value in (0.0, 0.5, 1.0))
    assert [to_hex(one) for one in (red, green, blue)] == list(palette.SIGN.values())
    panels = [filter_planes(np.array([[[[-2.0, 0, 2]]]])).axes[0], draw_images([[[-2.0, 0, 2]]], signed=True).axes[0]]
    net = pytest.importorskip("torch").nn
    still = lessonlib.FeatureMaps(
        net.Sequential(net.Conv2d(1, 2, 3), net.Flatten(), net.Linear(72, 2)), unit=(1, 0, 0, 0)
    )
    panels += still.figure().axes[1:2]
    for panel in panels:
        image = panel.images[0]
        assert image.cmap is SIGN_MAP
        low, high = image.get_clim()
        assert low == -high < 0


def test_no_view_has_a_second_copy_of_the_palette():
    sheets = [path for kind in ("css", "js") for path in KIT.parent.rglob(f"*.{kind}")]
    assert len(sheets) > 25
    for sheet in sheets:
        text = sheet.read_text(encoding="utf-8").lower()
        assert not [color for color in palette.SIGN.values() if color in text and color != palette.SIGN["zero"]], sheet
    # The roles' colours in daylight are written out once, in base.css, where the dark theme's stand beside them.
    daylight = (KIT / "base.css").read_text(encoding="utf-8").partition("data-jp-theme-light")[0]
    assert {name: re.search(rf"--cl-{name}: (#\w+)", daylight)[1] for name in palette.ROLES} == palette.ROLES
    assert lessonlib.SlidingWindow().view.palette == palette.SIGN
