"""Which files a run of pytest has to take tests from, so that none is left out in silence."""

PATTERNS = {"tests": "test_*.py", "tests/browser": "test_*.py", "lessonlib": "**/*.py", "notebooks": "*/*.ipynb"}


def files_with_tests(root, folder, notebooks=True):
    """Return the files below a folder of the project that hold tests: test files, modules with examples, notebooks.

    Parameters
    ----------
    root : pathlib.Path
        The project.
    folder : str
        One of `PATTERNS`; any other holds none that have to be taken.
    notebooks : bool
        Whether notebooks count, as they do under ``--nbval``.
    """
    found = sorted(root.glob(f"{folder}/{PATTERNS[folder]}")) if folder in PATTERNS else []
    if folder == "lessonlib":
        return [path for path in found if ">>> " in path.read_text(encoding="utf-8")]
    return found if notebooks or folder != "notebooks" else []


def left_out(root, folders, taken, notebooks=True):
    """Return the files with tests below ``folders`` that are not among those ``taken``, as names within the project."""
    wanted = [path for folder in folders for path in files_with_tests(root, folder, notebooks)]
    return [path.relative_to(root).as_posix() for path in wanted if path not in taken]
