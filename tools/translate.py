"""Begin a language, or say what one still lacks.

    python tools/translate.py begin ja [FOLDER]    write FOLDER/ja/, every sentence a comment in English, to be filled in
    python tools/translate.py check ja             count what is there, name what is missing, misspelt or filled in wrongly

FOLDER is ``lessonlib/words`` if it is not given; a folder elsewhere counts where `LESSONLIB_LANGUAGES` names it. What is not
translated yet is shown in English with a mark, so a language can be tried from its first sentence on.
"""

import string
import sys
import tomllib
from pathlib import Path

import importable  # noqa: F401
from lessonlib import sentences

HEAD = "# {area}, in the language {code}. Take a line's # away when its sentence is translated; {{fields}} stay as they are.\n"


def english():
    """Return area → sentence → its English."""
    return {area: sentences.words(area, "en") for area in sentences.areas()}


def begin(code, home):
    """Write the files of a language that are not there yet; return their folder."""
    folder = Path(home) / code
    folder.mkdir(parents=True, exist_ok=True)
    for area, found in english().items():
        path = folder / f"{area}.toml"
        if not path.exists():
            lines = [f"# {name} = {_quoted(text)}\n" for name, text in found.items()]
            path.write_text(HEAD.format(area=area, code=code) + "\n" + "".join(lines), encoding="utf-8", newline="\n")
    return folder


def check(folder):
    """Return (translated, all, what is wrong) of a language's folder."""
    wanted, translated, wrong = english(), 0, []
    for path in sorted(Path(folder).glob("*.toml")):
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        if path.stem not in wanted:
            wrong.append(f"{path.name}: there is no area of that name")
            continue
        for name, text in found.items():
            if name not in wanted[path.stem]:
                wrong.append(f"{path.name}: {name} is no sentence of that area")
            elif _fields(text) - _fields(wanted[path.stem][name]):
                wrong.append(f"{path.name}: {name} fills in what the English does not: {_fields(text)}")
            else:
                translated += 1
    return translated, sum(map(len, wanted.values())), wrong


def _fields(template):
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def _quoted(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def main(arguments):
    """Run the command line."""
    match arguments:
        case ["begin", code, *home] if len(home) <= 1:
            print(begin(code, home[0] if home else sentences.PACKAGE / "words"))
        case ["check", code]:
            if code not in sentences.LANGUAGES:
                raise SystemExit(f"There is no language {code}: {', '.join(sentences.LANGUAGES)}.")
            folder = sentences._ADDED.get(code)
            if folder is None:
                raise SystemExit(f"{code} stands side by side with the others, and the tests hold it complete.")
            translated, count, wrong = check(folder)
            print(f"{code}: {translated} of {count} sentences; the rest is shown in English with a mark.")
            if wrong:
                raise SystemExit("\n".join(wrong))
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
