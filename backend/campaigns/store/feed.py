"""SQL of the lists of statements: the feed, a statement's replies, and the author's own.

Who may see what is decided here, in one place (`_visible`), for every list and every single look-up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.campaigns.rules import Audience, Review, ShownAs, Visibility
from backend.core.database import Connection
from backend.core.ids import Id
from backend.core.paging import PageRequest, keyset_sql
from backend.core.text import primary_language


@dataclass(frozen=True, slots=True)
class Reader:
    """What of a viewer decides what is shown: confirmed classes and schools; the account, for its own supports."""

    account_id: Id | None = None
    class_ids: tuple[Id, ...] = ()
    school_ids: tuple[Id, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedFilter:
    """What the feed is narrowed to; `words` are searched in full text, or for what looks like them (`is_fuzzy`)."""

    campaign_id: Id | None = None
    city_id: Id | None = None
    class_id: Id | None = None
    topic_id: Id | None = None
    language: str | None = None
    in_reply_to: Id | None = None
    words: str | None = None
    config: str = "simple"
    is_fuzzy: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A statement as it is shown, with what belongs to it read in the same statement."""

    id: Id
    campaign_id: Id
    topic_id: Id | None
    topic_name: dict[str, str] | None
    in_reply_to: Id | None
    audience: Audience
    visibility: Visibility
    shown_as: ShownAs
    pseudonym: str | None
    class_id: Id | None
    class_name: str | None
    school_name: str | None
    city_name: str | None
    revision_id: Id
    revision_number: int
    text: str
    language: str
    direction: str
    review: Review
    published_at: datetime
    viewer_has_supported: bool
    viewer_is_author: bool


_COLUMNS = """
select s.id, s.campaign_id, s.topic_id, t.name as topic_name, s.in_reply_to, s.audience, s.visibility, s.shown_as,
       case when s.shown_as = 'PSEUDONYM' then a.pseudonym end as pseudonym,
       s.class_id, c.name as class_name, sc.name as school_name, ci.name as city_name,
       r.id as revision_id, r.number as revision_number, r.text, r.language, r.direction, r.review, s.published_at,
       $1::uuid is not null and exists (
         select from support u where u.statement_id = s.id and u.account_id = $1) as viewer_has_supported,
       coalesce(s.author_id = $1, false) as viewer_is_author
"""
_JOINS = """
  join revision r on r.id = {revision}
  left join account a on a.id = s.author_id and a.status = 'ACTIVE'
  left join school_class c on c.id = s.class_id
  left join school sc on sc.id = s.school_id
  left join city ci on ci.id = s.city_id
  left join topic t on t.id = s.topic_id
"""
_PUBLISHED_JOINS = _JOINS.format(revision="s.published_revision_id")

# $1 account, $2 classes, $3 schools: the parameters that every list begins with.
_SHOWN = "s.visibility = 'PUBLISHED' and s.author_left_at is null"
_PUBLIC = f"{_SHOWN} and s.audience in ('CITY', 'SOCIAL')"
_OF_SCHOOL = f"{_SHOWN} and s.audience = 'SCHOOL' and s.school_id = any($3::uuid[])"
_OF_CLASS = f"{_SHOWN} and s.audience = 'CLASS' and s.class_id = any($2::uuid[])"
# PostgreSQL must know each parameter's type, also in a list that does not use it.
_TYPED = "($1::uuid is null or true) and $2::uuid[] is not null and $3::uuid[] is not null"
_VISIBLE = f"(({_PUBLIC}) or ({_OF_SCHOOL}) or ({_OF_CLASS}))"

_SAYS = (
    "s.search @@ (websearch_to_tsquery('simple', unaccent(${0}::text))"
    " || websearch_to_tsquery(${1}::regconfig, unaccent(${0}::text)))"
)
_LOOKS_LIKE = "lower(unaccent(${0}::text)) <% s.search_text"


async def list_feed(conn: Connection, reader: Reader, wanted: FeedFilter, request: PageRequest) -> list[Shown]:
    """Published statements that the reader may see, newest first; one row more than asked, for `page_of`."""
    filters, params = _filters(wanted, first_param=4)
    keyset, order, bounds = keyset_sql(request, at="s.published_at", row_id="s.id", first_param=4 + len(params))
    condition = " and ".join([*filters, keyset])
    if wanted.words is not None:
        # A word may stand in every statement or in none: the plan must be made for this very word.
        await conn.execute("set local plan_cache_mode = force_custom_plan")
    if wanted.is_fuzzy:
        picked = f"select s.* from statement s where {_VISIBLE} and {condition} {order}"
    else:
        branches = [_PUBLIC]
        branches += [_OF_SCHOOL] if reader.school_ids else []
        branches += [_OF_CLASS] if reader.class_ids else []
        # One branch an audience, each read off its own index, then merged: never a scan over what is not visible.
        picked = " union all ".join(
            f"(select s.* from statement s where {branch} and {condition} {order})" for branch in branches
        )
    return await conn.fetch_as(
        Shown,
        f"{_COLUMNS} from (select * from ({picked}) s {order}) s {_PUBLISHED_JOINS} where {_TYPED} {order}",
        reader.account_id, list(reader.class_ids), list(reader.school_ids), *params, *bounds,
    )  # fmt: skip


def _filters(wanted: FeedFilter, *, first_param: int) -> tuple[list[str], list[object]]:
    conditions: list[str] = []
    params: list[object] = []
    for column, value in (
        ("campaign_id", wanted.campaign_id),
        ("city_id", wanted.city_id),
        ("class_id", wanted.class_id),
        ("topic_id", wanted.topic_id),
        ("in_reply_to", wanted.in_reply_to),
        ("published_language", primary_language(wanted.language) if wanted.language else None),
    ):
        if value is not None:
            params.append(value)
            conditions.append(f"s.{column} = ${first_param + len(params) - 1}")
    if wanted.words is not None:
        place = first_param + len(params)
        params += [wanted.words] if wanted.is_fuzzy else [wanted.words, wanted.config]
        conditions.append((_LOOKS_LIKE if wanted.is_fuzzy else _SAYS).format(place, place + 1))
    return conditions, params


async def find_shown(conn: Connection, reader: Reader, statement_ids: Sequence[Id]) -> list[Shown]:
    """Those of the statements that the reader may see as published."""
    return await conn.fetch_as(
        Shown,
        f"{_COLUMNS} from statement s {_PUBLISHED_JOINS} where s.id = any($4::uuid[]) and {_VISIBLE}",
        reader.account_id, list(reader.class_ids), list(reader.school_ids), list(statement_ids),
    )  # fmt: skip


async def may_see(conn: Connection, reader: Reader, statement_id: Id) -> bool:
    """Whether the statement is published and visible to the reader."""
    found: bool = await conn.fetch_value(
        f"select exists (select from statement s where s.id = $4 and {_VISIBLE} and {_TYPED})",
        reader.account_id, list(reader.class_ids), list(reader.school_ids), statement_id,
    )  # fmt: skip
    return found


async def list_own(conn: Connection, account_id: Id, request: PageRequest) -> list["Own"]:
    """The author's own statements in every state, newest first, each with its latest wording."""
    keyset, order, bounds = keyset_sql(request, at="s.created_at", row_id="s.id", first_param=2)
    return await conn.fetch_as(Own, _OWN + f" where s.author_id = $1 and {keyset} {order}", account_id, *bounds)


async def find_own(conn: Connection, account_id: Id, statement_ids: Sequence[Id]) -> list["Own"]:
    """Those of the statements that are the account's own."""
    return await conn.fetch_as(
        Own, _OWN + " where s.author_id = $1 and s.id = any($2::uuid[])", account_id, list(statement_ids)
    )


@dataclass(frozen=True, slots=True)
class Own:
    """A statement as its author sees it: the latest wording and where everything stands."""

    id: Id
    campaign_id: Id
    course: str
    course_version: int
    topic_id: Id | None
    topic_name: dict[str, str] | None
    in_reply_to: Id | None
    audience: Audience
    visibility: Visibility
    shown_as: ShownAs
    skips_teacher: bool
    pseudonym: str | None
    class_id: Id | None
    class_name: str | None
    school_name: str | None
    city_name: str | None
    revision_id: Id
    revision_number: int
    revision_version: int
    text: str
    language: str
    direction: str
    review: Review
    published_revision_id: Id | None
    published_at: datetime | None
    created_at: datetime
    changed_at: datetime
    submitted_at: datetime | None
    takedown_due_at: datetime | None
    support_count: int


_OWN = """
select s.id, s.campaign_id, k.course, k.course_version, s.topic_id, t.name as topic_name, s.in_reply_to, s.audience,
       s.visibility, s.shown_as, s.skips_teacher,
       case when s.shown_as = 'PSEUDONYM' then a.pseudonym end as pseudonym,
       s.class_id, c.name as class_name, sc.name as school_name, ci.name as city_name,
       r.id as revision_id, r.number as revision_number, r.version as revision_version, r.text, r.language,
       r.direction, r.review, s.published_revision_id, s.published_at, s.created_at, s.changed_at, r.submitted_at,
       s.takedown_due_at, (select count(*) from support u where u.statement_id = s.id)::int as support_count
  from statement s join campaign k on k.id = s.campaign_id
""" + _JOINS.format(revision="s.latest_revision_id")
