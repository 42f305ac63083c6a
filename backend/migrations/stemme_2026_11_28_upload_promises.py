"""Uploads that are under way or done tell their pictures what was promised of the original."""

from backend.migrations import from_sql

ID = "2026-11-28T12:30:40:000000"
VERSION = "1.38.0"
DESCRIPTION = "upload_promises"

SQL = """
update asset a set original_size = u.size, original_sha256 = u.sha256
  from upload u where u.asset_id = a.id and u.finalised_at is not null
"""


async def forwards():
    return from_sql(ID, DESCRIPTION, SQL)
