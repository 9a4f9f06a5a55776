"""The figure of a layer's four shapes says what the shapes say."""

import pytest

from lessonlib import language, layer_shapes

CASES = [
    ((1, 5, 28, 28), (1, 5, 3, 3), (1,), (1, 1, 26, 26)),
    ((8, 3, 20, 31), (6, 3, 4, 2), (6,), (8, 6, 17, 30)),
    ((2, 1, 5, 7), (2, 1, 1, 3), (2,), (2, 2, 5, 5)),
]


def said(ax):
    return {text.get_text() for text in ax.texts}


@pytest.mark.parametrize("shapes", CASES)
def test_every_length_stands_beside_its_letter(shapes):
    input, weight, bias, output = layer_shapes(*shapes).axes
    (n, c, h, w), (o, _, kh, kw), _, (_, _, oh, ow) = shapes

    assert {f"N = {n}", f"C = {c}", f"H = {h}", f"W = {w}"} <= said(input)
    assert {f"O = {o}", f"C = {c}", f"K = {kh}", f"K = {kw}"} <= said(weight)
    assert f"O = {o}" in said(bias)
    assert {f"N = {n}", f"O = {o}", f"$O_h$ = {oh}", f"$O_w$ = {ow}"} <= said(output)


def test_channels_are_sheets_and_filters_are_piles():
    def sheets(ax):
        return len([patch for patch in ax.patches if not patch.get_fill()])

    assert [sheets(ax) for ax in layer_shapes(*CASES[0]).axes] == [5, 5, 1, 1]
    assert [sheets(ax) for ax in layer_shapes(*CASES[2]).axes] == [2, 2, 2, 4]
    # Of more than three piles the first two are drawn, then dots.
    assert [sheets(ax) for ax in layer_shapes(*CASES[1]).axes] == [6, 6, 2, 10]
    assert all("⋯" in said(ax) for ax in layer_shapes(*CASES[1]).axes)


def test_no_letter_lies_outside_of_the_figure():
    for shapes in CASES:
        figure = layer_shapes(*shapes)
        figure.canvas.draw()
        for ax in figure.axes:
            for text in ax.texts:
                box = text.get_window_extent()
                assert box.x0 >= 0, text
                assert box.x1 <= figure.bbox.width, text
                others = [other.get_window_extent() for other in ax.texts if other is not text]
                assert not any(box.overlaps(other) for other in others), text


def test_a_shape_with_other_axes_is_refused_in_both_languages():
    with pytest.raises(ValueError, match=r"input must have the axes \(N, C, H, W\).*\(5, 28, 28\)"):
        layer_shapes((5, 28, 28), *CASES[0][1:])
    language("ko")
    with pytest.raises(ValueError, match=r"output의 모양은.*\(N, O, O_h, O_w\).*\(26, 26\)"):
        layer_shapes(*CASES[0][:3], (26, 26))


def test_a_notebook_shows_the_picture_without_pyplot():
    figure = layer_shapes(*CASES[0])

    assert figure._repr_png_().startswith(b"\x89PNG")
    assert figure._repr_png_() == layer_shapes(*CASES[0])._repr_png_()
