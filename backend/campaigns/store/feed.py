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


# Names by sub-selects: a join of seven tables takes PostgreSQL longer to plan than to run. `said` is what is read: the
# statement as it is published, or a wording.
_NAMES = """
       case when {said}.shown_as = 'PSEUDONYM'
            then (select a.pseudonym from account a where a.id = s.author_id and a.status = 'ACTIVE') end as pseudonym,
       s.class_id, (select c.name from school_class c where c.id = s.class_id) as class_name,
       (select c.name from school c where c.id = s.school_id) as school_name,
       (select c.name from city c where c.id = s.city_id) as city_name,
       {said}.topic_id, (select t.name from topic t where t.id = {said}.topic_id) as topic_name
"""
_SUPPORTED = "exists (select from support u where u.statement_id = s.id and u.account_id = $1)"
_PUBLISHED = f"""
select s.id, s.campaign_id, s.in_reply_to, s.audience, s.visibility, s.shown_as, {_NAMES.format(said="s")},
       r.id as revision_id, r.number as revision_number, r.text, r.language, r.direction, r.review, s.published_at,
       {{supported}} as viewer_has_supported, coalesce(s.author_id = $1, false) as viewer_is_author
  from {{statements}} s join revision r on r.id = s.published_revision_id
"""

_SHOWN = "s.visibility = 'PUBLISHED' and s.author_left_at is null"
_PUBLIC = f"{_SHOWN} and s.audience in ('CITY', 'SOCIAL')"
_OF_CLASS = f"{_SHOWN} and s.audience = 'CLASS' and s.class_id ="
_OF_SCHOOL = f"{_SHOWN} and s.audience = 'SCHOOL' and s.school_id ="
# $1 account, $2 classes, $3 schools
_VISIBLE = f"(({_PUBLIC}) or ({_OF_CLASS} any($2::uuid[])) or ({_OF_SCHOOL} any($3::uuid[])))"

_SAYS = (
    "s.search @@ (websearch_to_tsquery('simple', unaccent(${0}::text))"
    " || websearch_to_tsquery(${1}::regconfig, unaccent(${0}::text)))"
)
_LOOKS_LIKE = "lower(unaccent(${0}::text)) <% s.search_text"


async def list_feed(conn: Connection, reader: Reader, wanted: FeedFilter, request: PageRequest) -> list[Shown]:
    """Published statements that the reader may see, newest first; one row more than asked, for `page_of`."""
    branches, params = _branches(reader)
    filters, wanted_params = _filters(wanted, first_param=1 + len(params))
    params += wanted_params
    keyset, order, bounds = keyset_sql(request, at="s.published_at", row_id="s.id", first_param=1 + len(params))
    condition = " and ".join([*filters, keyset])
    if wanted.words is not None:
        # A word may stand in every statement or in none: the plan must be made for this very word.
        await conn.execute("set local plan_cache_mode = force_custom_plan")
    picked = " union all ".join(
        f"(select s.* from statement s where {branch} and {condition} {order})" for branch in branches
    )
    return await conn.fetch_as(
        Shown, f"{_published(reader, f'(select * from ({picked}) s {order})')} {order}", *params, *bounds
    )


def _branches(reader: Reader) -> tuple[list[str], list[object]]:
    """Conditions that together hold for what the reader may see, and their parameters, the account first.

    One a place, each read in order off its own index and then merged: never a scan over what is not visible, never a
    sort of all that a school has said. Words that many have are found in that order too, until the page is full.
    """
    kinds = [_OF_CLASS] * len(reader.class_ids) + [_OF_SCHOOL] * len(reader.school_ids)
    branches = [f"{kind} ${place}" for place, kind in enumerate(kinds, start=2)]
    return [_PUBLIC, *branches], [reader.account_id, *reader.class_ids, *reader.school_ids]


def _published(reader: Reader, statements: str) -> str:
    """The select for `Shown`; what it costs does not depend on who reads, so that PostgreSQL keeps its plan."""
    return _PUBLISHED.format(statements=statements, supported="false" if reader.account_id is None else _SUPPORTED)


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
        f"{_published(reader, 'statement')} where s.id = any($4::uuid[]) and {_VISIBLE}",
        reader.account_id, list(reader.class_ids), list(reader.school_ids), list(statement_ids),
    )  # fmt: skip


async def may_see(conn: Connection, reader: Reader, statement_id: Id) -> bool:
    """Whether the statement is published and visible to the reader."""
    return bool(await find_shown(conn, reader, [statement_id]))


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


_OWN = f"""
select s.id, s.campaign_id, k.course, k.course_version, s.in_reply_to, s.audience, s.visibility, r.shown_as,
       s.skips_teacher, {_NAMES.format(said="r")},
       r.id as revision_id, r.number as revision_number, r.version as revision_version, r.text, r.language,
       r.direction, r.review, s.published_revision_id, s.published_at, s.created_at, s.changed_at, r.submitted_at,
       (select t.due_at from takedown t where t.statement_id = s.id and t.confirmed_at is null and t.lapsed_at is null)
       as takedown_due_at,
       (select count(*) from support u where u.statement_id = s.id)::int as support_count
  from statement s join campaign k on k.id = s.campaign_id join revision r on r.id = s.latest_revision_id
"""
