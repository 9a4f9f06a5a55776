"""The map of the course: what is solved, what was tried, which mistakes came up. `tries` keeps the file behind it."""

from lessonlib.questions import LESSONS, names
from lessonlib.questions import question as find
from lessonlib.sentences import language, say, words
from lessonlib.tries import clear, is_on, notices, off, on, summary

__all__ = ["clear", "is_on", "off", "on", "show", "summary"]


def show() -> None:
    """Show a map of the course: what is solved, what was tried, which mistakes came up."""
    from IPython.display import display

    display(
        {"text/markdown": _map(linked=True), "text/plain": _map(linked=False)}, raw=True, metadata={"lang": language()}
    )


def _map(linked):
    done = summary()
    rows = []
    for number, lesson in enumerate(LESSONS):
        asked = [name for name in names() if name.partition(".")[0] == lesson]
        asked += [name for name in done if name.partition(".")[0] == lesson and name not in asked]
        if asked:
            title = f"{number:02} {say(f'progress.{lesson}')}"
            title = f"[{title}]({number:02}_{lesson}.ipynb)" if linked else title
            rows.append((title, _solved(asked, done), " ".join(_mark(done.get(name)) for name in asked)))
    quiz = [name for name in done if name.startswith("shape_quiz.")]
    if quiz:
        rows.append((say("progress.shape_quiz"), _solved(quiz, done), " ".join(_mark(done[name]) for name in quiz)))
    if linked:
        head = [say("progress.lesson"), say("progress.solved"), say("progress.questions")]
        lines = [_row(head), _row([":--", "--:", ":--"]), *map(_row, rows), "", say("progress.legend")]
    else:
        lines = [f"{title}: {solved}  {marks}" for title, solved, marks in rows] + ["", say("progress.legend")]
    lines += _mistakes(done)
    lines += [part for notice in notices() for part in ("", notice)]
    return "\n".join(lines)


def _row(cells):
    return f"| {' | '.join(cells)} |"


def _solved(asked, done):
    return f"{sum(name in done and done[name]['solved'] for name in asked)} / {len(asked)}"


def _mark(one):
    return "○" if one is None else "●" if one["solved"] else "◐"


def _mistakes(done):
    """The mistakes that came up, most frequent first, by the words of the question they came up in."""
    counts = {}
    for question, one in done.items():
        for name, count in one["mistakes"].items():
            text = _mistake_name(question, name)
            counts[text] = counts.get(text, 0) + count
    if not counts:
        return []
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    return ["", say("progress.mistakes"), "", *(f"- {text} × {count}" for text, count in ordered)]


def _mistake_name(question, name):
    if question.startswith("shape_quiz."):
        return words("shape_quiz").get(f"{name}_name", name)
    try:
        return find(question).mistake_name(name)
    except KeyError:  # of a course that was newer or older
        return name
