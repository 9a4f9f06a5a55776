"""Named kernels and inputs: they exist at every size, and what a kernel's name promises is what it does to a picture."""

from itertools import product

import numpy as np
import pytest

from lessonlib import conv2d
from lessonlib.presets import INPUTS, KERNELS, kernel, picture

SIZES = [*product(range(1, 8), repeat=2)]


def after(name, image, size=3):
    """Return what a named kernel makes of an image (H, W)."""
    return conv2d([image], [[kernel(name, (size, size))]])[0]


def brighter(axis, size=9):
    """Return an image that gets brighter to the right (axis 1) or downwards (axis 0)."""
    ramp = np.arange(size, dtype=float)
    return np.broadcast_to(ramp if axis == 1 else ramp[:, None], (size, size))


@pytest.mark.parametrize("name", KERNELS)
def test_kernel_exists_at_every_size(name):
    for size in SIZES:
        values = kernel(name, size)
        assert values.shape == size
        assert np.isfinite(values).all()


@pytest.mark.parametrize("name", INPUTS)
def test_input_exists_at_every_size_in_whole_numbers(name):
    for size in product(range(1, 13), repeat=2):
        values = picture(name, size, channel=1, seed=2)
        assert values.shape == size
        assert (values == values.round()).all()


def test_vertical_edge_answers_to_vertical_edges_only():
    assert (after("vertical_edge", brighter(1)) > 0).all()
    assert (after("vertical_edge", brighter(1)[:, ::-1]) < 0).all()
    assert not after("vertical_edge", brighter(0)).any()


def test_horizontal_edge_answers_to_horizontal_edges_only():
    assert (after("horizontal_edge", brighter(0)) > 0).all()
    assert (after("horizontal_edge", brighter(0)[::-1]) < 0).all()
    assert not after("horizontal_edge", brighter(1)).any()


def test_emboss_is_lit_from_the_top_left():
    flat = np.full((5, 5), 4.0)

    assert (after("emboss", flat) == flat[1:-1, 1:-1]).all()
    assert (after("emboss", brighter(1)) > brighter(1)[1:-1, 1:-1]).all()
    assert (after("emboss", brighter(0)) > brighter(0)[1:-1, 1:-1]).all()


@pytest.mark.parametrize("name", ["identity", "box_blur", "gaussian_blur", "sharpen"])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7])
def test_these_keep_even_brightness(name, size):
    assert np.allclose(after(name, np.full((8, 8), 6.0), size), 6)


@pytest.mark.parametrize("size", [1, 3, 5])
def test_identity_changes_nothing(size):
    image = picture("random", (8, 9), seed=4)
    border = size // 2

    assert np.array_equal(after("identity", image, size), image[border : 8 - border, border : 9 - border])


def test_blurs_bring_neighbours_closer_and_sharpen_drives_them_apart():
    image = picture("step_edge", (8, 8))
    step = np.abs(np.diff(image)).max()

    assert np.abs(np.diff(after("box_blur", image))).max() < step
    assert np.abs(np.diff(after("gaussian_blur", image))).max() < step
    assert np.abs(np.diff(after("sharpen", image))).max() > step


def test_gaussian_blur_is_the_outer_product_of_binomial_coefficients():
    assert np.array_equal(kernel("gaussian_blur", (3, 3)) * 16, [[1, 2, 1], [2, 4, 2], [1, 2, 1]])


def test_random_follows_its_seed():
    assert np.array_equal(kernel("random", (3, 4), seed=5), kernel("random", (3, 4), seed=5))
    assert not np.array_equal(kernel("random", (3, 4), seed=5), kernel("random", (3, 4), seed=6))
    assert not np.array_equal(picture("random", (4, 4), channel=0), picture("random", (4, 4), channel=1))


def test_unknown_names_are_refused():
    with pytest.raises(KeyError):
        kernel("cat", (3, 3))
    with pytest.raises(KeyError):
        picture("cat", (3, 3))
