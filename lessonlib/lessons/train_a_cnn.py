"""Questions of lesson 12: one step of learning, the sizes of a small CNN, what it does wrong, digits that have moved."""

from lessonlib.extras import needs
from lessonlib.geometry import output_size
from lessonlib.lessons import slips
from lessonlib.questions.core import Question
from lessonlib.questions.modules import ModuleQuestion

# One weight w sees one pixel x; the output w · x should be t, and the loss is (w · x − t)².


def _step(x, w, t, rate):
    return round(w - rate * 2 * (w * x - t) * x, 10)


def _draw_step(rng):
    return {
        "x": rng.choice([2, 3, 4, 5]),
        "w": rng.choice([1, 2, 3]),
        "t": rng.randint(10, 24),
        "rate": rng.choice([0.01, 0.02]),
    }


def _step_fields(x, w, t, rate):
    error = w * x - t
    return {"out": w * x, "error": error, "gradient": 2 * error * x}


# A stack: Conv2d(1, b, 3, padding=1), Conv2d(b, c, 3, padding=1), MaxPool2d(p), Flatten, Linear(…, 10), on n × n.


def _features(n, b, c, p):
    return c * output_size(n, p, p) ** 2


def _draw_stack(rng):
    p = rng.choice([2, 3, 4])
    return {"n": p * rng.randint(3, 8), "b": rng.choice([4, 5, 6, 7]), "c": rng.choice([8, 10, 12, 14]), "p": p}


def _feature_fields(n, b, c, p):
    return {"side": n // p}


def _draw_widths(rng):
    b, c, side = rng.choice([4, 5, 6, 7, 8]), rng.choice([10, 12, 14, 16]), rng.choice([1, 2, 3])
    return {"b": b, "c": c, "f": c * side**2}  # the maps are side × side after pooling


def _parameters(b, c, f, bias=True, below=None):
    convolutions = 9 * b + 9 * (b if below is None else below) * c
    return convolutions + 10 * f + (b + c + 10 if bias else 0)


def _parameter_fields(b, c, f):
    return {"first": 9 * b + b, "second": 9 * b * c + c, "last": 10 * f + 10}


# A confusion matrix of three classes: counts[true][predicted].


def _draw_counts(rng):
    small = rng.sample(range(1, 12), 6)
    right = rng.sample(range(30, 50), 3)
    counts = [[right[i] if i == j else small.pop() for j in range(3)] for i in range(3)]
    true, taken = rng.sample(range(3), 2)
    return {"counts": counts, "true": true, "taken": taken}


def _cells(counts, true, taken):
    """Every other cell of the matrix, read by a slip of the eye."""
    known = {(true, taken): "", (taken, true): "rows_and_columns_mixed_up", (true, true): "right_ones_counted"}
    for i, row in enumerate(counts):
        for j, count in enumerate(row):
            if name := known.get((i, j), f"cell_{i}_{j}"):
                yield frozenset({name}), count


# A CNN that takes the largest value of each whole map. PyTorch is imported inside: a lesson's questions are read without it.


def _global_net(pool=8, features=16, relu=True, flatten=True, padding=1, softmax=False, average=False):
    nn = needs("torch").nn

    activation = [nn.ReLU()] if relu else []
    layers = [nn.Conv2d(1, 8, 3, padding=padding), *activation, nn.Conv2d(8, 16, 3, padding=padding), *activation]
    pooling = nn.AvgPool2d(pool) if average else nn.MaxPool2d(pool)
    layers += [pooling, *([nn.Flatten()] if flatten else []), nn.Linear(features, 10)]
    return nn.Sequential(*layers, *([nn.Softmax(dim=1)] if softmax else []))


QUESTIONS = [
    Question(
        "train_a_cnn.predict_1", kind="choice", mistakes=("nothing_is_lost", "both_lose_alike", "position_is_forgotten")
    ),
    Question(
        "train_a_cnn.predict_2",
        kind="number",
        first={"n": 12, "b": 5, "c": 10, "p": 2},
        draw=_draw_stack,
        right=_features,
        mistakes={
            "no_pooling_counted": lambda n, b, c, p: c * n * n,
            "features_without_channels": lambda n, b, c, p: (n // p) ** 2,
            "features_of_one_side": lambda n, b, c, p: c * (n // p),
            "features_of_raw_input": lambda n, b, c, p: n * n,
            "convolutions_shrink": lambda n, b, c, p: c * ((n - 4) // p) ** 2,
            "channels_of_first_layer": lambda n, b, c, p: b * (n // p) ** 2,
            "channels_multiplied": lambda n, b, c, p: b * c * (n // p) ** 2,
            "pooling_by_area": lambda n, b, c, p: c * n * n // p,
        },
        doubts=slips.others(one_convolution_shrinks=lambda n, b, c, p: c * ((n - 2) // p) ** 2),
        fields=_feature_fields,
    ),
    Question(
        "train_a_cnn.step",
        kind="number",
        first={"x": 3, "w": 1, "t": 12, "rate": 0.01},
        draw=_draw_step,
        right=_step,
        mistakes={
            "step_uphill": lambda x, w, t, rate: round(w + rate * 2 * (w * x - t) * x, 10),
            "two_forgotten": lambda x, w, t, rate: round(w - rate * (w * x - t) * x, 10),
            "pixel_forgotten": lambda x, w, t, rate: round(w - rate * 2 * (w * x - t), 10),
            "rate_forgotten": lambda x, w, t, rate: w - 2 * (w * x - t) * x,
            "gradient_given": lambda x, w, t, rate: 2 * (w * x - t) * x,
            "solved_at_once": lambda x, w, t, rate: t / x,
            "two_and_pixel_forgotten": lambda x, w, t, rate: round(w - rate * (w * x - t), 10),
            "loss_subtracted": lambda x, w, t, rate: round(w - rate * (w * x - t) ** 2, 10),
            "change_given": lambda x, w, t, rate: round(-rate * 2 * (w * x - t) * x, 10),
        },
        doubts=slips.others(
            weight_for_pixel=lambda x, w, t, rate: round(w - rate * 2 * (w * x - t) * w, 10),
            to_a_whole_number=lambda x, w, t, rate: round(_step(x, w, t, rate)),
            error_halved=lambda x, w, t, rate: round(w + rate * (w * x - t) * x / 2, 10),
        ),
        fields=_step_fields,
    ),
    Question(
        "train_a_cnn.parameters",
        kind="number",
        first={"b": 8, "c": 16, "f": 64},
        draw=_draw_widths,
        right=_parameters,
        mistakes={
            "bias_not_counted": lambda b, c, f: _parameters(b, c, f, bias=False),
            "input_channels_not_counted": lambda b, c, f: _parameters(b, c, f, below=1),
            "linear_left_out": lambda b, c, f: _parameters(b, c, 0) - 10,
            "linear_alone": lambda b, c, f: 10 * f + 10,
            "weights_not_shared": lambda b, c, f: 64 * (10 * b + 9 * b * c + c) + 10 * f + 10,
            "kernel_side_not_squared": lambda b, c, f: 3 * b + b + 3 * b * c + c + 10 * f + 10,
            "linear_bias_left_out": lambda b, c, f: _parameters(b, c, f) - 10,
            "convolutions_biases_left_out": lambda b, c, f: _parameters(b, c, f) - b - c,
        },
        doubts=slips.others(
            right=_parameters,
            ten_less=lambda b, c, f: _parameters(b, c, f) - 10,
            ten_more=lambda b, c, f: _parameters(b, c, f) + 10,
        ),
        fields=_parameter_fields,
    ),
    Question(
        "train_a_cnn.confusion",
        kind="number",
        first={"counts": [[46, 3, 1], [5, 38, 7], [2, 4, 44]], "true": 1, "taken": 2},
        draw=_draw_counts,
        right=lambda counts, true, taken: counts[true][taken],
        mistakes={
            "rows_and_columns_mixed_up": lambda counts, true, taken: counts[taken][true],
            "all_of_the_row": lambda counts, true, taken: sum(counts[true]) - counts[true][true],
            "all_of_the_column": lambda counts, true, taken: sum(row[taken] for row in counts) - counts[taken][taken],
            "right_ones_counted": lambda counts, true, taken: counts[true][true],
            "row_added_up": lambda counts, true, taken: sum(counts[true]),
            "column_added_up": lambda counts, true, taken: sum(row[taken] for row in counts),
            "both_ways_added": lambda counts, true, taken: counts[true][taken] + counts[taken][true],
        },
        doubts=_cells,
        fields=lambda counts, true, taken: {"row": counts[true]},
    ),
    ModuleQuestion(
        "train_a_cnn.whole_map",
        input=(2, 1, 8, 8),
        build=_global_net,
        mistakes={
            "pool_of_four": lambda: _global_net(pool=4, features=64),
            "features_not_changed": lambda: _global_net(features=64),
            "pool_not_changed": lambda: _global_net(pool=4),
            "flatten_missing": lambda: _global_net(flatten=False),
            "averaged": lambda: _global_net(average=True),
            "relu_missing": lambda: _global_net(relu=False),
            "padding_missing": lambda: _global_net(padding=0),
            "padding_missing_fitted": lambda: _global_net(padding=0, pool=4),
            "softmax_added": lambda: _global_net(softmax=True),
        },
    ),
]
