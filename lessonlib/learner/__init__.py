"""What is the learner's own: what is made of the file of tries, and the JupyterLab that ``make lab`` starts."""


def __getattr__(name):
    # `first_cell` and `contents` run in kernels and servers that need no questions.
    if name == "progress":
        from importlib import import_module

        return import_module("lessonlib.learner.progress")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
