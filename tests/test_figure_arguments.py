"""What figures are given: tensors that learn, titles in Hangul, any `rcParams`; what a GIF cannot hold is refused before it is drawn."""

import io

import matplotlib
import numpy as np
import pytest
import torch
from matplotlib.text import Text
from torch import nn
from torch.nn.utils import prune

import lessonlib
from lessonlib import figures
from lessonlib.presets import kernel

K = nn.Conv2d(3, 2, 3).weight


def test_learned_tensors_draw_what_their_numbers_draw():
    numbers = K.detach().numpy()
    for draw, tensor in (
        (lessonlib.draw_kernels, K[:, 0]), (lessonlib.filter_planes, K), (lessonlib.filter_planes, K.bfloat16()),
        (lessonlib.draw_numbers, K[0, 0]),
        (lessonlib.draw_images, K[:, 0]), (lessonlib.draw_confusion, K[0, 0].abs()), (lambda one: lessonlib.draw_maps({"z": one}), K[0, 0]),
    ):  # fmt: skip
        assert draw(tensor) is not None
    assert np.allclose(lessonlib.FilterBench(weight=K[0, 0]).weight, numbers[0, 0])
    assert np.allclose(lessonlib.ChannelMixer(weight=K).weight, numbers)
    assert np.allclose(lessonlib.FilterBench(weight=K[0, 0].bfloat16()).weight, numbers[0, 0], atol=1e-2)
    assert np.allclose(lessonlib.conv2d(np.ones((3, 3, 3)), K), lessonlib.conv2d(np.ones((3, 3, 3)), numbers))


def test_a_pruned_net_is_shown_with_the_weights_that_it_has():
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(72, 3))
    prune.l1_unstructured(net[0], "weight", 0.5)
    picture = np.random.default_rng(0).integers(0, 17, (1, 8, 8)) / 16
    explorer = lessonlib.FeatureMaps(net, picture)
    assert np.allclose(explorer.scores, net.double()(torch.tensor(picture[None]))[0].detach().numpy())
    assert sum(weight == 0 for weight in explorer.view.layers[0]["weight"]) == 9


def test_pytorchs_functions_can_be_drawn():
    (ax,) = lessonlib.draw_activations({"ReLU": torch.relu}).axes
    assert ax.lines[-1].get_ydata()[[0, -1]].tolist() == [0, 6]


@pytest.mark.parametrize(
    "settings", [{"font.family": "NanumGothic"}, {"axes.unicode_minus": False}, {"font.family": "no such font"}]
)
def test_minus_signs_and_notation_are_readable_whatever_the_settings_are(settings, recwarn):
    with matplotlib.rc_context(settings):
        before = dict(matplotlib.rcParams)
        figure = lessonlib.draw_activations({"z": np.negative})
        figure.savefig(io.BytesIO())
        assert dict(matplotlib.rcParams) == before
    assert {text.get_fontfamily()[0] for text in figure.findobj(Text)} == {"DejaVu Sans"}
    assert not [warning for warning in recwarn if "Glyph" in str(warning.message)]


def test_hangul_takes_a_korean_font_or_a_sentence_on_what_to_install(monkeypatch, recwarn):
    if {font.name for font in figures.fontManager.ttflist} & set(figures.KOREAN):
        lessonlib.draw_images(np.ones((1, 3, 3)), ["고양이"]).savefig(io.BytesIO())
        assert not recwarn.list
    monkeypatch.setattr(figures, "KOREAN", ("no such font",))
    with pytest.warns(UserWarning, match="NanumGothic") as told:
        lessonlib.draw_images(np.ones((1, 3, 3)), ["고양이"]).savefig(io.BytesIO())
    assert not [one for one in told if "Glyph" in str(one.message)]


@pytest.mark.parametrize(
    ("file", "seconds", "error", "part"),
    [
        (".", 0.5, IsADirectoryError, "folder"),
        ("none/film.gif", 0.5, FileNotFoundError, "none"),
        ("film.gif", 0.004, ValueError, r"0\.004"),
        ("film.gif", 700, ValueError, "700"),
        ("film.gif", "1", ValueError, "'1'"),
        ("film.gif", float("nan"), ValueError, "nan"),
    ],
)
def test_what_a_gif_cannot_hold_is_refused_before_anything_is_drawn(file, seconds, error, part, tmp_path, monkeypatch):
    monkeypatch.setattr(figures, "sliding_window", lambda *_: pytest.fail("drawn"))
    with pytest.raises(error, match=part):
        lessonlib.SlidingWindow().save_gif(tmp_path / file, seconds)


def test_geometry_takes_whole_numbers_of_every_kind():
    for size in (
        np.array([28, 28]),
        torch.tensor([28, 28]),
        [28, 28],
        torch.Size((28, 28)),
        (np.int8(28), torch.tensor(28)),
    ):
        assert lessonlib.output_size(size, 3) == (26, 26)
    for size in (np.array(28), torch.tensor(28), np.uint8(28)):
        assert lessonlib.output_size(size, 3) == 26
        assert type(lessonlib.output_size(size, 3)) is int
    with pytest.raises(TypeError, match="28"):
        lessonlib.output_size(np.array([28.0, 28.0]), 3)
    assert lessonlib.paddings_for((28, 28), (28, 28), 5) == [2]
    with pytest.raises(TypeError, match="list of layers"):
        lessonlib.receptive_field(3)
    with pytest.raises(TypeError, match="kernel_size"):
        lessonlib.receptive_field([{"k": 3}])


def test_kernels_take_one_size_and_misspelt_names_are_told_the_nearest():
    assert np.array_equal(kernel("box_blur", 3), kernel("box_blur", (3, 3)))
    with pytest.raises(KeyError, match="box_blur"):
        kernel("blur", (3, 3))
    with pytest.raises(ValueError, match="at least 1"):
        kernel("box_blur", (0, 3))
    with pytest.raises(ValueError, match="at least 1"):
        lessonlib.photograph(size=0)
