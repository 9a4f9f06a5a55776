"""Every colour that has a meaning, once: matplotlib's figures take it from here, and the views in the browser are sent it.

A role (what a cell *is*) and a sign (whether a number lies above or below 0) never share a colour, so that none can be
taken for another, by colour-blind eyes neither; ``tests/test_palette.py`` measures the distances.
"""

ROLES = {"input": "#0072b2", "kernel": "#d98200", "output": "#009e73", "window": "#d55e00", "padding": "#8a8a8a"}
"""What a cell is: the colours of Okabe and Ito, "Color Universal Design", 2008, the ochre a little darker for thin lines."""

SIGN = {"negative": "#a60000", "zero": "#ffffff", "positive": "#6a1fcc"}
"""The sign of a number: red, white, violet; the further from 0, the stronger."""
