"""Write the versions of this environment into constraints.txt and environment.yml.

    python tools/versions.py

Run it in an environment whose tests pass. pyproject.toml names what the course needs; constraints.txt pins that and
everything it needs in turn; environment.yml names what the lessons need for conda, PyTorch for the CPU.
"""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
# Where conda-forge has another name.
CONDA_NAMES = {"matplotlib": "matplotlib-base", "torch": "pytorch-cpu"}
# Not on conda-forge: pip gets them, in the same environment.
PIP_ONLY = {"jupyterlab-language-pack-ko-kr"}


def project():
    """Return the ``[project]`` table of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def normalized(name):
    """Return the name of a distribution as an index spells it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def asked(extras=("lab", "test")):
    """Return the requirements of pyproject.toml, with those of the extras and of the extras that these name."""
    found, seen, waiting = [], set(), [f"lessonlib[{','.join(extras)}]", *project()["dependencies"]]
    while waiting:
        requirement = Requirement(waiting.pop(0))
        if requirement.name != "lessonlib":
            found.append(requirement)
        for extra in sorted(requirement.extras - seen) if requirement.name == "lessonlib" else ():
            seen.add(extra)
            waiting += project()["optional-dependencies"][extra]
    return found


def direct(extras=("lab", "test")):
    """Return the names of what pyproject.toml itself asks for."""
    return sorted({normalized(requirement.name) for requirement in asked(extras)})


def installed():
    """Return ``{name: version}`` of all that the course needs, directly or not, as far as it is installed here."""
    found, seen, waiting = {}, set(), asked()
    while waiting:
        requirement = waiting.pop()
        name, extras = normalized(requirement.name), requirement.extras or {""}
        # CUDA's libraries come with one build of PyTorch, which pins them itself.
        if (name, *extras) in seen or name.startswith(("nvidia-", "cuda-", "triton")):
            continue
        seen.add((name, *extras))
        try:
            it = distribution(name)
        except PackageNotFoundError:
            continue  # for another system
        # 2.13.0+cpu is the same release as 2.13.0, which is the name that every index has.
        found[name] = it.version.partition("+")[0]
        needs = [Requirement(line) for line in it.requires or []]
        waiting += [n for n in needs if n.marker is None or any(n.marker.evaluate({"extra": e}) for e in extras)]
    return dict(sorted(found.items()))


def constraints(versions):
    """Return the text of constraints.txt."""
    head = "# The versions that the tests ran with. Written by tools/versions.py.\n"
    return head + "".join(f"{name}=={version}\n" for name, version in versions.items())


def environment(versions):
    """Return the text of environment.yml."""
    conda = [f"{CONDA_NAMES.get(name, name)}={versions[name]}" for name in direct(["lab"]) if name not in PIP_ONLY]
    pip = [f"{name}=={versions[name]}" for name in direct(["lab"]) if name in PIP_ONLY]
    lines = [
        "# For conda and mamba; PyTorch for the CPU. Written by tools/versions.py.",
        "name: convolution",
        "channels:",
        "  - conda-forge",
        "  - nodefaults",
        "dependencies:",
        "  - python=3.11",
        "  - pip",
        *(f"  - {line}" for line in sorted(conda)),
        "  - pip:",
        *(f"      - {line}" for line in pip),
        "      - -e .",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    here = installed()
    (ROOT / "constraints.txt").write_text(constraints(here), encoding="utf-8", newline="\n")
    (ROOT / "environment.yml").write_text(environment(here), encoding="utf-8", newline="\n")
    print(f"constraints.txt: {len(here)} versions; environment.yml: {len(direct(['lab']))} of them")
