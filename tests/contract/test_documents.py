"""What README and CONTRIBUTING name is there: paths, commands, routes, settings and numbers."""

import gc
import re
import runpy
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from inspect import signature
from pathlib import Path

import orjson
import pytest

from deploy.local import main as run
from tests.contract.services import SERVICES, settings_of

ROOT = Path(__file__).parents[2]
DOCUMENTS = ["README.md", "CONTRIBUTING.md", *(f"services/{name}/README.md" for name in SERVICES)]
EACH = pytest.mark.parametrize("document", DOCUMENTS)
QUOTED = re.compile(r"`([^`\n]+)`")
ROUTE = re.compile(r"(?:(GET|POST|PUT|PATCH|DELETE) )?(/v1/[^\s?`]+)")
SETTING = re.compile(r"QINGLING_([A-Z_]+)")
COMMAND = re.compile(r"python -m ([a-z][\w.]*)((?: [a-z][a-z-]*)*)")
TARGET = re.compile(r"\bmake ([a-z][a-z-]*)")
UNITS = {"": 1, "MiB": 2**20, "GiB": 2**30}
FILE = re.compile(r"[\w.<>*-]+(?:/[\w.<>*-]+)*(?:/|\.(?:py|yaml|sql|md|json|toml))")
OF_DEPLOY = {
    "REGISTRY_PORT",
    "RULES_PORT",
    "MONITORING_PORT",
    "FOLDER",
    "TESTS",
    "FAULTS",
    "BENCH_HOUSEHOLDS",
}
"""Settings of the local run, the tests and the benchmarks, which no service reads."""


@cache
def written(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def quoted(document: str) -> Iterator[str]:
    """Yield what stands between single backticks, code blocks left out."""
    prose = re.sub(r"^```.*?^```$", "", written(document), flags=re.MULTILINE | re.DOTALL)
    yield from QUOTED.findall(prose)


@EACH
def test_paths_are_there(document: str) -> None:
    homes = [
        ROOT,
        (ROOT / document).parent,
        ROOT / "services/rules/policy",
        ROOT / "services/registry",
    ]
    for text in quoted(document):
        if not FILE.fullmatch(text) or text.startswith(("application/", "<", "text/")):
            continue
        pattern = re.sub(r"(?:<[^>]*>|\*)+", "*", text)
        everywhere = "/" not in pattern and any((ROOT / "services").rglob(pattern))
        assert everywhere or any(any(home.glob(pattern)) for home in homes), (document, text)


@EACH
def test_targets_of_make_are_there(document: str) -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for target in TARGET.findall(" ".join(f"`{each}`" for each in quoted(document))):
        assert target in targets, target


def commands() -> set[tuple[str, str]]:
    """Return the modules that documents run, each with the command behind it if it has some."""
    found = set()
    for document in DOCUMENTS:
        for module, words in COMMAND.findall(written(document)):
            first = words.split()[0] if words else ""
            found.add((module, first))
    return found


# That other tests have imported it does no harm.
@pytest.mark.filterwarnings("ignore:.*found in sys.modules:RuntimeWarning")
@pytest.mark.parametrize(("module", "command"), sorted(commands()))
def test_commands_are_there(
    module: str,
    command: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert find_spec(module) is not None, module
    if not module.startswith(("deploy", "services")):
        return
    words = [command] if command and command_is_its_own(module, command) else []
    monkeypatch.setattr(sys, "argv", [module, *words, "--help"])
    monkeypatch.setenv("QINGLING_FOLDER", "nowhere")
    monkeypatch.setenv("NO_COLOR", "1")
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    gc.unfreeze()  # a service freezes what it has loaded, and the tests go on
    assert not ended.value.code
    assert "usage" in capsys.readouterr().out.lower()


def command_is_its_own(module: str, command: str) -> bool:
    """Tell whether a module has commands, so that the first word names one; others take arguments."""
    path = find_spec(module)
    source = Path(str(path.origin)).read_text(encoding="utf-8") if path else ""
    return "typer.run(" not in source or f'"{command}"' in source


@cache
def routes() -> dict[str, set[str]]:
    """Return the methods of every service's paths, parameters unnamed."""
    found: dict[str, set[str]] = {}
    for service in SERVICES:
        document = orjson.loads((ROOT / f"services/{service}/openapi.json").read_bytes())
        for path, operations in document["paths"].items():
            plain = re.sub(r"\{[^}]*\}", "{}", path)
            found.setdefault(plain, set()).update(method.upper() for method in operations)
    return found


@EACH
def test_routes_are_there(document: str) -> None:
    for text in quoted(document):
        for method, path in ROUTE.findall(text):
            plain = re.sub(r"\{[^}]*\}", "{}", path.rstrip("/"))
            below = not method and any(route.startswith(f"{plain}/") for route in routes())
            assert below or plain in routes(), (document, text)
            assert not method or method in routes()[plain], (document, text)


@EACH
def test_settings_are_there(document: str) -> None:
    known = {
        name.upper() for service in SERVICES for name in settings_of(service).model_fields
    } | OF_DEPLOY
    for name in SETTING.findall(written(document)):
        assert name in known, (document, name)


def defaults() -> dict[str, object]:
    """Return what each setting is unless it is given; None for one that has no value then."""
    found: dict[str, object] = {
        name.upper(): None if field.is_required() else field.default
        for service in SERVICES
        for name, field in settings_of(service).model_fields.items()
    }
    of_run = {
        f"{service}_port": signature(run).parameters[f"{service}_port"] for service in SERVICES
    }
    return found | {name.upper(): parameter.default for name, parameter in of_run.items()}


def read_default(text: str) -> object:
    """Read a default as documents write it: ``5``, ``1.5 GiB``, ``none``."""
    number, _, unit = text.partition(" ")
    return None if text == "none" else float(number) * UNITS[unit]


def stated_defaults(document: str) -> Iterator[tuple[str, str]]:
    """Yield each setting and its default: from every row of a table, and where prose has (5)."""
    for row in written(document).splitlines():
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        names = SETTING.findall(cells[0]) if row.startswith("|") else []
        if names:
            yield from zip(names, cells[1].split(", "), strict=True)
    yield from re.findall(r"`QINGLING_([A-Z_]+)` \((\d+)\)", written(document))


@EACH
def test_defaults_are_what_the_code_has(document: str) -> None:
    known = defaults()
    for name, said in stated_defaults(document):
        assert read_default(said) == known[name], (document, name)


def test_defaults_are_found() -> None:
    assert len({name for document in DOCUMENTS for name, _ in stated_defaults(document)}) > 40


def test_modules_named_by_dots_are_there() -> None:
    for document in DOCUMENTS:
        for text in quoted(document):
            if re.fullmatch(r"(?:services|shared|deploy)(?:\.\w+)+", text):
                module, _, member = text.rpartition(".")
                found = find_spec(text) or hasattr(import_module(module), member)
                assert found, (document, text)


def test_numbers_are_what_the_house_has() -> None:
    divisions = (ROOT / "services/registry/divisions").glob("*.csv")
    rows = sum(len(each.read_text(encoding="utf-8").splitlines()) - 1 for each in divisions)
    assert f"{rows:,} divisions" in written("services/registry/README.md")
