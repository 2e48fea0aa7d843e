"""The command line that every service has: serve, worker, migrate, openapi."""

import asyncio
import base64
import os
import tempfile
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

import orjson
import typer
import uvicorn
from fastapi import FastAPI

from shared.db.migrations import DatabaseIsNewer, upgrade
from shared.logs import configure_logs, log_what_nobody_catches
from shared.security.issuer import LocalIssuer
from shared.settings import ServiceSettings
from shared.web.connections import server_config

STARTUP_FAILURE = 3
Settings = TypeVar("Settings", bound=ServiceSettings)


class ServiceCommand(Generic[Settings]):
    """Builds a service's command line from its parts."""

    def __init__(
        self,
        service: str,
        settings: type[Settings],
        create_app: Callable[[Settings], FastAPI],
        work: Callable[[Settings], Coroutine[Any, Any, None]],
    ) -> None:
        """``work`` runs the service's jobs and whatever else goes on in its background."""
        self._service = service
        self._settings = settings
        self._create_app = create_app
        self._work = work
        self.cli = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)
        for command in (self.serve, self.worker, self.migrate, self.openapi):
            self.cli.command()(command)

    def serve(
        self,
        host: Annotated[str, typer.Option()] = "127.0.0.1",
        port: Annotated[int, typer.Option()] = 8000,
    ) -> None:
        """Answer HTTP requests."""
        settings = self._configured()
        server = uvicorn.Server(server_config(self._create_app(settings), settings, host, port))
        with suppress(KeyboardInterrupt):
            server.run()
        if not server.started:
            raise typer.Exit(STARTUP_FAILURE)

    def worker(self) -> None:
        """Run jobs and schedules until stopped."""
        asyncio.run(self._work(self._configured()))

    def migrate(self) -> None:
        """Bring the database to the newest migrations."""
        settings = self._configured()
        try:
            upgrade(self._service, settings.database_url)
        except DatabaseIsNewer as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from error

    def openapi(
        self, out: Annotated[Path | None, typer.Option(help="Write to this file")] = None
    ) -> None:
        """Print the OpenAPI document, which needs no database and no settings."""
        document = openapi_document(self._settings, self._create_app)
        if out is None:
            typer.echo(document, nl=False)
        else:
            out.write_text(document, encoding="utf-8")

    def _configured(self) -> Settings:
        settings = self._settings()
        configure_logs(settings.log_format)
        log_what_nobody_catches()
        return settings


def openapi_document(settings: type[Settings], create_app: Callable[[Settings], FastAPI]) -> str:
    """Return a service's OpenAPI document as indented JSON."""
    with tempfile.TemporaryDirectory() as folder:
        placeholder = base64.b64encode(os.urandom(32))
        filled = settings.model_validate(
            {
                "database_url": "postgresql://localhost/none",
                "token_keys": LocalIssuer(Path(folder)).public_keys,
                "cursor_key": placeholder,
                "data_keys": {1: placeholder},
                "registry_url": "http://registry",
                "rules_url": "http://rules",
                "service_key": "none",
            }
        )
        schema = create_app(filled).openapi()
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(schema, option=options).decode()
