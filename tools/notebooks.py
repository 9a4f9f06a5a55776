"""Run the notebooks in fresh kernels and write their outputs, the same bytes every time.

    python tools/notebooks.py            all lessons, both languages
    python tools/notebooks.py 01 05      lessons 01 and 05
    python tools/notebooks.py --check    run none: only see that the languages agree and that outputs are clean

Before anything runs, the notebooks of a lesson are compared, language by language. A notebook in which a cell raises or
writes to the standard error is not written, and the command fails.
"""

import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from sidebyside import METADATA, ROOT, SIDE_BY_SIDE, languages, save

# What every kernel that makes or compares outputs runs with.
KERNEL_ENV = {
    "IPYTHONDIR": str(ROOT / "tools" / "ipython"),
    "LESSONLIB_PROGRESS": "off",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "OMP_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
}
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def lessons(numbers=()):
    """Return ``{name: {language: path}}`` of all lessons, or of those with the given numbers or names.

    Korean and English are always there; a further language has the lessons that it has so far.
    """
    names = sorted({path.stem for path in (ROOT / "notebooks").glob("*/*.ipynb")})
    if numbers:
        missing = [number for number in numbers if not any(_is(name, number) for name in names)]
        if missing:
            raise SystemExit(f"No lesson is called {', '.join(missing)}. There are: {', '.join(names)}.")
        names = [name for name in names if any(_is(name, number) for number in numbers)]
    paths = {lang: ROOT / "notebooks" / lang for lang in languages()}
    return {
        name: {
            lang: folder / f"{name}.ipynb"
            for lang, folder in paths.items()
            if lang in SIDE_BY_SIDE or (folder / f"{name}.ipynb").exists()
        }
        for name in names
    }


def _is(name, number):
    return number == name or (re.fullmatch(r"\d\d", number) and name.startswith(f"{number}_"))


def differences(first, second, langs=SIDE_BY_SIDE):
    """Return what keeps two notebooks from being one lesson in two languages, as a list of sentences."""
    if [cell.id for cell in first.cells] != [cell.id for cell in second.cells]:
        only_first = [cell.id for cell in first.cells if cell.id not in {other.id for other in second.cells}]
        only_second = [cell.id for cell in second.cells if cell.id not in {other.id for other in first.cells}]
        if only_first or only_second:
            return [f"cells only in {langs[0]}: {only_first}; only in {langs[1]}: {only_second}"]
        return ["the cells stand in another order"]
    found = []
    for one, other in zip(first.cells, second.cells, strict=True):
        if one.cell_type != other.cell_type:
            found.append(f"cell {one.id} is {one.cell_type} in {langs[0]} and {other.cell_type} in {langs[1]}")
        elif one.metadata != other.metadata:
            both = f"{dict(one.metadata)} in {langs[0]}, {dict(other.metadata)} in {langs[1]}"
            found.append(f"cell {one.id}: metadata {both}")
        elif one.cell_type == "code" and "lang" not in one.metadata.get("tags", []) and one.source != other.source:
            found.append(f"cell {one.id}: the code differs, and the cell is not tagged 'lang'")
    return found


def execute(path):
    """Run one notebook in a fresh kernel; return it with clean outputs.

    Raises
    ------
    RuntimeError
        If a cell raises, runs out of time or writes to the standard error.
    """
    notebook = nbformat.read(path, as_version=4)
    folder = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", resources=folder, record_timing=False)
    try:
        client.execute(env={**os.environ, **KERNEL_ENV})
    except CellExecutionError as error:
        raise RuntimeError(str(error).strip()) from None
    except (CellTimeoutError, DeadKernelError) as error:
        raise RuntimeError(f"{type(error).__name__}: {str(error).strip()}") from None
    return clean(notebook)


def clean(notebook):
    """Keep of a notebook that has been run what is the same in every run, in place, and return it."""
    notebook.metadata = nbformat.from_dict(METADATA)
    count = 0
    for cell in notebook.cells:
        kept = {key: cell.metadata[key] for key in ("slideshow", "tags") if cell.metadata.get(key)}
        cell.metadata = nbformat.from_dict(kept)
        cell.pop("attachments", None)
        if cell.cell_type != "code":
            continue
        # A cell without code is not run and has no number.
        count += bool(cell.source.strip())
        cell.execution_count = count if cell.source.strip() else None
        cell.outputs = _clean_outputs(cell)
    return notebook


def _clean_outputs(cell):
    outputs = []
    for output in cell.outputs:
        if output.output_type == "stream":
            if output.name == "stderr":
                raise RuntimeError(f"cell {cell.id} writes to the standard error:\n{output.text}")
            # A kernel cuts a long text where it likes.
            if outputs and outputs[-1].output_type == "stream":
                outputs[-1].text += output.text
                continue
        else:
            output.data.pop(WIDGET_VIEW, None)
            output.metadata = nbformat.from_dict({})
            if output.output_type == "execute_result":
                output.execution_count = cell.execution_count
            if not output.data:
                continue
        outputs.append(output)
    return outputs


def unclean(path):
    """Return what a notebook holds that `make notebooks` would not have written, as a list of sentences."""
    committed = nbformat.read(path, as_version=4)
    kinds = {cell.id: {output.output_type for output in cell.get("outputs", [])} for cell in committed.cells}
    if ended := [cell for cell in kinds if "error" in kinds[cell]]:
        return [f"cell {cell}: it ends with an error" for cell in ended]
    try:
        cleaned = clean(nbformat.read(path, as_version=4))
    except RuntimeError as error:
        return [str(error).strip()]
    found = [] if committed.metadata == cleaned.metadata else ["the notebook's metadata is not the course's"]
    for one, other in zip(committed.cells, cleaned.cells, strict=True):
        if one.metadata != other.metadata or "attachments" in one:
            found.append(f"cell {one.id}: metadata or attachments that no lesson has")
        elif one.cell_type == "code" and one.execution_count != other.execution_count:
            found.append(
                f"cell {one.id}: its number is {one.execution_count} where one run gives {other.execution_count}"
            )
        elif one.cell_type == "code" and one.outputs != other.outputs:
            found.append(f"cell {one.id}: its outputs are not those of one clean run")
    return found


def main(arguments):
    """Run the command line."""
    check = "--check" in arguments
    chosen = lessons([one for one in arguments if one != "--check"])
    bad = {name: found for name, pair in chosen.items() if (found := _pair_differences(pair))}
    if check:
        paths = [path for pair in chosen.values() for path in pair.values() if path.exists()]
        bad |= {path.relative_to(ROOT).as_posix(): found for path in paths if (found := unclean(path))}
    for name, found in bad.items():
        print(f"{name}: " + "\n    ".join(found))
    if check:
        raise SystemExit(f"{len(bad)} are not as make notebooks writes them." if bad else 0)
    if bad:
        raise SystemExit("The notebooks of a lesson differ between languages: nothing was run.")
    if not chosen:
        raise SystemExit("There are no notebooks.")
    paths = [path for pair in chosen.values() for path in pair.values()]
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(_make, paths))
    if not all(results):
        raise SystemExit(f"{results.count(False)} of {len(paths)} notebooks failed; they are as they were.")


def _pair_differences(pair):
    missing = [str(path.relative_to(ROOT)) for path in pair.values() if not path.exists()]
    if missing:
        return [f"{missing[0]} is missing"]
    first, *others = pair
    book = nbformat.read(pair[first], as_version=4)
    return [
        said for lang in others for said in differences(book, nbformat.read(pair[lang], as_version=4), (first, lang))
    ]


def _make(path):
    name = Path(path).relative_to(ROOT)
    try:
        changed = save(execute(path), path)
    except RuntimeError as error:
        print(f"{name}: FAILED\n{error}", flush=True)
        return False
    print(f"{name}: {'written' if changed else 'unchanged'}", flush=True)
    return True


if __name__ == "__main__":
    main(sys.argv[1:])
