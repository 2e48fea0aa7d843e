"""The three services, for tests that hold all of them to the same conventions."""

import base64
from collections.abc import Callable
from importlib import import_module
from typing import Any

from fastapi import FastAPI

from shared.settings import ServiceSettings

SERVICES = ("registry", "rules", "monitoring")
Settings = type[ServiceSettings]

# Enough for an application of any service; each takes what it needs.
FILLED: dict[str, Any] = {
    "data_keys": {1: base64.b64encode(b"a key for personal data in tests")},
    "registry_url": "http://registry",
    "rules_url": "http://rules",
    "service_key": "none",
}


def settings_of(service: str) -> Settings:
    """Return the class of a service's settings."""
    kind: Settings = getattr(
        import_module(f"services.{service}.settings"), f"{service.capitalize()}Settings"
    )
    return kind


def factory_of(service: str) -> Callable[..., FastAPI]:
    """Return what makes a service's application."""
    create: Callable[..., FastAPI] = import_module(f"services.{service}.main").create_app
    return create
