"""Fuzzy search (pg_trgm) and search without accents (unaccent)."""

from backend.migrations import from_sql

ID = "2026-11-22T00:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "extensions"

SQL = """
create extension if not exists pg_trgm;
create extension if not exists unaccent;
"""


async def forwards():
    return from_sql(ID, DESCRIPTION, SQL)
