"""The main job on a freshly started system: ``python -m deploy.smoke``.

Starts everything as ``make run`` does, in a folder of its own and on free ports, runs the READMEs' walks
command by command, stops with Ctrl-C, makes sure that no process is left, and starts once more to
see that the data is kept and that the walks can be walked again.
"""

import os
import re
import tempfile
from pathlib import Path

from deploy.child import ChildRun, child_run, free_ports
from deploy.environment import SERVICES

ROOT = Path(__file__).parent.parent
WALKS = ("README.md", "services/rules/README.md")
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FIRST_START_SECONDS = 240
SECOND_START_SECONDS = 60


class SmokeTestFailed(RuntimeError):
    """What a user would meet when they follow the README."""


def main() -> None:
    """Run the whole walk; print what was done and how long it took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # the embedded server runs as another user when we are root
        ports = free_ports()
        with child_run(folder, ports, limit=FIRST_START_SECONDS) as run:
            print(f"first start, with the sample county: ready in {run.seconds:.1f} s")
            _walk(run, *WALKS)
        with child_run(folder, ports, limit=SECOND_START_SECONDS) as run:
            print(f"second start, with the data kept: ready in {run.seconds:.1f} s")
            _walk(run, *WALKS)
    print("1 passed, 0 failed")


def _walk(run: ChildRun, *names: str) -> None:
    addresses = {f"{name.upper()}_URL": run.address(name) for name in SERVICES}
    os.environ |= addresses | {"QINGLING_FOLDER": str(run.folder)}
    for name in names:
        blocks = BLOCK.findall((ROOT / name).read_text(encoding="utf-8"))
        if not blocks:
            raise SmokeTestFailed(f"{name} has no walk to run")
        namespace: dict[str, object] = {"__name__": "walk"}
        for number, block in enumerate(blocks, start=1):
            print(f"--- {name}, step {number}")
            exec(compile(block, f"{name}, step {number}", "exec"), namespace)  # noqa: S102 - our own text


if __name__ == "__main__":
    main()
