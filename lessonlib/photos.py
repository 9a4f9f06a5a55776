"""Real photographs for the lessons: two, in the folder ``photographs``, with their credits."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lessonlib.geometry import count, flag
from lessonlib.sentences import say

PHOTOGRAPHS = Path(__file__).parent / "photographs"
# As scikit-learn's datasets/images/README.txt gives them, from where they come.
CREDITS = {
    "china": "danielbuechele, flickr.com/photos/danielbuechele/6061409035, CC BY 2.0",
    "flower": "vultilion, flickr.com/photos/vultilion/6056698931, CC BY 2.0",
}

LARGEST = 4096


def photograph(name: str = "china", size: int = 256, color: bool = False) -> NDArray[np.float64]:
    """Return a square photograph, its values from 0 (black) to 1 (white).

    Parameters
    ----------
    name : {"china", "flower"}
        A temple with straight edges, or a flower with soft ones; `CREDITS` says whose pictures they are.
    size : int
        Height and width in pixels.
    color : bool

    Returns
    -------
    ndarray, (size, size), or (3, size, size) in colour: red, green, blue

    Raises
    ------
    ValueError
        For a photograph that is not there, and a size that is not from 1 to 4096.
    TypeError
        For a size that is no whole number.

    Examples
    --------
    >>> photograph(size=64).shape, photograph(size=64, color=True).shape
    ((64, 64), (3, 64, 64))
    """
    from PIL import Image, ImageOps

    if not isinstance(name, str) or name not in CREDITS:
        raise ValueError(say("photos.unknown", given=repr(name), names=", ".join(CREDITS)))
    size, color = count(size, "size"), flag(color, "color")
    if size > LARGEST:
        raise ValueError(say("photos.too_large", given=size, largest=LARGEST))
    with Image.open(PHOTOGRAPHS / f"{name}.jpg") as image:
        image = ImageOps.fit(image.convert("RGB"), (size, size))
    values = np.asarray(image if color else image.convert("L"), float) / 255
    return values.transpose(2, 0, 1) if color else values
