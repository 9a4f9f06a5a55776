"""Write a lesson as one text with both languages side by side, and read it back.

    python tools/sidebyside.py write FILE [NAME]   text → notebooks/ko/NAME.ipynb and notebooks/en/NAME.ipynb
    python tools/sidebyside.py show NAME           notebooks → text, on the standard output

NAME is a lesson's name or its number (``01_one_channel``, ``01``); without it, ``write`` takes FILE's. The text::

    === title | markdown | slide
    --- ko
    # 채널 하나
    --- en
    # One channel
    === first-sum | code | fragment | exercise
    np.sum(window * kernel)
    === setup | code | skip | lang
    --- ko
    language("ko")
    --- en
    language("en")

A line ``=== id | type | slide type | tags`` opens a cell. A cell whose source is the same in all languages has no
``---`` lines. A further language has its own ``--- ja``; a cell without it is taken in English. ``write`` keeps the
outputs of cells whose source has not changed; ``make notebooks`` makes them anew.
"""

import re
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
SIDE_BY_SIDE = ("ko", "en")


def languages():
    """Return the languages that lessons are written in: Korean and English, and every further folder of ``notebooks``."""
    folders = sorted(
        path.name for path in (ROOT / "notebooks").iterdir() if path.is_dir() and any(path.glob("*.ipynb"))
    )
    return (*SIDE_BY_SIDE, *(name for name in folders if name not in SIDE_BY_SIDE))


SLIDE_TYPES = ("slide", "subslide", "fragment", "skip", "notes")
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def parse(text):
    """Return the cells of a side-by-side text: a list of ``(id, type, slide type, tags, {language: source})``."""
    cells = []
    for number, block in enumerate(re.split(r"^=== ?", text, flags=re.MULTILINE)):
        if number == 0:
            if block.strip():
                raise SystemExit(f"The text must begin with '=== id | type | slide type', not with {block[:40]!r}.")
            continue
        head, _, body = block.partition("\n")
        cell_id, cell_type, slide, *tags = [field.strip() for field in head.split("|")] + [""] * (2 - head.count("|"))
        tags = " ".join(tags).split()
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", cell_id):
            raise SystemExit(f"Cell id {cell_id!r}: use short words in lower case joined by '-'.")
        if cell_type not in ("markdown", "code"):
            raise SystemExit(f"Cell {cell_id}: the type is {cell_type!r}; it must be 'markdown' or 'code'.")
        if slide not in SLIDE_TYPES:
            raise SystemExit(f"Cell {cell_id}: slide type {slide!r} is not one of {', '.join(SLIDE_TYPES)}.")
        if cell_id in [cell[0] for cell in cells]:
            raise SystemExit(f"Cell id {cell_id!r} stands twice.")
        cells.append((cell_id, cell_type, slide, tags, _sources(cell_id, cell_type, tags, body)))
    return cells


def _sources(cell_id, cell_type, tags, body):
    parts = re.split(r"^--- ?([a-z]{2,3}(?:-[A-Za-z]+)?)[ \t]*\n", body, flags=re.MULTILINE)
    if len(parts) == 1:
        return dict.fromkeys(SIDE_BY_SIDE, body.strip("\n"))
    if len(set(parts[1::2])) < len(parts[1::2]):
        raise SystemExit(f"Cell {cell_id}: a language stands twice.")
    sources = {lang: source.strip("\n") for lang, source in zip(parts[1::2], parts[2::2], strict=True)}
    if parts[0].strip() or not set(SIDE_BY_SIDE) <= set(sources):
        raise SystemExit(f"Cell {cell_id}: give both '--- ko' and '--- en', and nothing before them.")
    if cell_type == "code" and "lang" not in tags and len(set(sources.values())) > 1:
        raise SystemExit(f"Cell {cell_id}: code must be the same in all languages, but for the cell tagged 'lang'.")
    return sources


def written_in(cells):
    """Return the languages that a side-by-side text holds."""
    return (*SIDE_BY_SIDE, *sorted({lang for cell in cells for lang in cell[4]} - set(SIDE_BY_SIDE)))


def build(cells, lang, before=None):
    """Return the notebook of one language; unchanged cells take their outputs from ``before``, the one there was."""
    made = {cell.id: cell for cell in before.cells} if before else {}
    notebook = nbformat.v4.new_notebook(metadata=METADATA)
    for cell_id, cell_type, slide, tags, sources in cells:
        metadata = {"slideshow": {"slide_type": slide}} | ({"tags": tags} if tags else {})
        new = nbformat.v4.new_markdown_cell if cell_type == "markdown" else nbformat.v4.new_code_cell
        source = sources.get(lang, sources["en"])
        if cell_type == "code" and "lang" in tags and lang not in sources:
            source = source.replace('"en"', f'"{lang}"')
        cell = new(source, id=cell_id, metadata=metadata)
        old = made.get(cell_id)
        if cell_type == "code" and old and old.cell_type == "code" and old.source == cell.source:
            cell.outputs, cell.execution_count = old.outputs, old.execution_count
        notebook.cells.append(cell)
    return notebook


def show(books):
    """Return the side-by-side text of a lesson's notebooks, {language: notebook}."""
    lines = []
    for row in zip(*(book.cells for book in books.values()), strict=True):
        one = row[0]
        tags = one.metadata.get("tags", [])
        head = [one.id, one.cell_type, one.metadata["slideshow"]["slide_type"]] + ([" ".join(tags)] if tags else [])
        lines.append("=== " + " | ".join(head))
        if all(other.source == one.source for other in row):
            lines.append(one.source)
        else:
            lines += [line for lang, cell in zip(books, row, strict=True) for line in (f"--- {lang}", cell.source)]
    return "\n".join(lines) + "\n"


def paths(name):
    """Return the paths of a lesson's notebooks, by its name or its number; the name need not exist yet."""
    if re.fullmatch(r"\d\d", name):
        found = sorted({path.stem for path in (ROOT / "notebooks").glob(f"*/{name}_*.ipynb")})
        if len(found) != 1:
            raise SystemExit(f"There is no one lesson with the number {name}: {', '.join(found) or 'none'}.")
        name = found[0]
    return {lang: ROOT / "notebooks" / lang / f"{name}.ipynb" for lang in languages()}


def save(notebook, path):
    """Write a notebook, always the same bytes for the same content; return whether the file changed."""
    text = nbformat.writes(notebook, version=4) + "\n"
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    return True


def main(arguments):
    """Run the command line."""
    match arguments:
        case ["write", file, *name] if len(name) <= 1:
            file = Path(file)
            cells = parse(file.read_text(encoding="utf-8"))
            known = paths(name[0] if name else file.stem)
            for lang in written_in(cells):
                path = ROOT / "notebooks" / lang / known["en"].name
                before = nbformat.read(path, as_version=4) if path.exists() else None
                notebook = build(cells, lang, before)
                nbformat.validate(notebook)
                changed = save(notebook, path)
                print(f"{path.relative_to(ROOT)}: {len(cells)} cells, {'written' if changed else 'unchanged'}")
        case ["show", name]:
            both = paths(name)
            sys.stdout.reconfigure(encoding="utf-8")
            books = {lang: nbformat.read(path, as_version=4) for lang, path in both.items() if path.exists()}
            print(show(books), end="")
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
