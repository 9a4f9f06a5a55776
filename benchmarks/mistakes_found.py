"""How often the check of my_conv2d finds what is wrong: programs with one mistake each, put in by hand and by machine.

    python benchmarks/mistakes_found.py [--machine 300] [--list]

A cause that is named is held to be right if that mistake and the program give the same on 24 fresh cases that the check has not seen.
"""

import argparse
import os
import random
import sys
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / folder) for folder in ("", "tests")]

from lessonlib.questions import question, sandbox  # noqa: E402
from lessonlib.questions.functions import FunctionQuestion  # noqa: E402
from mistaken_programs import STYLES, Program, by_hand, by_machine  # noqa: E402

CHECK = question("conv_calculation.my_conv2d")


def fresh_cases(count=24):
    """Return a question with cases that learners never meet."""
    rng = random.Random(1)
    cases = []
    for _ in range(count):
        c, o, kh, kw = (rng.randint(2, 4) for _ in range(4))
        size = rng.randint(kh + 2, 9), rng.randint(kw + 2, 9)
        cases.append(
            {
                "input": (rng.randint(1, 3), c, *size),
                "weight": (o, c, kh, kw),
                "stride": rng.randint(1, 3),
                "padding": rng.randint(0, 2),
            }
        )
    return FunctionQuestion(
        "conv_calculation.fresh", takes=("input", "weight", "bias", "stride", "padding"), ranks=(4, 4), cases=cases
    )


FRESH = fresh_cases()


def is_same(function, cause):
    """Return whether a program gives what the mistake ``cause`` gives, on cases of no check."""
    got = [None if run.problem else run.value for run in FRESH._runs(function)]
    return any(FRESH._fits(form, got) for form in CHECK._forms(cause))


def is_right(function):
    """Return whether a program is right on cases of no check."""
    return FRESH._right_everywhere([run.value for run in FRESH._runs(function)])


def judged(program):
    """Return (whether it passes, the causes named, those of them that are wrong)."""
    function = program.function()
    runs = CHECK._runs(function)
    passes = CHECK._right_everywhere([None if run.problem else run.value for run in runs])
    named = [] if passes else CHECK._likely(runs)
    return passes, named, [cause for cause in named if cause != program.cause and not is_same(function, cause)]


def table(programs, listed=False):
    """Judge programs, print what came out style by style, and return the counts of all."""
    counts = {style: Counter() for style in STYLES}
    for program in programs:
        passes, named, wrong = judged(program)
        if passes and not program.cause and is_right(program.function()):
            continue  # the machine's change changes nothing
        count = counts[program.style]
        count["programs"] += 1
        count["passed"] += passes
        count["named"] += bool(named)
        count["own"] += named == [program.cause]
        count["wrong"] += bool(wrong)
        if listed and (passes or wrong or (program.cause and named != [program.cause])):
            print(
                f"  {program.style}: {program.cause or 'machine'} ({program.change[:90]!r}): passes {passes}, named {named}, wrong {wrong}"
            )
    columns = ("programs", "passed", "named", "own", "wrong")
    print(f"{'':20}" + "".join(f"{column:>10}" for column in columns))
    total = Counter()
    for style, count in counts.items():
        total += count
        print(f"{style:20}" + "".join(f"{count[column]:>10}" for column in columns))
    print(f"{'all':20}" + "".join(f"{total[column]:>10}" for column in columns))
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--machine", type=int, default=300, help="how many of the machine's programs (default: 300)")
    parser.add_argument("--list", action="store_true", help="list every program that was not named by its own cause")
    options = parser.parse_args()
    os.environ["LESSONLIB_PROGRESS"] = "off"
    sandbox._SECONDS = 3
    right = [Program(style, "", code) for style, code in STYLES.items()]
    print(f"right programs: {sum(judged(one)[0] for one in right)} of {len(right)} pass\n")
    print("a mistake put in by hand")
    hand = table(by_hand(), options.list)
    print(f"the cause named is the mistake's own: {hand['own'] / hand['programs']:.1%}; a wrong one: {hand['wrong']}\n")
    print("an operator, a constant or a name changed by machine (what no change can be seen of is left out)")
    made = by_machine()
    machine = table(random.Random(0).sample(made, min(options.machine, len(made))), options.list)
    share = machine["named"] / max(machine["programs"], 1)
    print(f"a cause is named for {share:.1%}, though none need have one; a wrong one: {machine['wrong']}")
    bad = hand["passed"] + machine["passed"] + hand["wrong"] + machine["wrong"]
    return bad > 0 or hand["programs"] < 200 or hand["own"] < 0.9 * hand["programs"]


if __name__ == "__main__":
    sys.exit(main())
