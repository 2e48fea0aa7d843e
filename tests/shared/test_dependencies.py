"""No library is asked for that nothing uses."""

import ast
import re
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("services", "shared", "deploy")
ASKED = re.compile(r'^  "([A-Za-z0-9-]+)[^"]*",(\s*#)?', re.MULTILINE)


def imported() -> set[str]:
    """Return the top level of every module that the house imports."""
    found: set[str] = set()
    for folder in FOLDERS:
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {each.name.partition(".")[0] for each in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found.add(node.module.partition(".")[0])
    return found


def test_every_library_is_imported_or_says_what_for() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    listed = text.partition("\ndependencies = [\n")[2].partition("\n]")[0]
    modules: dict[str, set[str]] = {}
    for module, libraries in packages_distributions().items():
        for library in libraries:
            modules.setdefault(library.lower().replace("_", "-"), set()).add(module)
    asked = ASKED.findall(listed)
    assert len(asked) > 20
    used = imported()
    idle = [name for name, why in asked if not why and not modules[name.lower()] & used]
    assert idle == []
