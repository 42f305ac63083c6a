"""Whether we may listen on a port, told before anything else starts."""

import socket
import time

PATIENCE_SECONDS = 4  # the web process of a killed predecessor needs a moment to leave


class PortTaken(Exception):
    """We cannot listen there; the message says what to set."""


def wait_for_port(host: str, port: int, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
    """Return once `port` can be listened on. Raises PortTaken after `patience_seconds`."""
    deadline = time.monotonic() + patience_seconds
    while (reason := _refusal(host, port)) is not None:
        if time.monotonic() > deadline:
            raise PortTaken(f"Cannot listen on {host}:{port} ({reason}): set PORT to a free one, e.g. PORT={port + 1}")
        time.sleep(0.2)


def _refusal(host: str, port: int) -> str | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.strerror or str(error)
    return None
