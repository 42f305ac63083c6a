"""Whatever was sent before there were movies is a picture."""

from backend.migrations import from_sql

ID = "2026-11-28T12:18:41:999999"
VERSION = "1.38.0"
DESCRIPTION = "asset_medium_told"

SQL = "update asset set medium = 'IMAGE' where medium is null"


async def forwards():
    return from_sql(ID, DESCRIPTION, SQL)
