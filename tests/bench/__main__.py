"""Every measurement, in one run: ``python -m tests.bench`` (or some of them by name)."""

import os
import platform
import sys
from importlib import import_module

NAMES = (
    "engine",
    "evaluations",
    "columns",
    "routes",
    "facts",
    "import",
    "province",
    "run",
    "what_if",
    "abuse",
)


def main() -> None:
    """Run the measurements named on the command line, or all."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    names = sys.argv[1:] or NAMES
    del sys.argv[1:]  # each measurement reads its own arguments
    for name in names:
        print(f"\n== {name}", flush=True)
        import_module(f"tests.bench.bench_{name}").main()


if __name__ == "__main__":
    main()
