"""The filter bench: every pixel in the browser is PyTorch's, and every named kernel answers to what its name says."""

import base64
import io
import random

import numpy as np
import pytest
import torch
from PIL import Image

from lessonlib import CREDITS, FilterBench, conv2d, language, photograph
from lessonlib.explorers.filter_bench import shade_range
from lessonlib.pictures import eight_bit, grey
from lessonlib.presets import KERNELS, kernel
from support.amount import times
from support.node import node

STATES = times(40, 150)
TRAITS = [
    "color", "kernel_size", "padding", "stride", "padding_mode", "kernel_preset", "weight_values", "shades", "position",
]  # fmt: skip

NODE = """
return given.map(({ state, rgba, size }) => {
  const planes = planesOf(Uint8ClampedArray.from(rgba), state.color);
  const weight = weightOf(state);
  const output = filtered(planes, size, weight, state);
  const range = shadeRange(weight, output.planes, state.shades);
  return {
    planes: planes.map((one) => [...one]), weight, size: output.size, output: output.planes.map((one) => [...one]),
    windows: planes.map((one) => loupe(one, size, weight, state, state.position)),
    range, code: benchCode(state), painted: [...paintable(output.planes, range, state.shades === "absolute")],
  };
});
"""


def random_bench(rng, seed):
    """Return a bench in a random state on a small random picture."""
    pixels = np.random.default_rng(seed).integers(0, 256, (3, rng.randint(8, 13), rng.randint(8, 13)), dtype=np.uint8)
    size = rng.randint(1, 7)
    own = [[rng.randint(-9, 9) / 4 for _ in range(size)] for _ in range(size)]
    weight = rng.choice([*KERNELS, own])
    bench = FilterBench(
        pixels, weight, stride=rng.randint(1, 4), padding=rng.randint(0, 4), kernel_size=None if weight is own else size,
        padding_mode=rng.choice(["zeros", "reflect", "replicate", "circular"]), color=rng.random() < 0.5,
        shades=rng.choice(["auto", "signed", "absolute"]),
    )  # fmt: skip
    bench.kernel_size = rng.randint(1, 7)  # a kernel of one's own is cut or filled up with zeros
    bench.position = [rng.randrange(length) for length in bench.output_size]
    return bench, pixels


def test_view_computes_what_conv2d_and_pytorch_compute(tmp_path):
    rng = random.Random(1)
    benches = [random_bench(rng, seed) for seed in range(STATES)]
    cases = []
    for bench, pixels in benches:
        rgba = np.concatenate([pixels, np.full((1, *pixels.shape[1:]), 255)]).transpose(1, 2, 0)
        state = {name: getattr(bench.view, name) for name in TRAITS} | {"position": list(bench.position)}
        cases.append({"state": state, "rgba": rgba.ravel().tolist(), "size": pixels.shape[1:]})

    for (bench, _), seen in zip(benches, node("filter_bench", NODE, cases, tmp_path), strict=True):
        channels = 3 if bench.color else 1
        layer = eval(seen["code"], {"nn": torch.nn})
        with torch.no_grad():
            layer.weight.copy_(torch.tensor(bench.weight).expand_as(layer.weight))
            expected = layer.double()(torch.tensor(bench.image)).numpy()
        shown = np.reshape(seen["output"], (channels, *seen["size"]))
        row, column = bench.position

        assert np.array_equal(seen["weight"], bench.weight)
        assert np.array_equal(np.reshape(seen["planes"], bench.image.shape), bench.image)
        assert tuple(seen["size"]) == bench.output_size
        assert np.abs(shown - bench.output).max() < 1e-9
        assert np.abs(shown - expected).max() < 1e-3
        values = np.array([[[cell["value"] for cell in line] for line in one["cells"]] for one in seen["windows"]])
        assert np.array_equal(values, bench.window)
        assert np.allclose([one["total"] for one in seen["windows"]], bench.output[:, row, column], atol=1e-9)
        low, high = shade_range(bench.weight, bench.output, bench.view.shades)
        assert np.allclose(seen["range"], [low, high])
        values = np.abs(bench.output) if bench.view.shades == "absolute" else bench.output
        painted = np.reshape(seen["painted"], (*seen["size"], 4))[..., :channels].transpose(2, 0, 1)
        assert np.abs(painted - ((values - low) / (high - low) * 255).clip(0, 255)).max() <= 0.5 + 1e-6


# A bright square on a dark ground: what each named kernel makes of its sides.
SQUARE = np.zeros((24, 24))
SQUARE[8:16, 8:16] = 1
TOP, BOTTOM, LEFT, RIGHT = (8, 12), (15, 12), (12, 8), (12, 15)
GROUND, INSIDE = (1, 1), (12, 12)


def made_of_square(name, size):
    return FilterBench(SQUARE, name, kernel_size=size, padding=size // 2).output[0] / 255


@pytest.mark.parametrize("size", [3, 5, 7])
def test_vertical_edge_answers_to_vertical_edges_brighter_on_the_right(size):
    made = made_of_square("vertical_edge", size)

    assert made[LEFT] > 0 > made[RIGHT]
    assert made[TOP] == made[BOTTOM] == made[GROUND] == made[INSIDE] == 0


@pytest.mark.parametrize("size", [3, 5, 7])
def test_horizontal_edge_answers_to_horizontal_edges_brighter_below(size):
    made = made_of_square("horizontal_edge", size)

    assert made[TOP] > 0 > made[BOTTOM]
    assert made[LEFT] == made[RIGHT] == made[GROUND] == made[INSIDE] == 0


@pytest.mark.parametrize("size", [3, 5, 7])
def test_emboss_lights_the_picture_where_it_gets_brighter_downwards_and_to_the_right(size):
    made = made_of_square("emboss", size)

    assert made[GROUND] == 0
    assert made[INSIDE] == pytest.approx(1)
    assert min(made[TOP], made[LEFT]) > 1 > max(made[BOTTOM], made[RIGHT])


@pytest.mark.parametrize("name", ["box_blur", "gaussian_blur"])
@pytest.mark.parametrize("size", [3, 5, 7])
def test_blurs_keep_even_brightness_and_soften_edges_alike_on_all_sides(name, size):
    made = made_of_square(name, size)

    assert made[GROUND] == 0
    assert made[INSIDE] == pytest.approx(1)
    assert 0.5 < made[TOP] < 1
    assert made[TOP] == pytest.approx(made[BOTTOM])
    assert made[LEFT] == pytest.approx(made[RIGHT]) == pytest.approx(made[TOP])


def test_gaussian_blur_keeps_more_of_the_middle_than_box_blur():
    assert kernel("gaussian_blur", (5, 5))[2, 2] > kernel("box_blur", (5, 5))[2, 2]


@pytest.mark.parametrize("size", [3, 5, 7])
def test_sharpen_goes_beyond_both_sides_of_an_edge(size):
    made = made_of_square("sharpen", size)

    assert made[INSIDE] == 1
    assert min(made[TOP], made[BOTTOM], made[LEFT], made[RIGHT]) > 1
    assert made[7, 12] < 0


def test_identity_gives_the_picture_and_ones_its_sum():
    assert np.array_equal(made_of_square("identity", 3), SQUARE)
    assert made_of_square("ones", 3)[INSIDE] == 9


def test_random_is_the_same_in_every_bench():
    assert np.array_equal(made_of_square("random", 5), made_of_square("random", 5))


@pytest.mark.parametrize("name", CREDITS)
def test_photographs_come_whole_and_with_their_credit(name):
    bench = FilterBench(name, color=True)
    head, _, data = bench.view.pictures[name].partition(",")
    with Image.open(io.BytesIO(base64.b64decode(data))) as image:
        decoded = np.asarray(image).transpose(2, 0, 1)
        assert np.array_equal(np.asarray(image.convert("L")), grey(decoded))

    assert head == "data:image/png;base64"
    assert np.array_equal(decoded, eight_bit(photograph(name, color=True)))
    assert np.array_equal(bench.image, decoded)
    assert bench.image.shape == (3, 256, 256)
    assert bench.view.credits[name] == CREDITS[name]
    assert "CC BY" in bench.figure().texts[-1].get_text()


def test_colour_puts_each_channel_through_the_same_kernel():
    bench = FilterBench("flower", "sharpen", color=True)
    apart = [conv2d(one[None], bench.weight[None, None], padding=1)[0] for one in bench.image]

    assert np.abs(bench.output - apart).max() < 1e-9


def test_state_is_read_and_set_under_pytorchs_names():
    bench = FilterBench("flower", [[0, 1], [2, 3]], padding=0)
    assert (bench.kernel_size, bench.stride, bench.padding, bench.output_size) == (2, 1, 0, (255, 255))
    bench.weight = "sharpen"
    bench.kernel_size, bench.stride, bench.padding, bench.padding_mode = 5, 2, 2, "reflect"
    assert bench.weight.shape == (5, 5)
    assert bench.output_size == bench.output.shape[1:] == (128, 128)
    assert [bench.sliders[name].value for name in ("kernel_size", "padding", "stride")] == [5, 2, 2]
    bench.position = (127, 0)
    assert bench.window.shape == (1, 5, 5)
    bench.stride = 4
    assert bench.position == (63, 0)
    bench.image = np.eye(20)
    assert bench.image.shape == (1, 20, 20)
    assert repr(bench) == "FilterBench((1, 20, 20), kernel_size=5, stride=4, padding=2)"


def test_a_learners_own_picture_stays_in_the_browser():
    bench = FilterBench()
    bench.view.own_picture = True  # as the browser sets it
    for lang, part in (("ko", "내 사진"), ("en", "stays in the browser")):
        language(lang)
        with pytest.raises(ValueError, match=part):
            bench.output.sum()
    bench.image = "flower"
    assert bench.output.shape == (1, 256, 256)


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ({"image": "cat"}, "china, flower"),
        ({"image": np.zeros((2, 20, 20))}, r"\(2, 20, 20\)"),
        ({"image": np.zeros((4, 20))}, "512"),
        ({"image": np.full((20, 20), 7.0)}, "uint8"),
        ({"weight": "blur"}, "box_blur"),
        ({"weight": [[1, 2, 3]]}, r"\(1, 3\)"),
        ({"weight": [[float("nan")]]}, r"\(1, 1\)"),
        ({"stride": 0}, "stride"),
        ({"padding": 9}, "4"),
        ({"kernel_size": 2.5}, r"2\.5"),
        ({"padding_mode": "same"}, "reflect"),
        ({"shades": "dark"}, "absolute"),
        ({"position": (256, 0)}, "256"),
    ],
)
def test_what_does_not_fit_is_refused_in_the_learners_language(lang, arguments, part):
    language(lang)
    with pytest.raises(ValueError, match=part):
        FilterBench(**arguments)


def test_unknown_keyword_names_the_nearest():
    with pytest.raises(TypeError, match="padding_mode"):
        FilterBench(paddingmode="zeros")
