"""`python -m media.processing.decode ORDER` (JSON): decode one picture under hard limits and print one line of JSON.

It runs alone so that a hostile file can at worst end this process. The limits are set before the file is touched.
"""

import sys
from pathlib import Path

import msgspec

from backend.core.errors import ValidationFailed
from media.processing.limits import limit_process
from media.processing.orders import Order, Report


def main(order: Order) -> int:
    """Decode, print the report, return 0; a refusal is a report too. Whatever else goes wrong ends the process."""
    limit_process(order.limits)
    from media.images.making import make_renditions  # only now: the imaging library loads under the limits

    try:
        made = make_renditions(
            Path(order.source), Path(order.folder), kind=order.kind, bounds=order.bounds, regions=order.regions
        )
        report = Report(made=made)
    except ValidationFailed as refusal:
        params = {key: value if isinstance(value, int) else str(value) for key, value in refusal.params.items()}
        report = Report(refused=refusal.code, params=params)
    sys.stdout.buffer.write(msgspec.json.encode(report) + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(msgspec.json.decode(sys.argv[1], type=Order)))
