"""The questions of lesson 11: right modules in several styles pass, every known mistake is named, in both languages."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from torch import nn

from lessonlib import language, question

ROOT = Path(__file__).parent.parent
VARIED = ["subclassing.predict_1", "subclassing.predict_2", "subclassing.output"]
MODULES = ["subclassing.stack", "subclassing.cnn"]


@pytest.mark.parametrize("name", VARIED)
def test_right_answer_and_mistakes_differ_in_every_variant(name):
    asked = question(name)
    seen = set()
    for seed in range(200):
        drawn = asked.variant(seed)
        assert drawn.distinct()
        seen.add(str(drawn.numbers))
        for mistake, answer in drawn.mistakes.items():
            assert drawn.mistakes_in(answer) == [mistake]
        assert drawn.mistakes_in(drawn.right) == []
    assert asked.distinct()
    assert len(seen) > 100


@pytest.mark.parametrize("seed", range(5))
def test_answers_are_what_pytorch_gives(seed):
    numbers = question("subclassing.output").variant(seed).numbers
    n, h, w, widths, k = (numbers[name] for name in ("n", "h", "w", "widths", "k"))
    model = nn.Sequential(*(nn.Conv2d(below, above, k) for below, above in pairwise(widths)))
    assert question("subclassing.output").variant(seed).right == tuple(model(torch.zeros(n, widths[0], h, w)).shape)

    class Plain(nn.Module):
        def __init__(self, keep, widths):
            super().__init__()
            self.layers = keep([nn.Conv2d(below, above, 3) for below, above in pairwise(widths)])

    first, second = (question(f"subclassing.predict_{i}").variant(seed) for i in (1, 2))
    model = Plain(list, first.numbers["widths"])
    assert first.right == sum(one.numel() for one in model.parameters())
    assert first.mistakes["counted_as_registered"] == sum(
        one.numel() for layer in model.layers for one in layer.parameters()
    )
    assert second.right == len(list(Plain(nn.ModuleList, second.numbers["widths"]).parameters()))


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("name", MODULES)
def test_every_known_wrong_module_is_named(name, lang):
    language(lang)
    asked = question(name)
    assert len(asked.mistakes) >= 8
    for mistake, module in asked.mistakes.items():
        assert asked.mistakes_in(module) == [mistake]
        assert asked.mistake_name(mistake) in asked.reply(module)
        assert "✗" in asked.reply(module)


class Attributes(nn.Module):
    """The stack with a layer an attribute."""

    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 6, 3)

    def forward(self, input):
        return self.two(self.one(input).clamp(min=0)).relu()


class Classifier(nn.Module):
    """The classifier out of one nn.Sequential and one matrix product."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 6, 3), nn.ReLU(), nn.Flatten())
        self.head = nn.Linear(120, 10)

    def forward(self, input):
        return nn.functional.linear(self.layers(input), self.head.weight, self.head.bias)


@pytest.mark.parametrize("name", MODULES)
def test_right_modules_pass_in_any_style(name):
    asked = question(name)
    convolutions = [nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 6, 3), nn.ReLU()]
    styles = {
        "subclassing.stack": [Attributes(), nn.Sequential(*convolutions)],
        "subclassing.cnn": [Classifier(), nn.Sequential(*convolutions, nn.Flatten(), nn.Linear(120, 10))],
    }
    for module in [asked.right, *styles[name]]:
        assert asked.mistakes_in(module) == []
        assert asked.reply(module).startswith("✓")


def test_a_stranger_is_not_named():
    asked = question("subclassing.stack")
    stranger = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Tanh(), nn.Conv2d(4, 6, 3))
    assert asked.mistakes_in(stranger) == []
    assert asked.reply(stranger).startswith("✗")
    assert asked.mistakes_in(nn.Conv2d(3, 6, 5)) == []


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_hints_solutions_and_choices_are_there(lang):
    for name in [*VARIED, *MODULES]:
        asked = question(name)
        assert len(asked.hints(lang)) == 3
        assert asked.worked(lang)
        assert "{" not in asked.statement(lang).replace("{", "", 0)
        assert asked.reply(...).startswith("✎")


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("name", MODULES)
def test_code_of_a_solution_is_right(name, lang):
    asked = question(name)
    code = asked.worked(lang).split("```python\n")[1].split("```")[0]
    made = {"nn": nn, "torch": torch}
    exec(code, made)
    module = made["Stack"]([3, 4, 6]) if "stack" in name else made["CNN"]()
    assert asked.mistakes_in(module) == []
    assert asked.reply(module).startswith("✓")


def printed(lang, cell_id):
    """Return what a cell of the executed lesson printed."""
    path = ROOT / "notebooks" / lang / "11_subclassing.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    outputs = next(cell["outputs"] for cell in cells if cell["id"] == cell_id)
    return "".join("".join(output["text"]) for output in outputs if output["output_type"] == "stream")


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_lesson_shows_experiment_6_as_the_lecture_note_has_it(lang):
    shapes = [eval(text) for text in re.findall(r"\([\d, ]+\)", printed(lang, "class-run"))]
    hooked = [eval(text) for text in re.findall(r"\([\d, ]+\)", printed(lang, "hooks-shapes"))]
    counts = [int(text) for text in re.findall(r"\d+$", printed(lang, "mend-formula"), re.MULTILINE)]
    layers = [(10, 3, 3, 3), (10,), (20, 10, 3, 3), (20,), (30, 20, 3, 3), (30,)]

    assert shapes == [(32, 3, 28, 28), (32, 30, 22, 22), *layers]
    assert [hooked[0], *hooked[1::2]] == [(32, 3, 28, 28), (32, 10, 26, 26), (32, 20, 24, 24), (32, 30, 22, 22)]
    assert [eval(text) for text in re.findall(r"\([\d, ]+\)", printed(lang, "mend-count"))] == layers
    assert counts == [7530] * 3
    assert re.search(r"\b0$", printed(lang, "find-count").splitlines()[0])
    assert printed(lang, "find-optimiser").startswith("ValueError: ")
    assert printed(lang, "verify-copy").count("True") == 2
    assert printed(lang, "mistaken-train").split("\n")[1::2] == [
        "losses[-1] < losses[0]: True · weight != before: [False, False]",
        "losses[-1] < losses[0]: True · weight != before: [True, True]",
    ]
