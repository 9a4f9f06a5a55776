"""The sliding window without a browser: what its view computes is PyTorch's, and what Python is told it shows."""

import random

import numpy as np
import pytest
import torch

from lessonlib import SlidingWindow, conv2d, geometry, language, pad
from lessonlib.layers.conv import PADDING_MODES
from lessonlib.presets import INPUTS, KERNELS, kernel, picture
from support.amount import times
from support.node import node
from support.window_states import LIMITS, PAIRS, pytorch, random_state, sizes

STATES = times(150, 500)


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    """Random states, what the view makes of each, and what Python's explorer does."""
    rng = random.Random(3)
    states = [random_state(rng) for _ in range(STATES)]
    program = """
    return given.map((state) => {
      const one = solve({ position: [0, 0], filter: 0, shown: [], tables, ...state });
      const value = (o) => (row, r) => row.map((_, c) => windowAt(one, o, r, c).value);
      const windows = one.wrong ? [] : one.output.map((map, o) => map.map(value(o)));
      return {
        wrong: one.wrong, mends: one.wrong ? mends(one) : [], input: one.input, weight: one.weight, bias: one.bias,
        padded: one.padded, output: one.output, windows,
        sizes: one.axes.map(({ output, starts, unreached, leftOver, before, padded, effective }) =>
          ({ output, starts, unreached, leftOver, before, padded, effective })),
        code: one.wrong ? "" : code(one),
        fed: one.wrong ? [] : [fedBy(one, 0, 0), fedBy(one, one.axes[0].padded - 1, one.axes[1].padded - 1)],
      };
    });
    """
    return [*zip(states, node("sliding_window", program, states, tmp_path_factory.mktemp("node")), strict=True)]


def test_view_shows_what_pytorch_computes_and_refuses_what_pytorch_refuses(solved):
    possible = 0
    for state, shown in solved:
        expected = pytorch(state, shown["input"], shown["weight"], shown["bias"])
        assert (expected is None) == (shown["wrong"] is not None), state
        if expected is not None:
            possible += 1
            assert np.allclose(shown["output"], expected, rtol=1e-9, atol=1e-9), state
            assert shown["windows"] == shown["output"]
    assert STATES // 4 < possible < STATES


def test_view_and_explorer_hold_the_same_tensors(solved):
    for state, shown in solved[:150]:
        explorer = SlidingWindow()
        explorer.restore(state)
        if shown["wrong"] and shown["wrong"]["key"] == "problem_groups":
            continue
        assert np.array_equal(explorer.input, shown["input"])
        assert np.allclose(explorer.weight, shown["weight"], rtol=0, atol=1e-15)
        assert np.array_equal(
            np.zeros(state["out_channels"]) if explorer.bias is None else explorer.bias, shown["bias"]
        )
        if not shown["wrong"]:
            assert np.array_equal(explorer.padded_input, shown["padded"])
            assert np.allclose(explorer.output, shown["output"], rtol=1e-9, atol=1e-9)
            assert explorer.output_size == tuple(one["output"] for one in shown["sizes"])


def test_geometry_in_the_view_is_that_of_geometry_py(solved):
    for state, shown in solved:
        size = (state["input_h"], state["input_w"]), *sizes(state).values()
        arguments = dict(zip(("input_size", "kernel_size", "padding", "stride", "dilation"), size, strict=True))
        spans = geometry.effective_kernel_size(arguments["kernel_size"], arguments["dilation"])
        assert [one["effective"] for one in shown["sizes"]] == list(spans)
        if all(one["output"] for one in shown["sizes"]):
            starts, unreached = geometry.window_starts(**arguments), geometry.unreached(**arguments)
            before, remainder = geometry.size_before_floor(**arguments), geometry.remainder(**arguments)
            for i, one in enumerate(shown["sizes"]):
                assert one["output"] == geometry.output_size(**arguments)[i]
                assert one["starts"] == starts[i]
                assert one["unreached"] == unreached[i]
                assert one["leftOver"] == remainder[i]
                assert one["before"] == pytest.approx(float(before[i]))
        else:
            with pytest.raises(ValueError, match=r"."):
                geometry.output_size(**arguments)
        for cell, fed in zip([(0, 0), tuple(one["padded"] - 1 for one in shown["sizes"])], shown["fed"], strict=False):
            rows, columns = geometry.windows_reading(cell, **arguments)
            assert fed == [f"{r},{c}" for r in rows for c in columns]


def test_code_line_is_the_layer_on_screen(solved):
    for state, shown in solved:
        if shown["wrong"]:
            continue
        layer = eval(shown["code"], {"nn": torch.nn})
        assert {name: getattr(layer, name) for name in PAIRS.values()} == sizes(state)
        assert (layer.bias is not None) == state["use_bias"]
        assert (layer.groups, layer.padding_mode) == (state["groups"], state["padding_mode"])


def test_impossible_states_are_explained_with_the_smallest_changes_that_help(solved):
    mended, several = 0, 0
    for state, shown in solved:
        if not shown["wrong"]:
            assert shown["mends"] == []
            continue
        helps = [_possible({**state, change["trait"]: change["value"]}) for change in shown["mends"]]
        assert 1 <= len(helps) <= 2, state
        if not any(helps):
            several += 1  # only two changes together would do
            continue
        assert all(helps), (state, shown["mends"])
        for change in shown["mends"]:
            trait, value = change["trait"], change["value"]
            if trait in LIMITS:
                assert LIMITS[trait][0] <= value <= LIMITS[trait][1]
                nearer = [v for v in range(*LIMITS[trait]) if abs(v - state[trait]) < abs(value - state[trait])]
                assert not any(_possible({**state, trait: v}) for v in nearer), (state, change)
        mended += 1
    assert mended > several


def _possible(state):
    image = np.zeros((state["in_channels"], state["input_h"], state["input_w"]))
    (kh, kw), planes = sizes(state)["kernel_size"], max(1, state["in_channels"] // state["groups"])
    return (
        pytorch(state, image, np.zeros((state["out_channels"], planes, kh, kw)), np.zeros(state["out_channels"]))
        is not None
    )


@pytest.mark.parametrize("em", [16, 24])
@pytest.mark.parametrize("width", [234, 700, 1100, 1700])
def test_planes_and_maps_fit_the_width(width, em, tmp_path):
    states = [random_state(random.Random(seed)) for seed in range(100)]
    program = f"""
    return given.map((state) => {{
      const one = solve({{ shown: [], ...state }});
      return {{ ...layOut(one, {width}, {em}), planes: one.axes[1].padded, kernels: one.axes[1].kernel, maps: one.axes[1].output }};
    }});
    """
    for state, one in zip(states, node("sliding_window", program, states, tmp_path), strict=True):
        assert one["cell"] * one["planes"] <= width or one["cell"] <= 16, state
        assert one["mapCell"] * one["maps"] <= width or one["mapCell"] <= 12, state
        if not one["below"]:
            # With room for signs and gaps.
            taken = one["cell"] * (one["planes"] + one["kernels"]) + one["mapCell"] * one["maps"]
            assert taken <= width - 8 * em, state
        assert one["cell"] >= 16 or one["planes"] > 16, state


def test_changes_of_controls_on_screen_are_named_first(tmp_path):
    state = dict.fromkeys((name for name in LIMITS), 1) | {
        "input_h": 4, "input_w": 4, "kernel_h": 5, "kernel_w": 5, "padding_h": 0, "padding_w": 0, "apart": False, "padding_mode": "zeros",
    }  # fmt: skip
    given = [{**state, "shown": shown} for shown in (["padding", "kernel_size"], ["dilation", "kernel_size"], [])]
    given.append({**given[0], "kernel_h": 3, "kernel_w": 3, "dilation_h": 3, "dilation_w": 3})

    changes = node(
        "sliding_window",
        "return given.map((s) => mends({ ...s, tables }).map(({ trait, value }) => [trait, value]));",
        given,
        tmp_path,
    )

    assert changes == [
        [["padding_h", 1], ["kernel_h", 4]],
        [["kernel_h", 4], ["padding_h", 1]],
        [["padding_h", 1], ["kernel_h", 4]],
        [["kernel_h", 2], ["padding_h", 2]],  # the smaller change first
    ]


@pytest.mark.parametrize("name", KERNELS)
def test_presets_of_the_view_are_those_of_python(name, tmp_path):
    cases = [[[h, w], seed] for h in range(1, 8) for w in range(1, 8) for seed in (0, 7)]
    shown = node(
        "sliding_window", f"return given.map(([size, seed]) => kernel({name!r}, size, seed));", cases, tmp_path
    )

    for (size, seed), values in zip(cases, shown, strict=True):
        assert np.allclose(values, kernel(name, size, seed), rtol=0, atol=1e-15)


@pytest.mark.parametrize("name", INPUTS)
def test_inputs_of_the_view_are_those_of_python(name, tmp_path):
    cases = [[[h, w], channel, seed] for h in (1, 2, 5, 12) for w in (1, 3, 8) for channel in (0, 3) for seed in (0, 7)]
    program = f"return given.map(([size, channel, seed]) => picture({name!r}, size, channel, seed));"

    for (size, channel, seed), values in zip(cases, node("sliding_window", program, cases, tmp_path), strict=True):
        assert np.array_equal(values, picture(name, size, channel, seed))


def test_padding_of_the_view_is_that_of_conv_py(tmp_path):
    image = picture("random", (4, 5)).tolist()
    cases = [[padding, mode] for mode in PADDING_MODES for padding in ([0, 0], [1, 2], [3, 4], [2, 0])]
    shown = node(
        "sliding_window", f"return given.map(([padding, mode]) => pad({image}, padding, mode));", cases, tmp_path
    )

    for (padding, mode), values in zip(cases, shown, strict=True):
        assert np.array_equal(values, pad([image], padding, mode)[0])


def test_numbers_are_shown_short_and_never_as_a_false_equality(tmp_path):
    numbers = [3, -2, 0.5, 1 / 9, -1 / 3, 1e-10, -1e-10, 2.0004, 8 / 3, 12345678.25]
    program = "return given.map((number) => [format(number), equals(number), digits(number)]);"

    assert node("sliding_window", program, numbers, tmp_path) == [
        ["3", "=", "3"], ["−2", "=", "−2"], ["0.5", "=", "0.5"], ["0.111", "≈", "0.111…"], ["−0.333", "≈", "−0.333…"], ["0", "=", "0"],
        ["0", "=", "0"], ["2", "≈", "2…"], ["2.667", "≈", "2.666…"], ["1.23e+7", "=", "1.23e+7"],
    ]  # fmt: skip


def test_sentences_agree_with_their_values_in_the_browser_as_in_python(tmp_path):
    from lessonlib.sentences import fill

    template = "{a}[은/는] {a}[을/를] `{a}`[이/가] ({a})[으로/로] {a} [row/rows], {a} black [cell/cells]"
    cases = [*map(str, range(121)), "K", "m", "L", "n", "padding", "pooling", "stride", "커널", "패딩", "보폭", "입력"]
    cases += [
        "pick [yes/no]",
        "[N/A]",
        "[은/는]",
        "[1/2]",
        "`(0, 1)`",
        "[[1, 3]]",
        "‘패딩’",
        "0.1",
        "-1",
        "−1",
        "1,001",
    ]
    shown = node("sliding_window", f"return given.map((a) => fill({template!r}, {{ a }}));", cases, tmp_path)

    assert shown == [fill(template, a=case) for case in cases]
    assert fill(template, a="[1/2]").startswith("[1/2]는 [1/2]를 `[1/2]`가 ([1/2])로 [1/2] rows")


# What Python is told


def test_state_is_read_and_set_under_pytorchs_names():
    explorer = SlidingWindow("counting", "ones", bias=2, stride=2, padding=1, input_size=(5, 6))

    assert (explorer.kernel_size, explorer.stride, explorer.padding, explorer.dilation) == (3, 2, 1, 1)
    assert np.array_equal(explorer.output, conv2d(explorer.input, explorer.weight, [2.0], stride=2, padding=1))
    explorer.stride, explorer.kernel_size, explorer.padding = (1, 2), 2, 0
    assert explorer.stride == (1, 2)
    assert explorer.output_size == (4, 3)
    explorer.input = np.ones((2, 4, 4))
    assert explorer.in_channels == 2
    explorer.position = (1, 1)
    assert explorer.window.shape == (2, 2, 2)
    explorer.out_channels, explorer.filter, explorer.whole_map, explorer.large = 3, 2, True, True
    assert (explorer.view.filter, explorer.view.whole_map, explorer.view.large) == (2, True, True)
    explorer.out_channels = 2
    assert explorer.filter == 1
    with pytest.raises(ValueError, match="filter takes a whole number from 0 to 1"):
        explorer.filter = 2


def test_same_padding_becomes_its_number_of_cells():
    assert SlidingWindow("counting", "ones", padding="same").padding == 1
    explorer = SlidingWindow("counting", "ones", kernel_size=(5, 3), dilation=2)
    explorer.padding = "same"
    assert (explorer.padding, explorer.output_size) == ((4, 2), explorer.input_size)
    with pytest.raises(ValueError, match="stride"):
        SlidingWindow("counting", "ones", padding="same", stride=2)


def test_layer_of_pytorch_is_shown_with_its_own_weights():
    torch.manual_seed(0)
    layer = torch.nn.Conv2d(4, 2, (3, 2), stride=(2, 1), padding=(1, 0), groups=2, padding_mode="reflect")
    image = torch.rand(1, 4, 6, 5)

    assert np.allclose(SlidingWindow.from_layer(layer, image).output, layer(image)[0].detach().numpy(), atol=1e-6)


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize(
    ("wrong", "error", "named"),
    [
        ({"strides": 2}, TypeError, "stride"),
        ({"paddings": 2}, TypeError, "padding"),
        ({"input": "cat"}, ValueError, "counting"),
        ({"weight": "cat"}, ValueError, "box_blur"),
        ({"input": [1, 2, 3]}, ValueError, "(3,)"),
        ({"input": [["a", "b"]]}, TypeError, "a"),
        ({"show": ["strides"]}, ValueError, "strides"),
        ({"padding_mode": "mirror"}, ValueError, "reflect"),
        ({"stride": 0}, ValueError, "0"),
        ({"padding": -1}, ValueError, "-1"),
        ({"position": 3}, ValueError, "3"),
        ({"position": ("a", 0)}, ValueError, "'a'"),
        ({"in_channels": 2, "weight": [[1]], "groups": 3}, ValueError, "3"),
        ({"input": [[1, 2], [3, 4]], "input_size": 5}, ValueError, "input_size"),
        ({"weight": [[1]], "kernel_size": (3, 1)}, ValueError, "(1, 1)"),
        ({"input": [[1, 2], [3, 4]], "in_channels": 2}, ValueError, "in_channels"),
        ({"weight": [[1]], "out_channels": 2}, ValueError, "out_channels"),
        ({"input": np.zeros((3, 224, 224))}, ValueError, "FilterBench"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said(lang, wrong, error, named):
    language(lang)
    with pytest.raises(error) as told:
        SlidingWindow(**wrong)

    assert named in str(told.value)
    assert any("가" <= letter <= "힣" for letter in str(told.value)) == (lang == "ko")


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize(
    ("wrong", "error", "named"),
    [
        ((torch.nn.Linear(4, 2), torch.zeros(1, 4, 4)), TypeError, "Linear"),
        ((torch.nn.Conv2d(1, 1, 3), torch.zeros(3, 5, 5)), ValueError, "3"),
        ((torch.nn.Conv2d(3, 1, 3), torch.zeros(2, 3, 5, 5)), ValueError, "(2, 3, 5, 5)"),
        ((torch.nn.Conv2d(1, 1, 2, padding="same"), torch.zeros(1, 5, 5)), ValueError, "(2, 2)"),
    ],
    ids=["kind", "channels", "batch", "padding"],
)
def test_layer_that_cannot_be_shown_is_refused(lang, wrong, error, named):
    language(lang)
    with pytest.raises(error) as told:
        SlidingWindow.from_layer(*wrong)

    assert named in str(told.value)
    assert any("가" <= letter <= "힣" for letter in str(told.value)) == (lang == "ko")


def test_misspelt_attribute_is_refused_and_the_nearest_named():
    explorer = SlidingWindow()

    with pytest.raises(AttributeError, match="'stride'"):
        explorer.strides = 2
    with pytest.raises(ValueError, match="position"):
        explorer.position = 3
    assert (explorer.stride, explorer.position) == (1, (0, 0))


@pytest.mark.parametrize("name", ["in_channels", "out_channels"])
def test_there_is_at_least_one_channel_and_one_filter(name):
    with pytest.raises(ValueError, match=f"{name} takes a whole number from 1 to 4000. It was given 0"):
        SlidingWindow(**{name: 0})


def test_sizes_that_an_array_has_itself_may_be_given_beside_it():
    explorer = SlidingWindow(
        np.ones((2, 4, 5)), np.ones((3, 2, 2, 2)), input_size=(4, 5), kernel_size=2, in_channels=2, out_channels=3
    )

    assert explorer.output.shape == (3, 3, 4)


def test_more_numbers_than_can_be_read_are_refused_and_all_that_sliders_reach_is_not():
    highest = {name: highest for name, (_, highest) in LIMITS.items()}
    explorer = SlidingWindow(show="all")
    explorer.restore(highest)

    with pytest.raises(ValueError, match="4,000"):
        explorer.input_size = 40
    with pytest.raises(ValueError, match="4,000"):
        explorer.padding = 30
    with pytest.raises(ValueError, match="4,000"):
        explorer.input = np.zeros((1, 64, 64))
    assert {name: getattr(explorer.view, name) for name in LIMITS} == highest


@pytest.mark.parametrize("wide", [5, 28])
def test_numbers_of_a_figure_stay_within_their_cells(wide):
    figure = SlidingWindow("counting", "emboss", input_size=(4, wide), bias=1.125, whole_map=True).figure()
    figure.canvas.draw()

    for ax in figure.axes:
        (left, _), (right, _) = ax.transData.transform([(0, 0), (1, 0)])
        assert max(text.get_window_extent().width for text in ax.texts) < right - left


def test_figure_is_the_frame_on_screen():
    explorer = SlidingWindow(
        "counting", [[1, 0], [0, -1]], bias=[0.5], stride=2, dilation=2, padding=1, input_size=(5, 4), position=(1, 0)
    )
    figure = explorer.figure()
    inputs, _, maps = figure.axes
    hatched = {patch.get_xy()[::-1] for patch in inputs.patches if patch.get_hatch()}
    rows, columns = geometry.unreached((5, 4), 2, 2, 1, 2)
    tapped = {patch.get_xy()[::-1] for patch in inputs.patches if patch.get_alpha() == 0.3}

    assert hatched == {(r, c) for r in range(7) for c in range(6) if r in rows or c in columns}
    assert tapped == {(2, 0), (2, 2), (4, 0), (4, 2)}
    assert [text.get_text() for text in maps.texts][:3] == ["−5.5", "−7.5", "−13.5"]
    assert figure.get_supxlabel() == "$O$$[1, 0]$ = −14 + 0.5 = −13.5"


def test_film_that_cannot_be_written_is_refused_before_it_is_drawn(tmp_path):
    explorer = SlidingWindow()

    with pytest.raises(FileNotFoundError, match=r"There is no folder .*nowhere"):
        explorer.save_gif(tmp_path / "nowhere" / "film.gif")
    with pytest.raises(ValueError, match="seconds_per_window"):
        explorer.save_gif(tmp_path / "film.gif", seconds_per_window=0)


def test_frame_comes_as_a_picture_alike_every_time():
    bundles = [SlidingWindow("cross", "sharpen")._repr_mimebundle_()[0] for _ in range(2)]

    assert bundles[0]["image/png"] == bundles[1]["image/png"]
    assert bundles[0]["text/plain"] == (
        "SlidingWindow(in_channels=1, out_channels=1, input_size=5, kernel_size=3, padding=0, stride=1, dilation=1)"
    )


def test_film_becomes_a_gif_of_one_picture_a_window(tmp_path, capsys):
    from PIL import Image

    explorer = SlidingWindow("counting", "ones", input_size=4, kernel_size=3, position=(1, 0))
    explorer.save_gif(tmp_path / "film.gif", seconds_per_window=0.2)

    with Image.open(tmp_path / "film.gif") as film:
        assert film.n_frames == 4
        assert film.info["duration"] == 200
    assert explorer.position == (1, 0)
    capsys.readouterr()
