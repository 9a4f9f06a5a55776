"""A size that is too large or too small, shown on a line of cells: the last window does not fit, or one more would."""

from lessonlib.geometry import effective_kernel_size, output_size
from lessonlib.sentences import say

_WIDEST = 56


def counter_example(given, input_size, kernel_size, stride=1, padding=0, dilation=1):
    """Return why there are not ``given`` windows along an axis, with the cells drawn, as Markdown; "" where nothing can be drawn.

    Examples
    --------
    >>> print(counter_example(3, 6, 3, stride=2))
    Window 3 would begin at cell 4 and end at cell 6, but the last cell is 5 (counted from 0).
    <BLANKLINE>
    ```
    □□□□□□
        ■■✗
    ```
    """
    padded, span = input_size + 2 * padding, effective_kernel_size(kernel_size, dilation)
    if not 0 <= given <= _WIDEST or padded + span > _WIDEST or span > padded or (given - 1) * stride >= padded:
        return ""
    windows = output_size(input_size, kernel_size, stride, padding, dilation)
    if given == windows:
        return ""
    # Too many: the last one that was counted. Too few: the first that was left out.
    at = given - 1 if given > windows else given
    start, last = at * stride, at * stride + span - 1
    key = "questions.window_beyond" if given > windows else "questions.window_left_out"
    cells = "·" * padding + "□" * input_size + "·" * padding
    taps = "".join(
        ("■" if cell < padded else "✗") if (cell - start) % dilation == 0 else " " for cell in range(start, last + 1)
    )
    words = say(key, window=at + 1, start=start, last=last, edge=padded - 1)
    return f"{words}\n\n```\n{cells}\n{' ' * start}{taps}\n```"
