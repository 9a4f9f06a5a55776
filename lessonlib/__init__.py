"""What the lessons of this course import.

Every name is loaded when it is first used, so that ``import lessonlib`` costs nothing: a lesson that never trains a
network never loads PyTorch, and one that draws nothing never loads matplotlib.
"""

from importlib import import_module

# Loaded at once, or the module of the same name would stand in its place. It needs only the standard library.
from lessonlib.sentences import language

# Public name → the module it lives in.
_HOME = {
    "conv2d": "layers.conv",
    "conv2d_loops": "layers.conv",
    "conv2d_windows": "layers.conv",
    "conv2d_matmul": "layers.conv",
    "conv_matrix": "layers.conv",
    "flip": "layers.conv",
    "im2col": "layers.conv",
    "pad": "layers.conv",
    "Layer": "geometry",
    "coverage": "geometry",
    "effective_kernel_size": "geometry",
    "kernels_for": "geometry",
    "output_size": "geometry",
    "paddings_for": "geometry",
    "parameter_count": "geometry",
    "receptive_field": "geometry",
    "receptive_field_of": "geometry",
    "remainder": "geometry",
    "resolve_padding": "geometry",
    "size_before_floor": "geometry",
    "strides_for": "geometry",
    "unreached": "geometry",
    "window": "geometry",
    "window_starts": "geometry",
    "windows_reading": "geometry",
    "kernel": "presets",
    "summarize": "summary",
    "layer_shapes": "figures.shapes",
    "curves": "figures.activations",
    "draw_maps": "figures.activations",
    "filter_planes": "figures",
    "numbers": "figures",
    "draw_confusion": "figures.learning",
    "draw_curves": "figures.learning",
    "draw_images": "figures.learning",
    "draw_kernels": "figures.learning",
    "CREDITS": "photos",
    "photograph": "photos",
    "picture": "presets",
    "question": "questions",
    "progress": "learner",
    "Equivariance": "explorers.equivariance",
    "ChannelMixer": "explorers.channel_mixer",
    "BorderEffect": "explorers.border_effect",
    "CoverageMap": "explorers.coverage_map",
    "FeatureMaps": "explorers.feature_maps",
    "FilterBench": "explorers.filter_bench",
    "MatrixView": "explorers.matrix_view",
    "Predict": "questions.predict",
    "ReceptiveField": "explorers.receptive_field",
    "ShapeCalculator": "explorers.shape_calculator",
    "ShapeQuiz": "questions.shape_quiz",
    "SlidingWindow": "explorers.sliding_window",
}

__all__ = ["language", *_HOME]


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module 'lessonlib' has no attribute {name!r}")
    home = import_module(f"lessonlib.{_HOME[name]}")
    value = getattr(home, name) if hasattr(home, name) else import_module(f"{home.__name__}.{name}")
    globals()[name] = value
    return value


def __dir__():
    return sorted({*globals(), *_HOME})
