"""Structured logs: one line an event, with the request's id and without personal data."""

import logging
import re
import sys

import structlog

# What could name or betray somebody never reaches a log line, whoever passes it on.
_PRIVATE = frozenset(
    {"handle", "pseudonym", "passphrase", "email", "token", "authorization", "cookie", "variables", "text", "address",
     "ip", "client", "query", "code", "recovery_code", "body"}
)  # fmt: skip
# The database quotes whole rows in the detail of an error, and its driver quotes the argument that did not fit.
_QUOTED = re.compile(
    r"(\nDETAIL:|invalid input for query argument \$\d+:).*?(?=\n\nThe above exception|\n\nDuring handling|\Z)",
    re.DOTALL,
)


def configure_logs(*, level: str, as_json: bool) -> None:
    """Send all logging (ours and the libraries') through structlog to standard error. Called once, at start."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        drop_private,
    ]
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                drop_quoted_values,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def drop_quoted_values(_logger: object, _method: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    """Cut what the database quotes out of a formatted exception."""
    if isinstance(event.get("exception"), str):
        event["exception"] = _QUOTED.sub(r"\1 [not logged]", event["exception"])
    return event


def drop_private(_logger: object, _method: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    """Replace the values of fields that could name somebody."""
    for name in event.keys() & _PRIVATE:
        event[name] = "[not logged]"
    return event
