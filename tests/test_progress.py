"""Progress survives whatever happens to its file, and never gets in a lesson's way."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest import mock

import pytest

from lessonlib import progress, tries
from lessonlib.questions import names
from lessonlib.sentences import language
from support import torn_files

# A file as each version of the course wrote it: every question once or twice.
FILES = {int(path.stem): path for path in (Path(__file__).parent / "progress_files").glob("*.jsonl")}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A data folder of the test's own, with nothing remembered."""
    monkeypatch.setenv("LESSONLIB_PROGRESS", str(tmp_path))
    for name in ("_unwritten", "_notices"):
        monkeypatch.setattr(tries, name, [])
    monkeypatch.setattr(tries, "_off", False)
    return tmp_path


def shown(capsys):
    """Return what `show` shows where there is no Markdown, and what was printed."""
    with mock.patch("IPython.display.display") as display:
        progress.show()
    return display.call_args.args[0]["text/plain"] + capsys.readouterr().out


def test_tries_are_counted_and_mistakes_remembered(folder):
    tries.record("one_channel.side", False, "no_plus_one")
    tries.record("one_channel.side", False)
    tries.record("one_channel.side", True)

    assert tries.summary() == {"one_channel.side": {"tries": 3, "solved": True, "mistakes": {"no_plus_one": 1}}}


def test_solved_stays_solved(folder):
    tries.record("one_channel.side", True)
    tries.record("one_channel.side", False)

    assert tries.summary()["one_channel.side"]["solved"]


def test_what_is_kept_survives_the_kernel(folder):
    code = "from lessonlib import tries; tries.record('one_channel.side', True)"
    subprocess.run([sys.executable, "-c", code], check=True)

    assert tries.summary()["one_channel.side"]["solved"]


@pytest.mark.parametrize("code", ["ko", "en"])
def test_map_shows_solved_tried_and_open(folder, capsys, code):
    tries.record("one_channel.side", True)
    tries.record("one_channel.window", False, "kernel_flipped")
    language(code)
    text = shown(capsys)

    line = next(line for line in text.splitlines() if line.startswith("01 "))
    assert " 1 / " in line
    assert {"●", "◐", "○"} <= set(line)
    assert "× 1" in text


def test_torn_at_every_byte_nothing_whole_is_lost(folder):
    path = folder / "progress.jsonl"
    for i in range(4):
        tries.record(f"one_channel.q{i}", i % 2 == 0, "kernel_flipped" if i == 1 else None)
    whole = path.read_bytes()
    for cut in range(len(whole) + 1):
        for old in folder.glob("progress*"):
            old.unlink()
        path.write_bytes(whole[:cut])
        tries.record("one_channel.after", True)
        # A line without its newline is whole; a shorter one is torn.
        kept = sum(cut >= end - 1 for end, byte in enumerate(whole, 1) if byte == ord("\n"))
        names = list(tries.summary())
        assert names == [*(f"one_channel.q{i}" for i in range(kept)), "one_channel.after"], cut
        torn = whole[:cut].rpartition(b"\n")[2]
        if torn and kept == whole[:cut].count(b"\n"):
            assert torn in (folder / "progress.aside-1.jsonl").read_bytes(), cut
        assert list(tries.summary()) == names


@pytest.mark.parametrize(
    "foreign",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe",
        b"[" * 100_000,
        b'{"version": 1, "question": 3, "solved": true}\n',
        b'{"version": 1, "question": "one_channel.side", "solved": "yes"}\n',
        b'{"version": 2, "question": "one_channel.side", "grade": "A"}\n',
        b'{"version": 0, "solved": ["one_channel.side"]}\n',
        b"null\n3\n[]\n{}\n",
    ],
    ids=["picture", "deep", "number", "word", "future", "older", "other-json"],
)
def test_what_is_not_ours_is_set_aside_with_a_sentence(folder, capsys, foreign):
    path = folder / "progress.jsonl"
    path.write_bytes(foreign)
    tries.record("one_channel.window", True)
    before = path.read_bytes()

    assert list(tries.summary()) == ["one_channel.window"]
    assert (folder / "progress.aside-1.jsonl").read_bytes() == before
    assert "progress.aside-1.jsonl" in shown(capsys)
    assert list(tries.summary()) == ["one_channel.window"]
    assert not (folder / "progress.aside-2.jsonl").exists()


def test_a_second_broken_file_does_not_replace_the_first(folder):
    for text in (b"first\n", b"second\n"):
        (folder / "progress.jsonl").write_bytes(text)
        assert tries.summary() == {}

    assert [(folder / f"progress.aside-{i}.jsonl").read_bytes() for i in (1, 2)] == [b"first\n", b"second\n"]


def test_where_nothing_can_be_written_the_kernel_remembers(folder, capsys, monkeypatch):
    # A file where the folder should be refuses everyone, an administrator too.
    blocked = folder / "file" / "inside"
    (folder / "file").write_bytes(b"")
    monkeypatch.setenv("LESSONLIB_PROGRESS", str(blocked))
    tries.record("one_channel.side", True)

    assert tries.summary()["one_channel.side"]["solved"]
    assert "until the kernel ends" in shown(capsys)


def test_a_folder_in_the_place_of_the_file_breaks_nothing(folder, capsys):
    (folder / "progress.jsonl").mkdir()
    tries.record("one_channel.side", True)

    assert tries.summary()["one_channel.side"]["solved"]
    assert "cannot be read or repaired" in shown(capsys)


def test_flipped_bits_and_missing_bytes_lose_no_whole_line(folder):
    content = torn_files.sample()
    for at in range(0, len(content), 4):
        assert torn_files.survives(content[:at] + bytes([content[at] ^ (1 << at // 4 % 8)]) + content[at + 1 :]), at
        assert torn_files.survives(content[:at] + content[at + 5 :]), at


def test_foreign_files_are_kept(folder):
    for name, content in torn_files.FOREIGN.items():
        assert torn_files.survives(content), name


@pytest.mark.skipif(os.name == "nt", reason="file modes hold nobody back there")
@pytest.mark.parametrize("shut", ["file", "folder", "both"])
def test_read_only_is_read_and_left_alone(folder, shut, monkeypatch, request):
    """An administrator is not held back by file modes: then the kernel is somebody else's, so the folder has to be in reach."""
    made = tempfile.TemporaryDirectory()
    request.addfinalizer(made.cleanup)
    folder = Path(made.name)
    monkeypatch.setenv("LESSONLIB_PROGRESS", str(folder))
    tries.record("one_channel.side", True)
    path = folder / "progress.jsonl"
    before = path.read_bytes()
    code = """
import fcntl, json, os
if os.geteuid() == 0:
    from lessonlib.learner import progress  # read while one may
    from lessonlib.sentences import say
    say("progress.solved"), __import__("IPython"), __import__("lessonlib.questions").questions.names()
    os.setuid(65534)
from lessonlib import progress, tries
tries.record("one_channel.window", True)
print(json.dumps(list(tries.summary())))
progress.show()
"""
    (folder / "lock").chmod(0o444 if shut != "folder" else 0o666)
    path.chmod(0o444 if shut != "folder" else 0o666)
    folder.chmod(0o555 if shut != "file" else 0o777)
    try:
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=False
        )
    finally:
        folder.chmod(0o755)

    assert done.stderr == ""
    names = json.loads(done.stdout.splitlines()[0])
    assert names == ["one_channel.side", "one_channel.window"]
    if shut != "folder":
        assert path.read_bytes() == before
        assert "until the kernel ends" in done.stdout


def test_without_locks_it_still_works(folder, monkeypatch):
    def refuse(file):
        raise OSError("no locks here")

    monkeypatch.setattr(tries, "_lock", refuse)
    tries.record("one_channel.side", True)

    assert tries.summary()["one_channel.side"]["solved"]


def test_two_kernels_at_once_lose_no_entry(folder):
    code = """
import sys
from lessonlib import progress, tries
for i in range(1000):
    tries.record(f"one_channel.{sys.argv[1]}{i}", True)
    if i % 100 == 0:
        tries.summary()
"""
    kernels = [subprocess.Popen([sys.executable, "-c", code, name]) for name in "ab"]
    assert [kernel.wait() for kernel in kernels] == [0, 0]

    assert set(tries.summary()) == {f"one_channel.{name}{i}" for name in "ab" for i in range(1000)}
    assert all(json.loads(line) for line in (folder / "progress.jsonl").read_bytes().splitlines())


def test_mending_while_others_write_loses_no_entry(folder):
    path = folder / "progress.jsonl"
    code = """
import sys
from lessonlib import progress, tries
for i in range(300):
    tries.record(f"one_channel.{i}", True)
"""
    kernel = subprocess.Popen([sys.executable, "-c", code])
    while kernel.poll() is None:
        with tries._locked(), open(path, "ab") as file:
            file.write(b"torn\n")
        tries.summary()
    assert kernel.returncode == 0

    assert set(tries.summary()) == {f"one_channel.{i}" for i in range(300)}
    assert list(folder.glob("progress.aside-*.jsonl"))


def test_clear_forgets_everything(folder, capsys):
    (folder / "progress.jsonl").write_bytes(b"torn\n")
    tries.summary()
    tries.record("one_channel.side", True)
    tries.clear()

    assert tries.summary() == {}
    assert list(folder.glob("progress*")) == []
    assert "cleared" in capsys.readouterr().out


def test_off_lasts_until_on(folder, monkeypatch, capsys):
    tries.off()
    monkeypatch.setattr(tries, "_off", False)  # as in a kernel started later
    tries.record("one_channel.side", True)
    assert tries.summary() == {}
    assert "progress.on()" in shown(capsys)

    tries.on()
    tries.record("one_channel.side", True)
    assert list(tries.summary()) == ["one_channel.side"]


def test_environment_turns_it_off(folder, monkeypatch, capsys):
    tries.record("one_channel.side", True)
    monkeypatch.setenv("LESSONLIB_PROGRESS", "off")
    tries.record("one_channel.window", True)

    assert tries.summary() == {}
    assert "●" not in shown(capsys).splitlines()[1]


def test_without_a_home_nothing_raises(folder, monkeypatch):
    def homeless():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(tries, "folder", homeless)
    tries.record("one_channel.side", True)

    assert tries.summary()["one_channel.side"]["solved"]


# Files of all versions go on counting


@pytest.mark.parametrize("number", FILES)
def test_a_file_of_every_version_goes_on_counting(folder, number):
    """Read by other means than the course's: the file names question, success and mistake as its version did."""
    content = FILES[number].read_bytes()
    (folder / "progress.jsonl").write_bytes(content)
    lines = [json.loads(line) for line in content.splitlines()]
    found = tries.summary()

    assert {line["version"] for line in lines} == {number}
    assert (folder / "progress.jsonl").read_bytes() == content
    assert not list(folder.glob("progress.aside*"))
    for line in lines:
        mine = [one for one in lines if one["question"] == line["question"]]
        now = found[tries.RENAMED.get(line["question"], line["question"])]
        assert now["tries"] >= len(mine)
        assert now["solved"] or not any(one["solved"] for one in mine)
        assert sum(now["mistakes"].values()) >= sum("misconception" in one for one in mine)


@pytest.mark.parametrize("number", FILES)
def test_a_question_that_was_renamed_is_counted_under_its_name_of_today(folder, number):
    """Which of an old file's names the course has no more belongs into ``tries.RENAMED``."""
    (folder / "progress.jsonl").write_bytes(FILES[number].read_bytes())
    asked = [name for name in tries.summary() if not name.startswith("shape_quiz.")]

    assert len(asked) > 50
    assert [name for name in asked if name not in names()] == []


def test_there_is_a_file_of_every_version_up_to_today():
    assert sorted(FILES) == list(range(1, tries.VERSION + 1))
    tries_of_today = set(json.loads(FILES[tries.VERSION].read_bytes().splitlines()[0]))
    assert {"version", "question", "solved"} <= tries_of_today


def test_a_renamed_question_stays_solved(folder, monkeypatch):
    tries.record("one_channel.side", False, "no_plus_one")
    tries.record("one_channel.edge_length", True)
    monkeypatch.setattr(tries, "RENAMED", {"one_channel.edge_length": "one_channel.side"})

    assert tries.summary() == {"one_channel.side": {"tries": 2, "solved": True, "mistakes": {"no_plus_one": 1}}}


def test_old_and_new_lines_stand_in_one_file(folder, monkeypatch):
    monkeypatch.setattr(tries, "_FORMATS", {**tries._FORMATS, 0: lambda line: {**line, "solved": line["done"]}})
    (folder / "progress.jsonl").write_text('{"version": 0, "question": "one_channel.edge", "done": true}\n', "utf-8")
    tries.record("one_channel.side", True)

    assert [(name, one["solved"]) for name, one in tries.summary().items()] == [
        ("one_channel.edge", True),
        ("one_channel.side", True),
    ]


# Where it is


def test_a_tilde_is_the_home_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("LESSONLIB_PROGRESS", "~/progress")

    assert tries.folder() == tmp_path / "progress"


@pytest.mark.parametrize("data", ["", "  ", "elsewhere"])
@pytest.mark.parametrize("system", ["linux", "darwin"])
def test_the_folder_is_where_it_has_always_been(monkeypatch, tmp_path, system, data):
    """Progress written through platformdirs is found again."""
    from platformdirs.macos import MacOS
    from platformdirs.unix import Unix

    monkeypatch.delenv("LESSONLIB_PROGRESS", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(tries.sys, "platform", system)
    if system == "linux":
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / data) if data.strip() else data)
    else:
        monkeypatch.delenv("XDG_DATA_HOME", raising=False)

    wanted = {"linux": Unix, "darwin": MacOS}[system]("convolution-course", appauthor=False).user_data_path
    assert tries.folder() == wanted


def test_on_windows_it_is_the_local_application_data(monkeypatch):
    monkeypatch.delenv("LESSONLIB_PROGRESS", raising=False)
    monkeypatch.setattr(tries.sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", "local")

    assert tries.folder() == Path("local") / "convolution-course"
