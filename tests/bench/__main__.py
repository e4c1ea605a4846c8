"""Run every benchmark, or those that are named: `./run bench`, `./run bench answering counting`."""

import pkgutil
import sys
from importlib import import_module

import tests.bench


def main(chosen):
    """Run the `main` of each module in this folder and print what it prints under its name."""
    names = [module.name for module in pkgutil.iter_modules(tests.bench.__path__) if module.name != "__main__"]
    unknown = set(chosen) - set(names)
    if unknown:
        sys.exit(f"There is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(names)}.")
    for name in chosen or names:
        print(f"== {name}", flush=True)
        import_module(f"tests.bench.{name}").main()


if __name__ == "__main__":
    main(sys.argv[1:])
