"""Run every benchmark, or those that are named: `./run bench`, `./run bench answering counting`.

`--write` keeps what was found in docs/performance.md; `--tiny` only tries whether everything runs.
"""

import sys

from tests.bench.writing import ORDER, module_of, number, write


def main(words):
    """Run what was asked for; print each figure as soon as it is found."""
    flags = {word for word in words if word.startswith("-")}
    chosen = [word for word in words if word not in flags] or ORDER
    unknown = {*flags - {"--write", "--tiny"}, *set(chosen) - set(ORDER)}
    if unknown:
        sys.exit(f"There is no {', '.join(sorted(unknown))}; there are {', '.join(ORDER)}, --write and --tiny.")
    if flags == {"--write", "--tiny"}:
        sys.exit("What tiny sizes measure is not worth keeping: leave out --tiny or --write.")
    found = {}
    for name in chosen:
        print(f"== {name}", flush=True)
        found[name] = module_of(name).measure(tiny="--tiny" in flags)
        for one in found[name]:
            print(f"  {line(one)}", flush=True)
    if "--write" in flags:
        write(found)


def line(one):
    """Return a figure as one line."""
    floor = f", floor {number(one.floor)} ({number(one.times)} times)" if one.floor else ""
    aim = f"; target {one.target}: {'met' if one.met else 'NOT met'}" if one.target else ""
    return f"{one.what}: {number(one.value)} {one.unit}{floor}{aim}"


if __name__ == "__main__":
    main(sys.argv[1:])
