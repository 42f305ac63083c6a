"""The queues of open cases and appeals as indexes in their order; nobody turns two keys of one review."""

from backend.migrations import from_sql

ID = "2026-11-22T11:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "queues of moderation"

SQL = """
create index moderation_case_queue on moderation_case (rank_at, id) where closed_at is null;
create index moderation_case_city_queue on moderation_case (city_id, rank_at, id) where closed_at is null;
create index moderation_case_class_queue on moderation_case (class_id, opened_at, id) where review_open;
create index appeal_queue on appeal (filed_at, id) where decided_at is null;
create unique index one_key_a_person on moderation_decision (case_id, cycle, decided_by)
    where verdict = 'APPROVE' and decided_by is not null;
"""


async def forwards():
    return from_sql(ID, DESCRIPTION, SQL)
