"""The photographs: what they are, that they are the right way up, and whose they are."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lessonlib.layers.conv import conv2d
from lessonlib.photos import CREDITS, PHOTOGRAPHS, photograph
from lessonlib.sentences import language


@pytest.mark.parametrize("name", CREDITS)
@pytest.mark.parametrize("size", [16, 256, 427])
def test_a_photograph_is_square_and_lies_between_black_and_white(name, size):
    grey, color = photograph(name, size), photograph(name, size, color=True)

    assert grey.shape == (size, size)
    assert color.shape == (3, size, size)
    for values in (grey, color):
        assert values.dtype == np.float64
        assert 0 <= values.min() < 0.1
        assert 0.7 < values.max() <= 1


@pytest.mark.parametrize("name", CREDITS)
def test_grey_is_the_brightness_of_the_colours(name):
    red, green, blue = photograph(name, color=True)

    # The weights of ITU-R BT.601, which Pillow rounds to whole steps of brightness.
    assert np.abs(photograph(name) - (0.299 * red + 0.587 * green + 0.114 * blue)).max() < 3 / 255


def test_photographs_stand_upright_in_the_order_red_green_blue():
    red, green, blue = photograph("china", color=True)
    sky = slice(0, 30)

    assert blue[sky].mean() > green[sky].mean() > red[sky].mean()
    assert photograph("china")[sky].mean() > photograph("china")[-30:].mean() + 0.2


def test_it_is_the_same_photograph_at_every_size():
    large, small = photograph("flower", 256), photograph("flower", 64)
    shrunk = conv2d(large[None], np.full((1, 1, 4, 4), 1 / 16), stride=4)[0]

    assert np.corrcoef(shrunk.ravel(), small.ravel())[0, 1] > 0.99


def test_each_call_gives_an_array_of_your_own():
    photograph(size=16)[:] = 0

    assert photograph(size=16).any()


def test_a_photograph_costs_no_import_of_scikit_learn_or_torch():
    code = "import sys; from lessonlib.photos import photograph; photograph(); print(*{'sklearn', 'torch', 'scipy'} & {*sys.modules})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"


@pytest.mark.parametrize("name", CREDITS)
def test_the_files_are_scikit_learns_byte_for_byte(name):
    package = importlib.util.find_spec("sklearn").submodule_search_locations[0]

    assert (PHOTOGRAPHS / f"{name}.jpg").read_bytes() == Path(package, "datasets", "images", f"{name}.jpg").read_bytes()


@pytest.mark.parametrize(
    ("name", "color", "pixels"),
    [
        ("china", False, [38.0, 33.0, 37.0, 36.0, 40.0, 36.0]),
        (
            "flower",
            True,
            [
                [237.0, 231.0, 232.0, 233.0, 229.0, 226.0],
                [138.0, 114.0, 109.0, 118.0, 112.0, 94.0],
                [68.0, 42.0, 33.0, 41.0, 33.0, 15.0],
            ],
        ),
    ],
)
def test_the_pixels_are_those_that_the_lessons_show(name, color, pixels):
    assert np.round(photograph(name, 256, color)[..., 100, 100:106] * 255).tolist() == pixels


def test_the_photographs_credits_lie_beside_them():
    text = (PHOTOGRAPHS / "README.txt").read_text(encoding="utf-8")

    for name, credit in CREDITS.items():
        assert f"{name}.jpg" in text
        assert credit.split(", ")[1] in text


def test_credits_are_those_of_scikit_learn():
    package = importlib.util.find_spec("sklearn").submodule_search_locations[0]
    readme = Path(package, "datasets", "images", "README.txt").read_text(encoding="utf-8")

    assert "creativecommons.org/licenses/by/2.0" in readme
    for name, credit in CREDITS.items():
        owner, source, licence = credit.split(", ")
        assert f"Image: {name}.jpg" in readme
        assert source in readme
        assert owner in source
        assert licence == "CC BY 2.0"


@pytest.mark.parametrize(("lang", "words"), [("ko", "사진은 없습니다"), ("en", "no photograph")])
def test_a_photograph_that_is_not_there_is_told_with_those_that_are(lang, words):
    language(lang)
    with pytest.raises(ValueError, match=words) as told:
        photograph("cat")

    assert [name for name in ("'cat'", *CREDITS) if name not in str(told.value)] == []
