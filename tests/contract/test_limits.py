"""What bounds a service is a setting, and the README says it; the documents declare its answers."""

import re
from pathlib import Path

import pytest

from shared.settings import ServiceSettings
from tests.contract.services import SERVICES
from tests.contract.test_openapi import operations

README = (Path(__file__).parent.parent.parent / "README.md").read_text(encoding="utf-8")
BOUNDED = re.compile(r"(max|header|idle|body|send|upload|large|stream|poll|caller|address)s?_.+")


@pytest.mark.parametrize(
    "name", [name for name in ServiceSettings.model_fields if BOUNDED.fullmatch(name)]
)
def test_the_readme_names_every_bound(name: str) -> None:
    if not name.startswith("idle_in_transaction"):
        assert f"`QINGLING_{name.upper()}`" in README
        assert ServiceSettings.model_fields[name].description


@pytest.mark.parametrize("service", SERVICES)
def test_the_answers_of_bounds_are_declared(service: str) -> None:
    for path, method, operation in operations(service):
        where, answers = f"{method} {path}", operation["responses"]
        expected = {"429", "431", "503"}
        if "requestBody" in operation:
            expected |= {"408", "413"}
        assert expected <= answers.keys(), where
        for status in "429", "503":
            assert "Retry-After" in answers[status]["headers"], where
        assert "RateLimit-Remaining" in answers["429"]["headers"], where
