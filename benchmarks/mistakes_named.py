"""Every mistake of the course: in which questions it is known, and whether it is named there, in both languages.

    python benchmarks/mistakes_named.py [--variants 200]

Each is fed into the check as a learner's answer, function or module; its own name, and no other's, has to stand in the reply. Then fresh
numbers are drawn for every question: right answer and mistakes have to differ from one another in all of them.
"""

import argparse
import os
import sys

import tools.importable  # noqa: F401
from lessonlib.questions import names, question
from lessonlib.questions.answers import same
from lessonlib.sentences import LANGUAGES, language

# Mistakes of one kind belong together whatever question they appear in.
# ruff: noqa: E501  a family is one row
FAMILIES = {
    "shape arithmetic": "plus_one rounded floor precedence size_stays stride_divides one_side_as_area kernel_added kernel_not_subtracted dilation height_width width_before lost_each remainder last_cells minus_one windows_side empty_map negative_map kernel_cut output_height size_as",
    "axes and order": "channels_last batch_forgotten batch_left batch_as batch_and batch_included maps_last channels_stay last_included counted_from columns_before rows_and_columns transposed upside_down reshaped swapped axes image_for_all first_image",
    "channels and filters": "channel filter plane maps_ map_for one_map all_filters kernel_for_all kernels depth weight_shape weight_order whole_weight",
    "bias": "bias",
    "kernel and window": "flip turned matrix_product window product averaged_over largest last_kernel_row last_kernel_column diagonal merged kernel_sides filled kept added_instead edge sums_to difference",
    "padding": "padding padded pad even_kernel half_of_kernel corner same_ divided_by",
    "stride": "stride",
    "parameters": "counted squared shared weights per_input fully tensors listed registered numbers_ parameters",
    "receptive field": "last_kernel_only sum_of_kernels field previous_stride own_stride product_of_kernels",
    "groups": "groups",
    "activation": "relu sigmoid slope activation absolute",
    "modules": "plain_list layer_ one_layer flatten features_ in_channels widths width_ forward input_passed input_counted pooling still_ module",
    "dtype and precision": "uint8 digit fractions dtype float must_be_wrong",
    "symmetry": "shift_ equivariant invariant coverage reads every_window",
}  # fmt: skip


def family(name):
    """Return the family of a mistake: the one with the longest word in its name."""
    found = [(len(word), kind) for kind, parts in FAMILIES.items() for word in parts.split() if word in name]
    return max(found)[1] if found else "of one question"


def rows(code):
    """Return (mistake, question, whether it alone was named) of all questions, in one language."""
    language(code)
    found = []
    for name in names():
        one = question(name)
        for mistake, answer in one.mistakes.items():
            said = one._with(one.numbers).reply(answer)
            others = {one.mistake_name(other) for other in one.mistakes} - {one.mistake_name(mistake)}
            named = f"**{one.mistake_name(mistake)}**" in said and not any(f"**{other}**" in said for other in others)
            found.append((mistake, name, named and said.startswith("✗")))
    language("en")
    return found


def collisions(variants):
    """Return how many fresh variants were drawn, and in how many two answers are the same."""
    drawn = bad = 0
    for name in names():
        one = question(name)
        if one.kind in ("function", "module", "choice"):
            continue
        for seed in range(variants):
            fresh = one.variant(seed)
            answers = [fresh.right, *fresh.mistakes.values()]
            drawn += 1
            bad += any(same(a, b) for i, a in enumerate(answers) for b in answers[:i])
    return drawn, bad


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--variants", type=int, default=200, help="fresh numbers drawn for every question (default: 200)"
    )
    options = parser.parse_args()
    os.environ["LESSONLIB_PROGRESS"] = "off"
    fed = {code: rows(code) for code in LANGUAGES}
    asked = {}
    for code, found in fed.items():
        for mistake, name, named in found:
            asked.setdefault(mistake, {}).setdefault(name, {})[code] = named
    for kind in [*FAMILIES, "of one question"]:
        mine = [mistake for mistake in asked if family(mistake) == kind]
        print(f"\n{kind}: {len(mine)}" if mine else "", end="\n" if mine else "")
        for mistake in mine:
            where = ", ".join(
                f"{name} {' '.join(f'{code} {chr(0x2713 if ok else 0x2717)}' for code, ok in named.items())}"
                for name, named in asked[mistake].items()
            )
            print(f"  {mistake}: {where}")
    count = sum(len(found) for found in fed.values())
    named = sum(ok for found in fed.values() for _, _, ok in found)
    drawn, bad = collisions(options.variants)
    kinds = len([kind for kind in FAMILIES if any(family(mistake) == kind for mistake in asked)])
    print(f"\n{len(asked)} mistakes of {kinds} families in {len(names())} questions")
    print(f"fed in: {count}, named (itself and no other): {named}")
    print(f"variants drawn: {drawn}, with two answers alike: {bad}")
    return named < count or bad > 0 or len(asked) < 30


if __name__ == "__main__":
    sys.exit(main())
