"""What mistakes give, worked out by hand from what their sentences say; nothing here was computed by the code that asks.

A table has the letters of the question's numbers at its head, in their order, and under each mistake at least two rows of
(numbers, value)::

    sizes = table("n k p s d", padding_once=[((10, 4, 1, 2), 4), ((12, 5, 2), 10)])

reads: with n = 10, k = 4, p = 1, s = 2 (and d left out) someone who counts the padding once says 4. The value is None where the
mistake gives nothing on these numbers; that does not count as one of the two.

`SHARED` serves every question that knows a mistake of that name; `OWN` holds what a question has for itself, and goes before.
To add a mistake to a question: if its name is in `SHARED`, nothing is to be done; if not, give it two rows under the question in `OWN`.
"""


def table(letters, **mistakes):
    """Give every row's numbers their letters; those at the end may be left out."""
    return {
        mistake: [(dict(zip(letters.split(), numbers, strict=False)), value) for numbers, value in rows]
        for mistake, rows in mistakes.items()
    }


SHARED = {
    # One side of the output: input n, kernel k, padding p, stride s, dilation d.
    **table(
        "n k p s d",
        no_plus_one=[((10, 4, 1, 2), 4), ((28, 5), 23), ((19, 3, 1, 1, 4), 12)],
        padding_once=[((10, 4, 1, 2), 4), ((12, 5, 2), 10), ((19, 3, 2, 1, 4), 13)],
    ),
}

OWN = {
    # 03 padding
    "padding.keep_size": table(
        "n k",
        kernel_as_padding=[((20, 7), 7), ((16, 9), 9)],
        padding_in_total=[((20, 7), 6), ((16, 9), 8)],
        padding_one_always=[((20, 7), 1), ((16, 9), 1)],
        half_of_kernel_rounded_up=[((20, 7), 4), ((16, 9), 5)],
        no_padding_needed=[((20, 7), 0), ((16, 9), 0)],
    ),
}
