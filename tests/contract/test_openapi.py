"""What the committed OpenAPI documents say, and that the services serve just that."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from shared.command import openapi_document
from tests.contract.services import SERVICES, factory_of, settings_of

ROOT = Path(__file__).parent.parent.parent
VERB_NOUN = re.compile(r"[a-z]+(_[a-z]+)+")


def committed(service: str) -> dict[str, Any]:
    document: dict[str, Any] = orjson.loads(
        (ROOT / "services" / service / "openapi.json").read_bytes()
    )
    return document


def operations(service: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in committed(service)["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


@pytest.mark.parametrize("service", SERVICES)
def test_the_committed_document_is_what_the_service_serves(service: str) -> None:
    served = openapi_document(settings_of(service), factory_of(service))
    written = (ROOT / "services" / service / "openapi.json").read_text(encoding="utf-8")
    assert served == written, "run make openapi and read the difference"


@pytest.mark.parametrize("service", SERVICES)
def test_operation_ids_are_unique_verbs_and_nouns(service: str) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(service)]
    assert len(ids) == len(set(ids))
    assert [one for one in ids if not VERB_NOUN.fullmatch(one)] == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_names_its_scope_its_failures_and_its_words(service: str) -> None:
    for path, method, operation in operations(service):
        where = f"{method} {path}"
        scopes = [scope for entry in operation["security"] for scope in entry.get("bearer", [])]
        assert scopes, where
        assert {"401", "403"} <= operation["responses"].keys(), where
        assert re.search("[一-鿿]", operation["description"]), where
        assert re.search("[A-Za-z]", operation["description"]), where
