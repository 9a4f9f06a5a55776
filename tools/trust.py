"""Sign notebooks as the learner's own: JupyterLab draws an explorer only in a notebook that it trusts.

    python tools/trust.py NOTEBOOK …

JupyterLab keeps trusting one that was signed when it was made, whatever the learner runs and saves in it.
"""

import sys

import nbformat
from nbformat.sign import NotebookNotary


def sign(paths):
    """Sign the notebooks in these files; say of which one it was not possible, for a lesson opens without it as well."""
    notary = NotebookNotary()
    for path in paths:
        try:
            notary.sign(nbformat.read(path, as_version=4))
        except (OSError, ValueError) as problem:
            print(f"{path}: {type(problem).__name__}: {problem}", file=sys.stderr)
    notary.store.close()


if __name__ == "__main__":
    sign(sys.argv[1:])
