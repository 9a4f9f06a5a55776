"""The channel mixer: the browser's numbers are PyTorch's, and every named set of filters does what its name says."""

import random

import numpy as np
import pytest
import torch
from PIL import Image

from lessonlib import CREDITS, ChannelMixer, language
from lessonlib.explorers.channel_mixer import FILTERS, SIZES, named_filters, shade_range
from lessonlib.pictures import grey
from support.amount import times
from support.node import node

STATES = times(60, 300)
TRAITS = ["preset", "weight_values", "bias_values", "kernel_size", "out_channels", "channels", "depthwise"]
PROGRAM = """
return given.map(({ state, planes, size, filter, position }) => {
  const flat = planes.map((one) => Float64Array.from(one));
  const weight = filtersOf({ ...state, tables });
  const results = weight.map((kernels) => kernels.map((kernel, c) => resultOf(flat[c], size, kernel)));
  const totals = results.map((three) => added(three, state.channels));
  const range = shadeRange(weight[filter], results[filter]);
  return {
    weight, results: results[filter].map((one) => [...one]), totals: totals.map((one) => [...one]), range,
    pixel: pixelOf(flat, size, weight[filter], state.bias_values[filter], state.channels, position),
    code: mixerCode(state), apart: mixerCode(state, true), count: countOf(state.out_channels, 3, state.kernel_size, true),
    countApart: countOf(3, 1, state.kernel_size, false), painted: [...shades([totals[filter]], [range])],
  };
});
"""


def random_mixer(rng, seed):
    """Return a mixer in a random state on a small random picture, not square."""
    image = np.random.default_rng(seed).integers(0, 256, (3, rng.randint(8, 12), rng.randint(8, 12)), dtype=np.uint8)
    filters, size = rng.randint(1, 3), rng.choice(SIZES)
    own = np.array([rng.randint(-9, 9) / 4 for _ in range(filters * 3 * size * size)]).reshape(filters, 3, size, size)
    weight, sizes = own, {}
    if rng.random() < 0.5:
        weight, sizes = rng.choice(list(FILTERS)), {"kernel_size": size, "out_channels": filters}
    mixer = ChannelMixer(image, weight, bias=[rng.randint(-99, 99) for _ in range(filters)], **sizes)
    if rng.random() < 0.5:  # filters of one's own are cut or filled up with zeros
        mixer.kernel_size, mixer.out_channels = rng.choice(SIZES), rng.randint(1, 3)
    mixer.channels = [rng.random() < 0.8 for _ in range(3)]
    mixer.filter = rng.randrange(mixer.out_channels)
    mixer.position = [rng.randrange(side) for side in mixer.output_size]
    return mixer


def pytorch(code, input, weight, bias=None):
    layer = eval(code, {"nn": torch.nn}).double()
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(weight))
        if bias is not None:
            layer.bias.copy_(torch.tensor(bias))
        return layer(torch.tensor(input)).numpy(), sum(one.numel() for one in layer.parameters())


def test_view_computes_what_conv2d_and_pytorch_compute(tmp_path):
    rng = random.Random(2)
    mixers = [random_mixer(rng, seed) for seed in range(STATES)]
    cases = [
        {
            "state": {name: getattr(mixer.view, name) for name in TRAITS},
            "planes": [plane.ravel().tolist() for plane in mixer.image],
            "size": mixer.output_size,
            "filter": mixer.filter,
            "position": mixer.position,
        }
        for mixer in mixers
    ]
    for mixer, seen in zip(mixers, node("channel_mixer", PROGRAM, cases, tmp_path), strict=True):
        shape, (row, column), filter = mixer.output_size, mixer.position, mixer.filter
        expected, count = pytorch(seen["code"], mixer.input, mixer.weight, mixer.bias)
        apart, count_apart = pytorch(seen["apart"], mixer.input, mixer.weight[filter][:, None])
        on = np.array(mixer.channels)[:, None, None]
        totals = np.reshape(seen["totals"], (mixer.out_channels, *shape))

        assert np.array_equal(seen["weight"], mixer.weight)
        assert np.abs(totals + mixer.bias[:, None, None] - expected).max() < 1e-9
        assert np.abs(mixer.output - expected).max() < 1e-9
        assert np.abs(np.reshape(seen["results"], (3, *shape)) * on - apart).max() < 1e-9
        assert np.abs(mixer.plane_results - apart).max() < 1e-9
        assert (
            (seen["count"]["count"], seen["countApart"]["count"])
            == (count, count_apart)
            == (mixer.parameters, 3 * mixer.kernel_size**2)
        )

        pixel = seen["pixel"]
        windows = np.array([[[cell["value"] for cell in line] for line in one["cells"]] for one in pixel["planes"]])
        padding = np.array([[cell["padding"] for cell in line] for line in pixel["planes"][0]["cells"]])
        border = np.pad(np.zeros(shape), mixer.padding, constant_values=1)
        size = mixer.kernel_size
        assert np.array_equal(windows, mixer.window)
        assert np.array_equal(padding, border[row : row + size, column : column + size])
        assert np.allclose([one["total"] for one in pixel["planes"]], apart[:, row, column], atol=1e-9)
        assert np.isclose(pixel["value"], expected[filter, row, column], atol=1e-9)
        assert np.isclose(pixel["total"] + pixel["bias"], pixel["value"], atol=1e-12)

        unmasked, _ = pytorch(seen["apart"], mixer.image, mixer.weight[filter][:, None])
        low, high = shade_range(mixer.weight[filter], unmasked)
        assert np.allclose(seen["range"], [low, high])
        painted = np.reshape(seen["painted"], (*shape, 4))[..., 0]
        assert np.abs(painted - ((totals[filter] - low) / (high - low) * 255).clip(0, 255)).max() <= 0.5 + 1e-6


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("size", SIZES)
def test_every_named_set_has_three_filters_of_three_kernels_at_every_size(name, size):
    assert named_filters(name, size).shape == (3, 3, size, size)
    mixer = ChannelMixer(weight=name)
    assert (mixer.kernel_size, mixer.out_channels) == FILTERS[name][:2]


def test_named_mixtures_do_what_their_names_say():
    flower = ChannelMixer("flower", "keep")
    red, green, blue = flower.image
    assert np.array_equal(flower.output, flower.image)
    flower.weight = "swap"
    assert np.array_equal(flower.output, [blue, green, red])
    flower.weight, flower.out_channels = "difference", 3
    assert np.array_equal(flower.output, [red - green, green - blue, blue - red])
    assert np.abs(ChannelMixer("flower", "mean").output[0] - flower.image.mean(0)).max() < 1e-9
    assert np.abs(ChannelMixer("flower", "grey").output[0] - grey(flower.image.astype(np.uint8))).max() <= 0.5 + 1e-2
    assert ChannelMixer("flower", "sepia").output[:, 0, 0] == pytest.approx(
        np.array([[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]]) @ flower.image[:, 0, 0]
    )


def test_edges_answer_to_edges_brighter_on_the_right_and_then_below():
    image = np.zeros((3, 12, 12))
    image[:, 4:8, 4:8] = 1
    vertical, horizontal, _ = ChannelMixer(image, "edges", out_channels=3).output

    assert vertical[6, 4] > 0 > vertical[6, 7]
    assert horizontal[4, 6] > 0 > horizontal[7, 6]
    assert vertical[4, 6] == pytest.approx(-vertical[4, 5])


def test_a_one_by_one_filter_keeps_no_neighbours_and_blur_keeps_colours_apart():
    mixer = ChannelMixer("flower", "sepia", position=(7, 9))
    assert mixer.window.shape == (3, 1, 1)
    assert mixer.output[:, 7, 9] == pytest.approx(mixer.weight[:, :, 0, 0] @ mixer.window[:, 0, 0])
    blur = ChannelMixer("flower", "blur")
    assert np.abs(blur.weight[0, 1:]).max() == 0
    assert blur.weight[0, 0].sum() == pytest.approx(1)


def test_a_plane_that_is_off_adds_nothing_and_leaves_the_scale_alone():
    mixer = ChannelMixer("china", "edges", bias=7)
    whole = mixer.plane_results
    mixer.channels = (True, False, True)
    assert np.array_equal(mixer.plane_results[1], np.zeros(mixer.output_size))
    assert np.abs(mixer.output[0] - (whole[0] + whole[2] + 7)).max() < 1e-9
    mixer.channels = (False, False, False)
    assert (mixer.output == 7).all()


def test_state_is_read_and_set_under_pytorchs_names():
    mixer = ChannelMixer("china", np.ones((2, 3, 3, 3)), bias=[1, 2], filter=1)
    assert (mixer.in_channels, mixer.out_channels, mixer.kernel_size, mixer.padding) == (3, 2, 3, 1)
    assert mixer.parameters == 2 * 3 * 9 + 2
    assert mixer.bias.tolist() == [1, 2]
    mixer.kernel_size, mixer.out_channels = 5, 3
    assert mixer.weight.shape == (3, 3, 5, 5)
    assert mixer.weight[0, 0, 0, 0] == mixer.weight[2].max() == 0
    assert mixer.weight[1, 2, 1, 1] == 1
    assert [mixer.sliders[name].value for name in ("kernel_size", "out_channels")] == [5, 3]
    mixer.weight = [[[1]], [[2]], [[3]]]
    assert mixer.weight.shape == (1, 3, 1, 1)
    assert mixer.filter == 0
    mixer.image = np.zeros((3, 8, 9))
    assert mixer.position == (7, 8)
    mixer.position, mixer.depthwise = (0, 1), True
    assert mixer.depthwise_output.shape == (3, 8, 9)
    assert repr(mixer) == "ChannelMixer((3, 8, 9), 3, 1, kernel_size=1, padding=0)"


def test_first_frame_shows_planes_kernels_results_sum_and_map():
    mixer = ChannelMixer("flower", "grey", bias=-20)
    figure = mixer.figure()
    shown = {ax.get_title(): ax.images[0].get_array() for ax in figure.axes if ax.images}

    assert len(shown) == 8
    assert np.array_equal(shown["$I_G$"], mixer.image[1])
    assert np.allclose(shown["$I_B * K_B$"], mixer.plane_results[2])
    assert np.allclose(shown["$\\Sigma -20$"], mixer.output[0], atol=1e-3)
    assert sum(ax.get_title().startswith("$K_") for ax in figure.axes) == 3
    assert CREDITS["flower"] in figure.texts[-1].get_text()
    assert [ax.get_title() for ax in ChannelMixer("flower", "sepia").figure().axes][-1] == "$O_0, O_1, O_2$"
    assert "image/png" in mixer._repr_mimebundle_()[0]


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ({"image": "cat"}, "china, flower"),
        ({"image": np.zeros((20, 20))}, r"\(20, 20\)"),
        ({"image": np.zeros((20, 20, 3))}, "transpose"),
        ({"image": np.zeros((3, 4, 20))}, "512"),
        ({"weight": "gray"}, "grey"),
        ({"weight": np.zeros((3, 3))}, r"\(3, 3\)"),
        ({"weight": np.zeros((1, 2, 3, 3))}, r"\(1, 2, 3, 3\)"),
        ({"weight": np.zeros((4, 3, 1, 1))}, r"\(4, 3, 1, 1\)"),
        ({"weight": np.full((1, 3, 1, 1), np.nan)}, "nan"),
        ({"bias": [1, 2]}, "bias"),
        ({"kernel_size": 2}, "1, 3, 5"),
        ({"out_channels": 4}, "out_channels"),
        ({"channels": (True, False)}, "channels"),
        ({"filter": 1}, "filter"),
        ({"position": (256, 0)}, "256"),
    ],
)
def test_what_does_not_fit_is_refused_in_the_learners_language(lang, arguments, part):
    language(lang)
    with pytest.raises(ValueError, match=part):
        ChannelMixer(**arguments)


def test_unknown_keyword_names_the_nearest():
    with pytest.raises(TypeError, match="depthwise"):
        ChannelMixer(depth_wise=True)


def test_pictures_travel_whole():
    import base64
    import io

    mixer = ChannelMixer("china")
    data = base64.b64decode(mixer.view.pictures["china"].partition(",")[2])
    with Image.open(io.BytesIO(data)) as image:
        assert np.array_equal(np.asarray(image).transpose(2, 0, 1), mixer.image)
