"""With 200,000 statements the feed's first page and a search are read off indexes."""

import asyncio
import re
import time
from typing import Any

from backend.campaigns.store import feed
from backend.campaigns.store.feed import FeedFilter, Reader
from backend.core.database import Connection, Database
from backend.core.ids import new_id
from backend.core.paging import PageRequest

ROWS = 200_000
CAMPAIGN, TOPIC, CITY, SCHOOL, CLASS = (new_id() for _ in range(5))
FILL = """
insert into campaign (id, city_id, title, description, prompt, status, zone, course, course_version, created_at)
select case when g = 0 then $1::uuid else gen_random_uuid() end, $2, '{}', '{}', '{}', 'OPEN', 'Europe/Oslo', 'c', 1,
       now()
  from generate_series(0, 19) g
"""
TOPICS = """
insert into topic (id, campaign_id, name, position)
select case when g = 0 then $2::uuid else gen_random_uuid() end, $1, '{}', g from generate_series(0, 9) g
"""
STATEMENTS = """
with campaigns as (select array_agg(id) as ids from campaign), topics as (select array_agg(id) as ids from topic),
     made as (
       select gen_random_uuid() as id, gen_random_uuid() as revision_id, g,
              'ord' || (g % 5000) || ' tanke' || (g % 777) || case when g % 20000 = 7 then ' sommerfugl' else '' end
                as words
         from generate_series(1, ROWS) g),
     wordings as (
       insert into statement (id, campaign_id, topic_id, author_id, shown_as, class_id, school_id, city_id, audience,
                              skips_teacher, visibility, latest_revision_id, published_revision_id, published_language,
                              search_text, search, created_at, changed_at, published_at)
       select id, c.ids[1 + g % 20], t.ids[1 + g % 10], gen_random_uuid(), 'PSEUDONYM',
              case when g % 400 = 0 then $1::uuid else gen_random_uuid() end,
              case when g % 100 = 0 then $2::uuid else gen_random_uuid() end,
              case when g % 10 = 0 then $3::uuid else gen_random_uuid() end,
              (array['CLASS', 'SCHOOL', 'CITY', 'SOCIAL'])[1 + g % 4], false,
              case when g % 11 = 0 then 'HIDDEN' else 'PUBLISHED' end, revision_id, revision_id,
              (array['nb', 'en', 'ar', 'ti'])[1 + g % 4], words, to_tsvector('simple', words), now(), now(),
              now() - g * interval '1 minute'
         from made, campaigns c, topics t
       returning id, latest_revision_id, search_text)
insert into revision (id, statement_id, number, version, text, language, direction, audience, review, created_at,
                      changed_at)
select latest_revision_id, id, 1, 1, search_text, 'nb', 'ltr', 'CITY', 'APPROVED', now(), now() from wordings
"""
ANYBODY = Reader()
MEMBER = Reader(new_id(), (CLASS,), (SCHOOL,))
FILTERS: dict[str, dict[str, Any]] = {
    "none": {},
    "campaign": {"campaign_id": CAMPAIGN},
    "city": {"city_id": CITY},
    "class": {"class_id": CLASS},
    "topic": {"topic_id": TOPIC},
    "language": {"language": "ar"},
    "reply": {"in_reply_to": CAMPAIGN},
    "rare word": {"words": "sommerfugl", "config": "norwegian"},
    "slip": {"words": "sommerfuggl", "config": "norwegian"},
    "unknown word": {"words": "romskip"},
}


async def fill(db: Database) -> None:
    """Everything in three statements; indexes are made afterwards, which takes a tenth of the time."""
    async with db.transaction() as tx:
        await tx.execute("set local statement_timeout = 0")
        await tx.execute("set local session_replication_role = replica")
        await tx.execute("set local maintenance_work_mem = '256MB'")
        await tx.execute(FILL, CAMPAIGN, CITY)
        await tx.execute(TOPICS, CAMPAIGN, TOPIC)
        indexes = await tx.fetch(
            "select indexname, indexdef from pg_indexes where tablename = 'statement' and indexname <> 'statement_pkey'"
        )
        for row in indexes:
            await tx.execute(f"drop index {row['indexname']}")
        await tx.execute(STATEMENTS.replace("ROWS", str(ROWS)), CLASS, SCHOOL, CITY)
        for row in indexes:
            await tx.execute(row["indexdef"])
    async with db.reading() as conn:
        await conn.execute("analyze statement, revision")


async def plan_of(conn: Connection, reader: Reader, wanted: FeedFilter) -> str:
    """The plan of exactly the statement that the list runs."""
    ran: list[tuple[str, tuple[Any, ...]]] = []
    with conn.raw.query_logger(lambda record: ran.append((record.query, record.args))):
        await feed.list_feed(conn, reader, wanted, PageRequest(50))
        await asyncio.sleep(0)  # the log is written on the next turn of the loop
    [(query, args)] = [one for one in ran if "viewer_has_supported" in one[0]]  # asyncpg asks for types besides
    rows = await conn.fetch(f"explain (costs off) {query}", *args)
    return "\n".join(row[0] for row in rows)


async def test_plans_of_feed_and_search_read_no_table_from_end_to_end(db: Database) -> None:
    await fill(db)
    slow = {}
    async with db.reading() as conn:
        for who, reader in (("anybody", ANYBODY), ("member", MEMBER)):
            for name, wanted in FILTERS.items():
                plan = await plan_of(conn, reader, FeedFilter(**wanted))
                assert not re.search(r"Seq Scan on (statement|revision)", plan), (who, name, plan)
                began = time.perf_counter()
                await feed.list_feed(conn, reader, FeedFilter(**wanted), PageRequest(50))
                slow[who, name] = (time.perf_counter() - began) * 1000
        assert max(slow.values()) < 500, slow
        for reader in (ANYBODY, MEMBER):
            assert await keeps_its_plan(conn, reader), "making the plan takes longer than running it"


async def keeps_its_plan(conn: Connection, reader: Reader) -> bool:
    """Whether PostgreSQL stops making a plan for each reader of the first page: it decides so after five."""
    reused = "select sum(generic_plans) from pg_prepared_statements where statement like $1"
    for _ in range(6):
        await feed.list_feed(conn, reader, FeedFilter(), PageRequest(50))
    before: int = await conn.fetch_value(reused, "%viewer_has_supported%")
    await feed.list_feed(conn, reader, FeedFilter(), PageRequest(50))
    return bool(await conn.fetch_value(reused, "%viewer_has_supported%") == before + 1)
