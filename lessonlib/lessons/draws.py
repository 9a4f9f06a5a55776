"""Fresh numbers for questions, from a `random.Random`."""


def matrix(rng, height, width, lowest, highest):
    """Return rows of whole numbers.

    Examples
    --------
    >>> import random
    >>> matrix(random.Random(1), 1, 2, 5, 5)
    [[5, 5]]
    """
    return [[rng.randint(lowest, highest) for _ in range(width)] for _ in range(height)]
