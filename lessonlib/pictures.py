"""Pictures that a learner brings: arrays, tensors, Pillow's images of any kind, as 8-bit red, green and blue.

All explorers that show photographs read them here, and nowhere else.
"""

import base64
import io
from functools import cache
from typing import TYPE_CHECKING, TypeAlias, Union

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lessonlib.arrays import plain
from lessonlib.photos import photograph
from lessonlib.sentences import say

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

PictureLike: TypeAlias = Union[ArrayLike, "PillowImage"]

SMALLEST, LARGEST = 8, 512


def pixels_of(image: PictureLike) -> NDArray[np.uint8]:
    """Return a picture as 8-bit red, green and blue, (3, H, W).

    Parameters
    ----------
    image : array_like or PIL.Image.Image
        (H, W), (1, H, W) or (3, H, W), from 0 to 1 or of 8 bits (``dtype=uint8``); or an image of Pillow, of any mode. That one is turned
        upright as its EXIF data says, and what is transparent in it is laid over white.

    Raises
    ------
    ValueError
        For another shape, range, or something that is no picture.
    """
    if hasattr(image, "getexif"):
        array = _of_pillow(image)
    else:
        try:
            array = np.asarray(plain(image, "image"))
        except (TypeError, ValueError):  # a ragged list
            raise ValueError(say("pictures.no_picture", given=type(image).__name__)) from None
    if array.dtype.kind not in "biuf" or array.ndim < 2:
        given = f"{type(image).__name__} {array.shape}" if array.shape else type(image).__name__
        raise ValueError(say("pictures.no_picture", given=given))
    shaped = array.ndim == 2 or (array.ndim == 3 and len(array) in (1, 3))
    if not shaped and array.ndim == 3 and array.shape[2] in (1, 3, 4):
        raise ValueError(say("pictures.channels_last", given=array.shape))
    if not shaped or not all(SMALLEST <= side <= LARGEST for side in array.shape[-2:]):
        raise ValueError(say("filter_bench.bad_image", given=array.shape, smallest=SMALLEST, largest=LARGEST))
    if array.dtype == bool:
        array = array.astype(float)
    whole = array.dtype == np.uint8
    if not whole:
        lowest, highest = array.min(), array.max()
        if not (lowest >= 0 and highest <= 1):
            # Only numbers up to 255 fit into 8 bits; others would wrap.
            key = "filter_bench.bad_range" if lowest >= 0 and highest <= 255 else "pictures.wide_range"
            raise ValueError(say(key, lowest=lowest, highest=highest))
    return np.broadcast_to(array if whole else eight_bit(array), (3, *array.shape[-2:]))


def _of_pillow(image):
    """An image of Pillow, upright and over white, as (3, H, W) of 8 bits."""
    from PIL import Image, ImageOps

    image = ImageOps.exif_transpose(image)
    if image.mode.startswith(("I", "F")):  # one channel of 16 or 32 bits
        values = np.asarray(image, float)
        if not np.isfinite(values).all() or values.min() < 0:
            raise ValueError(say("pictures.wide_range", lowest=values.min(), highest=values.max()))
        highest = values.max()
        white = (
            1 if image.mode == "F" and highest <= 1 else 255 if highest <= 255 and image.mode in ("F", "I") else 65535
        )
        if highest > white:
            raise ValueError(say("pictures.wide_range", lowest=values.min(), highest=highest))
        return np.broadcast_to(np.round(values * (255 / white)).astype(np.uint8), (3, *values.shape))
    if "A" in image.mode or "a" in image.mode or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return np.asarray(image.convert("RGB")).transpose(2, 0, 1)


def grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the grey of 8-bit red, green and blue, (3, H, W) → (H, W), as Pillow and the view round it (ITU-R 601)."""
    red, green, blue = pixels.astype(np.int64)
    return ((19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16).astype(np.uint8)


def eight_bit(values: ArrayLike) -> NDArray[np.uint8]:
    """Return values from 0 to 1 as whole numbers of 8 bits."""
    return np.round(np.asarray(values, float) * 255).astype(np.uint8)


@cache
def photograph_pixels(name: str) -> NDArray[np.uint8]:
    """Return a photograph of the course as 8-bit red, green and blue."""
    return eight_bit(photograph(name, color=True))


@cache
def photograph_url(name: str) -> str:
    """Return a photograph of the course as the data URL of a PNG."""
    return data_url(photograph_pixels(name))


def data_url(pixels: NDArray[np.uint8]) -> str:
    """Return 8-bit red, green and blue, (3, H, W), as the data URL of a PNG."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0))).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
