"""Questions of lesson 10: stacks made with `nn.Sequential`."""

from lessonlib.extras import needs
from lessonlib.lessons import mistakes as m
from lessonlib.lessons import slips
from lessonlib.questions.core import Question
from lessonlib.questions.modules import ModuleQuestion


def _draw_stack(rng):
    h, w = rng.randint(20, 40), rng.randint(60, 120)
    return {
        "n": rng.randint(2, 32),
        "h": h,
        "w": w,
        "widths": [3, *rng.sample(range(4, 40), 3)],
        "k": rng.choice([3, 5]),
    }


def _output(n, h, w, widths, k, lost=None, channels=None):
    lost = (len(widths) - 1) * (k - 1) if lost is None else lost
    return n, widths[-1] if channels is None else channels, h - lost, w - lost


def _output_fields(n, h, w, widths, k):
    layers = len(widths) - 1
    return {"filters": ", ".join(map(str, widths[1:])), "each": k - 1, "layers": layers, "lost": layers * (k - 1)}


def _draw_second(rng):
    image, c, o = rng.sample(range(3, 24), 3)
    return {"image": image, "c": c, "o": o, "k": rng.choice([3, 5])}


# The names that these slips have here.
_NAMES = {"bias_per_input_channel_counted": "bias_per_input_filter"}


def _count_doubts(image, c, o, k):
    both = frozenset({"input_channels_not_counted", "bias_not_counted"})
    for names, value in slips.parameters(c, o, k):
        named = names | {"channels_and_bias_not_counted"} if names == both else names
        yield frozenset(_NAMES.get(name, name) for name in named), value


def _draw_slice(rng):
    return {"widths": [3, *rng.sample(range(4, 40), 6)], "stop": rng.choice([2, 4, 6])}


def _slice_fields(widths, stop):
    return {"filters": ", ".join(map(str, widths[1:])), "layers": len(widths) - 1, "convs": stop // 2, "last": stop - 1}


# The module that is asked for. PyTorch is imported inside: a lesson's questions are read without it.


def _stack(second_in=6, order=("conv", "relu", "conv", "relu"), widths=(6, 4), padding=1, bias=True):
    nn = needs("torch").nn

    pairs = iter([(3, widths[0]), (second_in, widths[1])])
    make = {"conv": lambda: nn.Conv2d(*next(pairs), 3, padding=padding, bias=bias), "relu": nn.ReLU}
    return nn.Sequential(*[make[kind]() for kind in order])


QUESTIONS = [
    Question(
        "sequential.predict_1",
        kind="shape",
        first={"n": 32, "h": 28, "w": 298, "widths": [3, 10, 20, 30], "k": 3},
        draw=_draw_stack,
        right=_output,
        mistakes={
            "one_layer_only": lambda n, h, w, widths, k: _output(n, h, w, widths, k, lost=k - 1),
            "size_stays_in_shape": lambda n, h, w, widths, k: _output(n, h, w, widths, k, lost=0),
            "kernel_lost_each": lambda n, h, w, widths, k: _output(n, h, w, widths, k, lost=(len(widths) - 1) * k),
            "relus_shrink_too": lambda n, h, w, widths, k: _output(
                n, h, w, widths, k, lost=(len(widths) - 1) * 2 * (k - 1)
            ),
            "maps_pile_up": lambda n, h, w, widths, k: _output(n, h, w, widths, k, channels=sum(widths[1:])),
            "maps_multiply": lambda n, h, w, widths, k: _output(
                n, h, w, widths, k, channels=widths[1] * widths[2] * widths[3]
            ),
            "channels_stay": lambda n, h, w, widths, k: _output(n, h, w, widths, k, channels=widths[0]),
            "batch_forgotten": lambda n, h, w, widths, k: _output(n, h, w, widths, k)[1:],
            "channels_last": lambda n, h, w, widths, k: (n, *_output(n, h, w, widths, k)[2:], widths[-1]),
        },
        fields=_output_fields,
    ),
    Question(
        "sequential.predict_2",
        kind="number",
        first={"image": 3, "c": 10, "o": 20, "k": 3},
        draw=_draw_second,
        right=lambda image, c, o, k: o * c * k * k + o,
        mistakes={
            "image_channels_counted": lambda image, c, o, k: o * image * k * k + o,
            **m.some(m.bias_not_counted, m.input_channels_not_counted, m.one_filter_counted),
            "bias_per_input_filter": lambda image, c, o, k: o * c * k * k + c,
            **m.some(
                m.kernel_side_not_squared,
                m.one_bias_counted,
                m.channels_and_bias_not_counted,
                m.bias_per_kernel_counted,
                m.bias_per_weight_counted,
            ),
            "both_layers_counted": lambda image, c, o, k: o * c * k * k + o + c * image * k * k + c,
        },
        doubts=_count_doubts,
    ),
    Question(
        "sequential.weight",
        kind="shape",
        first={"image": 3, "c": 20, "o": 30, "kh": 3, "kw": 5},
        draw=lambda rng: dict(
            zip(
                ("image", "c", "o", "kh", "kw"),
                [*rng.sample(range(8, 30), 3), *rng.sample(range(2, 8), 2)],
                strict=True,
            )
        ),
        right=m.weight_shape,
        mistakes={
            "image_planes": lambda image, c, o, kh, kw: (o, image, kh, kw),
            **m.some(
                m.filter_is_flat,
                m.weight_without_input_channels,
                m.weight_in_out_swapped,
                m.weight_channels_last,
                m.kernel_sides_swapped,
                m.filter_channels_last,
                m.filters_last,
                m.one_filter_as_weight,
            ),
        },
    ),
    Question(
        "sequential.slice",
        kind="number",
        first={"widths": [3, 8, 16, 24, 32, 40, 48], "stop": 4},
        draw=_draw_slice,
        right=lambda widths, stop: widths[stop // 2],
        mistakes={
            "relus_not_counted": lambda widths, stop: widths[stop],
            "end_included": lambda widths, stop: widths[stop // 2 + 1] if stop < 6 else None,
            "whole_stack": lambda widths, stop: widths[-1] if stop < 6 else None,
            "images_channels": lambda widths, stop: widths[0],
            "one_layer_too_few": lambda widths, stop: widths[stop // 2 - 1] if stop > 2 else None,
        },
        doubts=slips.others(
            right=lambda widths, stop: widths[stop // 2],
            maps_of_the_layers_added=lambda widths, stop: sum(widths[1 : stop // 2 + 1]),
            number_of_convolutions=lambda widths, stop: stop // 2,
            number_of_layers=lambda widths, stop: stop,
        ),
        fields=_slice_fields,
    ),
    ModuleQuestion(
        "sequential.stack",
        input=(2, 3, 8, 9),
        build=_stack,
        mistakes={
            "wrong_in_channels": lambda: _stack(second_in=3),
            "relus_missing": lambda: _stack(order=("conv", "conv")),
            "last_relu_missing": lambda: _stack(order=("conv", "relu", "conv")),
            "relu_only_at_the_end": lambda: _stack(order=("conv", "conv", "relu")),
            "relus_in_front": lambda: _stack(order=("relu", "conv", "relu", "conv")),
            "padding_missing": lambda: _stack(padding=0),
            "too_much_padding": lambda: _stack(padding=2),
            "biases_missing": lambda: _stack(bias=False),
            "filters_the_other_way_round": lambda: _stack(second_in=4, widths=(4, 6)),
        },
    ),
]
