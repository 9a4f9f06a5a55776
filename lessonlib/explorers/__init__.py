"""Explorers: ipywidgets sliders joined in the browser to a view that draws there, without waiting for the kernel."""
