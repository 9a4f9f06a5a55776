"""The explorers that the browser tests and the contact sheets show, each in the states worth seeing."""

# A small net with the weights it was born with, and handwritten digits.
NET = (
    "(lambda torch: torch.manual_seed(0) and torch.nn.Sequential(torch.nn.Conv2d(1, 8, 3, padding=1), torch.nn.ReLU(), "
    "torch.nn.Conv2d(8, 16, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(4), torch.nn.Flatten(), torch.nn.Linear(64, 10)))"
    "(__import__('torch'))"
)
DIGITS = "(__import__('sklearn.datasets').datasets.load_digits().images / 16)"

EXPLORERS = {
    "sliding_window": 'SlidingWindow("random", "sharpen", bias=1, in_channels=2, out_channels=2, padding=1, show="all")',
    "sliding_window_layer": 'SlidingWindow("digit", "vertical_edge", stride=2, padding=1, dilation=2, padding_mode="reflect", '
    'input_size=(7, 6), whole_map=True, show=("stride", "dilation", "padding_mode", "flipped"))',
    "sliding_window_large": 'SlidingWindow("cross", "gaussian_blur", bias=0.5, large=True)',
    "sliding_window_impossible": 'SlidingWindow("counting", "ones", kernel_size=5, input_size=4)',
    "filter_bench": 'FilterBench("china", "vertical_edge")',
    "filter_bench_color": 'FilterBench("flower", "sharpen", kernel_size=5, padding=2, stride=2, color=True, large=True)',
    "channel_mixer": "ChannelMixer()",
    "channel_mixer_five": 'ChannelMixer("china", "unlike", bias=-20, kernel_size=5, out_channels=3, channels=(True, False, True), '
    "filter=2, depthwise=True, position=(0, 255))",
    "channel_mixer_sepia": 'ChannelMixer("flower", "sepia", depthwise=True, large=True)',
    "coverage_map": "CoverageMap(position=(1, 1))",
    "coverage_map_dilated": "CoverageMap((9, 12), (3, 2), stride=2, padding=(2, 1), dilation=(2, 1), position=(-1, 4))",
    "coverage_map_impossible": "CoverageMap(4, 7, padding=1, large=True)",
    "border_effect": "BorderEffect()",
    "border_effect_edge": 'BorderEffect("flower", "sharpen", kernel_size=7, corner="bottom_right", position=(14, 15), large=True)',
    "equivariance": "Equivariance(shift=(1, 2))",
    "equivariance_border": 'Equivariance("random", "box_blur", padding=2, kernel_size=5, shift=(-2, 4), wrap=True, stride=2)',
    "equivariance_between": 'Equivariance("digit", "sharpen", stride=2, shift=(1, 3), large=True)',
    "receptive_field": "ReceptiveField([(3, 1, 1), (3, 2, 1)])",
    "receptive_field_deep": 'ReceptiveField("vgg", 28, layer=6, unit=0)',
    "receptive_field_dilated": 'ReceptiveField([(3, 2, 1), (3, 1, 2, 2), ("pool", 3, 2, 1)], 18, layer=2, unit=3, large=True)',
    "receptive_field_impossible": "ReceptiveField([(3, 2), (7, 1)], 8)",
    "shape_calculator": "ShapeCalculator(14, 4, stride=3, padding=1)",
    "shape_calculator_apart": 'ShapeCalculator((18, 31), (3, 5), stride=(2, 4), padding=(1, 0), dilation=(2, 1), ask="stride")',
    "shape_calculator_impossible": 'ShapeCalculator(4, 3, stride=2, dilation=3, ask="kernel_size", wanted=3, large=True)',
    "matrix_view": "MatrixView()",
    "matrix_view_large_matrix": 'MatrixView("digit", "vertical_edge", padding=1, input_size=6, row=8)',
    "matrix_view_windows": 'MatrixView("random", "sharpen", padding=1, stride=2, input_size=(5, 6), form="im2col", row=3, large=True)',
    "matrix_view_impossible": "MatrixView(kernel_size=4, input_size=(3, 5))",
    "feature_maps": f"FeatureMaps({NET}, {DIGITS}[:10], unit=(3, 5, 2, 4))",
    "feature_maps_empty": f"FeatureMaps({NET}, unit=(7, 3, 0, 0), classes=list('abcdefghij'), large=True)",
    "predict": 'Predict("one_channel.predict_2")',
    "predict_answered": '(prediction := Predict("padding.predict_1"), setattr(prediction.view, "answer", prediction.view.options[1]))[0]',
    "predict_typed": 'Predict("shape.predict_1", typed=True)',
    "shape_quiz": "ShapeQuiz(seed=1)",
    "shape_quiz_answered": '(quiz := ShapeQuiz(seed=1), setattr(quiz.view, "history", [{"kind": "output", "given": "6", "right": False, '
    '"mistake": "no_plus_one"}]), setattr(quiz.view, "explaining", True))[0]',
}


def show(lab, code, language="en"):
    """Show the explorer that ``code`` makes in a new cell, its module's names at hand."""
    sliders = lab.run_cell(
        "import os; os.environ['LESSONLIB_PROGRESS'] = 'off'\n"
        f"import lessonlib\nfrom lessonlib import *\nlessonlib.language({language!r})\nexplorer = {code}\n"
        "print(explorer.view.slider_count)\ndisplay(explorer)"
    ).split("\n")[0]
    lab.wait(lambda: lab.page.locator(".cl-explorer .cl-view > *").count() > 0, "the explorer is drawn")
    lab.wait(
        lambda: lab.page.locator(".cl-explorer .noUi-handle[aria-label]").count() >= int(sliders),
        "its sliders are named",
    )
