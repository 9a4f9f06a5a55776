"""Pictures of every kind that a learner brings, as 8-bit red, green and blue: upright, over white, or refused with a sentence."""

import numpy as np
import pytest
import torch
from PIL import Image

from lessonlib import ChannelMixer, FilterBench
from lessonlib.pictures import pixels_of

PLANE = np.arange(80, dtype=np.uint8).reshape(8, 10) * 3
COLOR = np.stack([PLANE, 255 - PLANE, PLANE // 2])


def pillow(array, mode=None):
    image = Image.fromarray(np.ascontiguousarray(array if array.ndim == 2 else array.transpose(1, 2, 0)))
    return image if mode is None else image.convert(mode)


def palette():
    image = (
        Image.fromarray((PLANE > 100).astype(np.uint8), "P")
        if False
        else pillow((PLANE > 100).astype(np.uint8)).convert("P")
    )
    image.putpalette([10, 20, 30, 200, 210, 220] + [0] * 762)
    return image


def turned():
    image = pillow(PLANE)
    image.getexif()[0x0112] = 6  # the camera lay on its side: turn by 90° to the right
    return image


def clear():
    color = np.dstack([*COLOR, np.where(PLANE > 100, 255, 0).astype(np.uint8)])
    return Image.fromarray(color)


def faded():
    return Image.merge("LA", [pillow(PLANE), pillow(np.where(PLANE > 100, 255, 0).astype(np.uint8))])


GREY = np.broadcast_to(PLANE, (3, 8, 10))
KINDS = {
    "L": (pillow(PLANE), GREY),
    "RGB": (pillow(COLOR), COLOR),
    "palette": (palette(), np.array([10, 20, 30])[:, None, None] + 190 * (PLANE > 100)),
    "on its side": (turned(), np.broadcast_to(np.rot90(PLANE, -1), (3, 10, 8))),
    "transparent": (clear(), np.where(PLANE > 100, COLOR, 255)),
    "grey and transparent": (faded(), np.where(PLANE > 100, GREY, 255)),
    "1 bit": (pillow(PLANE).point(lambda value: 255 * (value > 100), "1"), np.where(GREY > 100, 255, 0)),
    "16 bit": (Image.fromarray(PLANE.astype(np.uint16) * 257), GREY),
    "32 bit": (Image.fromarray(PLANE.astype(np.int32)), GREY),
    "float": (Image.fromarray((PLANE / 255).astype(np.float32)), GREY),
    "float to 255": (Image.fromarray(PLANE.astype(np.float32)), GREY),
    "array": (PLANE, GREY),
    "tensor that learns": (torch.tensor(COLOR / 255, requires_grad=True), COLOR),
    "tensor of 8 bits": (torch.tensor(COLOR), COLOR),
    "bfloat16": (torch.ones(8, 10, dtype=torch.bfloat16), np.full((3, 8, 10), 255)),
    "list": ((PLANE > 100).tolist(), np.where(GREY > 100, 255, 0)),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_are_read_as_they_look(kind):
    image, expected = KINDS[kind]
    assert np.array_equal(pixels_of(image), expected)
    assert np.array_equal(FilterBench(image, color=True).image, expected)


def test_cmyk_is_near_what_pillow_makes_of_it():
    image = pillow(COLOR).convert("CMYK")
    assert np.array_equal(pixels_of(image), np.asarray(image.convert("RGB")).transpose(2, 0, 1))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if isinstance(KINDS[kind][0], Image.Image)])
def test_the_channel_mixer_takes_pillows_images_too(kind):
    image, expected = KINDS[kind]
    assert np.array_equal(ChannelMixer(image).image, expected)


@pytest.mark.parametrize(
    ("image", "part"),
    [
        (np.full((8, 8), 40000, np.uint16), "40000"),
        (np.full((8, 8), 300.0), "divide by the brightest"),
        (np.full((8, 8), 200), "uint8"),
        (np.zeros((8, 8, 3)), "transpose"),
        (Image.fromarray(np.full((8, 8), -1.0, np.float32)), "-1"),
        (np.zeros((4, 4)), "8 to 512"),
        (object(), "object"),
        ([[1, 2], [3]], "list"),
        (torch.empty(8, 8, device="meta"), "meta|no_values|without values|Tensor"),
    ],
)
def test_what_is_no_picture_is_told_what_to_do(image, part):
    with pytest.raises(ValueError, match=part):
        FilterBench(image)
