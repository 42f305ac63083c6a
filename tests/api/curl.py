"""As much of curl as the README's walk uses, for machines that have none: `python curl.py -sS URL [options]`."""

import argparse
import sys
import urllib.error
import urllib.request
from pathlib import Path


def main(arguments: list[str]) -> None:
    """Send one request and write the answer's body, or what -w asks for."""
    options = argparse.ArgumentParser()
    options.add_argument("url")
    options.add_argument("-sS", action="store_true")
    options.add_argument("-H", action="append", default=[])
    options.add_argument("-T")
    options.add_argument("-o")
    options.add_argument("-w", default="")
    options.add_argument("--data-binary")
    given = options.parse_intermixed_args(arguments)
    body = Path(given.T).read_bytes() if given.T else sys.stdin.buffer.read() if given.data_binary == "@-" else None
    request = urllib.request.Request(given.url, body, method="PUT" if given.T else None)  # noqa: S310 - a test's own
    for header in given.H:
        name, _, value = header.partition(":")
        request.add_header(name, value.strip())
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - a test's own
            status, content = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, content = error.code, error.read()
    if given.o is None:
        sys.stdout.buffer.write(content)
    sys.stdout.write(given.w.replace("%{http_code}", str(status)).replace("\\n", "\n"))


if __name__ == "__main__":
    main(sys.argv[1:])
