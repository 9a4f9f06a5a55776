"""The names that a lesson imports; `lazy_loader` reads them here, and so do editors and type checkers."""

from .explorers.border_effect import BorderEffect as BorderEffect
from .explorers.channel_mixer import ChannelMixer as ChannelMixer
from .explorers.coverage_map import CoverageMap as CoverageMap
from .explorers.equivariance import Equivariance as Equivariance
from .explorers.feature_maps import FeatureMaps as FeatureMaps
from .explorers.filter_bench import FilterBench as FilterBench
from .explorers.matrix_view import MatrixView as MatrixView
from .explorers.receptive_field import ReceptiveField as ReceptiveField
from .explorers.shape_calculator import ShapeCalculator as ShapeCalculator
from .explorers.sliding_window import SlidingWindow as SlidingWindow
from .figures import (
    draw_numbers as draw_numbers,
)
from .figures import (
    filter_planes as filter_planes,
)
from .figures.activations import (
    draw_activations as draw_activations,
)
from .figures.activations import (
    draw_maps as draw_maps,
)
from .figures.learning import (
    draw_confusion as draw_confusion,
)
from .figures.learning import (
    draw_curves as draw_curves,
)
from .figures.learning import (
    draw_images as draw_images,
)
from .figures.learning import (
    draw_kernels as draw_kernels,
)
from .figures.shapes import layer_shapes as layer_shapes
from .geometry import (
    Layer as Layer,
)
from .geometry import (
    effective_kernel_size as effective_kernel_size,
)
from .geometry import (
    kernels_for as kernels_for,
)
from .geometry import (
    output_size as output_size,
)
from .geometry import (
    paddings_for as paddings_for,
)
from .geometry import (
    parameter_count as parameter_count,
)
from .geometry import (
    receptive_field as receptive_field,
)
from .geometry import (
    receptive_field_of as receptive_field_of,
)
from .geometry import (
    resolve_padding as resolve_padding,
)
from .geometry import (
    size_before_floor as size_before_floor,
)
from .geometry import (
    strides_for as strides_for,
)
from .geometry import (
    window_starts as window_starts,
)
from .geometry import (
    windows_reading as windows_reading,
)
from .layers.conv import (
    conv2d as conv2d,
)
from .layers.conv import (
    conv2d_loops as conv2d_loops,
)
from .layers.conv import (
    conv2d_matmul as conv2d_matmul,
)
from .layers.conv import (
    conv2d_windows as conv2d_windows,
)
from .layers.conv import (
    conv_matrix as conv_matrix,
)
from .layers.conv import (
    flip as flip,
)
from .layers.conv import (
    im2col as im2col,
)
from .layers.conv import (
    pad as pad,
)
from .learner import progress as progress
from .photos import (
    CREDITS as CREDITS,
)
from .photos import (
    photograph as photograph,
)
from .questions import question as question
from .questions.core import Question as Question
from .questions.own import Mistake as Mistake
from .questions.predict import Predict as Predict
from .questions.shape_quiz import ShapeQuiz as ShapeQuiz
from .questions.verdict import Verdict as Verdict
from .sentences import language as language
from .summary import summarize as summarize

__version__: str
