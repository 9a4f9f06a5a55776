"""How often the check of my_conv2d finds what is wrong: programs with one mistake each, put in by hand and by machine.

    python benchmarks/mistakes_found.py [--machine 300] [--list]

A cause that is named is held to be right if that mistake and the program give the same on 24 fresh cases that the check has not seen.
"""

import argparse
import os
import random
import sys
from collections import Counter

import tools.importable  # noqa: F401
from lessonlib.questions import sandbox
from support.judging import is_right, judged
from support.mistaken_programs import STYLES, Program, by_hand, by_machine


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
