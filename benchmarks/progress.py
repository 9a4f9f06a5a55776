"""What the progress file survives: torn at every byte, every byte flipped, foreign and newer files, two kernels writing at once.

    python benchmarks/progress.py [--tries 1000]

Nothing may raise, every whole line of ours has to be read, and whatever could not be read has to be kept in a file set aside.
"""

import argparse
import subprocess
import sys

import tools.importable  # noqa: F401
from support.torn_files import FOREIGN, folder, sample, survives

WRITER = """
import sys
from lessonlib import tries
for i in range(int(sys.argv[2])):
    tries.record(f"one_channel.{sys.argv[1]}{i}", i % 2 == 0, "kernel_flipped" if i % 3 == 0 else None)
"""


def at_once(tries):
    """Return how many of two kernels' tries are there in the end, this process reading all the while."""
    folder()
    kernels = [subprocess.Popen([sys.executable, "-c", WRITER, name, str(tries)]) for name in "ab"]
    while any(kernel.poll() is None for kernel in kernels):
        tries.summary()
    return sum(one["tries"] for one in tries.summary().values()), [kernel.returncode for kernel in kernels]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tries", type=int, default=1000, help="tries of each of two kernels (default: 1000)")
    options = parser.parse_args()
    content = sample()
    torn = [survives(content[:cut]) for cut in range(len(content) + 1)]
    flipped = [
        survives(content[:at] + bytes([content[at] ^ bit]) + content[at + 1 :])
        for at in range(len(content))
        for bit in (1, 128)
    ]
    cut_out = [survives(content[:at] + content[at + 7 :]) for at in range(len(content))]
    foreign = {name: survives(other) for name, other in FOREIGN.items()}
    print(f"torn at every byte: {sum(torn)} of {len(torn)} lose nothing")
    print(f"a bit of every byte flipped: {sum(flipped)} of {len(flipped)}")
    print(f"seven bytes cut out at every place: {sum(cut_out)} of {len(cut_out)}")
    print("foreign: " + ", ".join(f"{name} {'kept' if fine else 'LOST'}" for name, fine in foreign.items()))
    there, codes = at_once(options.tries)
    print(
        f"two kernels, {options.tries} tries each, a third reading: {there} of {2 * options.tries} are there, exit codes {codes}"
    )
    fine = all([*torn, *flipped, *cut_out, *foreign.values()]) and there == 2 * options.tries and not any(codes)
    return not fine


if __name__ == "__main__":
    sys.exit(main())
