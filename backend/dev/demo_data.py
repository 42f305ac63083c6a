"""Demo data for an empty database, and its sign-ins, kept in the dev folder to be shown again."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from backend.core.database import Database
from backend.settings import Settings

SignIns = list[dict[str, Any]]


async def is_empty(db: Database) -> bool:
    """Whether nobody has an account there."""
    async with db.reading() as conn:
        return not await conn.fetch_value("select exists (select from account)")


async def fill_and_remember(settings: Settings, *, report: Callable[[str], None] = click.echo) -> SignIns:
    """Fill an empty database; the sign-ins, which are also kept. Takes up to a minute, reporting as it goes."""
    from backend import demo

    settings.dev_folder.mkdir(parents=True, exist_ok=True)
    begun = begun_file(settings.dev_folder)
    begun.touch()
    sign_ins = [dataclasses.asdict(each) for each in await demo.fill(settings, report=report)]
    kept = _kept_file(settings.dev_folder)
    kept.touch(mode=0o600)
    content = {"database": settings.database_url, "sign_ins": sign_ins}
    kept.write_text(json.dumps(content, default=str, ensure_ascii=False, indent=1), encoding="utf-8")
    begun.unlink(missing_ok=True)
    return sign_ins


def remembered(dev_folder: Path, database_url: str) -> SignIns:
    """The sign-ins of the demo data in that database; empty when none are known."""
    try:
        kept: dict[str, Any] = json.loads(_kept_file(dev_folder).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return list(kept["sign_ins"]) if kept["database"] == database_url else []


def begun_file(dev_folder: Path) -> Path:
    """There while demo data are being filled in: after a `kill -9` it tells that they are incomplete."""
    return dev_folder / "demo-begun"


def describe(sign_ins: SignIns) -> str:
    """The sign-ins as aligned lines."""
    rows = [[str(value) for value in each.values() if value is not None] for each in sign_ins]
    widths = [max(len(row[i]) for row in rows if i < len(row)) for i in range(max(map(len, rows), default=0))]
    return "\n".join("  " + "  ".join(f"{cell:<{widths[i]}}" for i, cell in enumerate(row)).rstrip() for row in rows)


def _kept_file(dev_folder: Path) -> Path:
    return dev_folder / "demo-sign-ins.json"
