"""SQL for cities, schools, classes and their codes."""

from collections.abc import Sequence
from datetime import datetime

from backend.core.database import Connection, Transaction
from backend.core.ids import Id
from backend.core.paging import Key, Page, PageRequest, keyset_sql, page_of
from backend.places.records import City, ClassCode, School, SchoolClass

_CITY = "select id, name, country, zone, safeguarding_hours, created_at from city"
_SCHOOL = "select id, city_id, name, created_at from school"
_CLASS = """
select c.id, c.school_id, s.city_id, c.name, c.school_year, c.locale, c.declared_enrolment, c.capacity, c.closes_on,
       c.created_at, c.closed_at, t.zone, t.country
  from school_class c join school s on s.id = c.school_id join city t on t.id = s.city_id
"""
_CODE = "select id, class_id, code, made_at, expires_at from class_code"


async def insert_city(tx: Transaction, city: City) -> None:
    """Add a member city."""
    await tx.execute(
        "insert into city (id, name, country, zone, safeguarding_hours, created_at) values ($1, $2, $3, $4, $5, $6)",
        city.id, city.name, city.country, city.zone, city.safeguarding_hours, city.created_at,
    )  # fmt: skip


async def set_safeguarding_hours(tx: Transaction, city_id: Id, hours: str | None) -> None:
    """Publish other hours, or none."""
    await tx.execute("update city set safeguarding_hours = $2 where id = $1", city_id, hours)


async def get_city(conn: Connection, city_id: Id) -> City | None:
    """A city by id."""
    return await conn.fetch_one_as(City, f"{_CITY} where id = $1", city_id)


async def get_cities(conn: Connection, city_ids: Sequence[Id]) -> dict[Id, City]:
    """Cities by id."""
    return {row.id: row for row in await conn.fetch_as(City, f"{_CITY} where id = any($1)", list(city_ids))}


async def list_cities_with_classes(conn: Connection) -> list[City]:
    """The cities in which a class is open, by name."""
    return await conn.fetch_as(
        City,
        f"{_CITY} where id in (select s.city_id from school s join school_class c on c.school_id = s.id"
        " where c.closed_at is null) order by name, id",
    )


async def list_cities(conn: Connection, request: PageRequest) -> Page[City]:
    """All cities, newest first."""
    where, order, params = keyset_sql(request, at="created_at", row_id="id", first_param=1)
    rows = await conn.fetch_as(City, f"{_CITY} where {where} {order}", *params)
    return page_of(request, rows, lambda row: Key(row.created_at, row.id))


async def insert_school(tx: Transaction, school: School) -> None:
    """Add a school to its city."""
    await tx.execute(
        "insert into school (id, city_id, name, created_at) values ($1, $2, $3, $4)",
        school.id, school.city_id, school.name, school.created_at,
    )  # fmt: skip


async def get_schools(conn: Connection, school_ids: Sequence[Id]) -> dict[Id, School]:
    """Schools by id."""
    return {row.id: row for row in await conn.fetch_as(School, f"{_SCHOOL} where id = any($1)", list(school_ids))}


async def get_school(conn: Connection, school_id: Id) -> School | None:
    """A school by id."""
    return await conn.fetch_one_as(School, f"{_SCHOOL} where id = $1", school_id)


async def list_schools(conn: Connection, city_id: Id, request: PageRequest) -> Page[School]:
    """A city's schools, newest first."""
    where, order, params = keyset_sql(request, at="created_at", row_id="id", first_param=2)
    rows = await conn.fetch_as(School, f"{_SCHOOL} where city_id = $1 and {where} {order}", city_id, *params)
    return page_of(request, rows, lambda row: Key(row.created_at, row.id))


async def insert_class(tx: Transaction, row: SchoolClass) -> None:
    """Add a class to its school."""
    await tx.execute(
        "insert into school_class (id, school_id, name, school_year, locale, declared_enrolment, capacity, closes_on,"
        " created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        row.id, row.school_id, row.name, row.school_year, row.locale, row.declared_enrolment, row.capacity,
        row.closes_on, row.created_at,
    )  # fmt: skip


async def get_class(conn: Connection, class_id: Id) -> SchoolClass | None:
    """A class by id."""
    return await conn.fetch_one_as(SchoolClass, f"{_CLASS} where c.id = $1", class_id)


async def lock_class(tx: Transaction, class_id: Id) -> SchoolClass | None:
    """A class by id; until the transaction ends nobody else decides about its seats."""
    return await tx.fetch_one_as(SchoolClass, f"{_CLASS} where c.id = $1 for update of c", class_id)


async def get_classes(conn: Connection, class_ids: Sequence[Id]) -> dict[Id, SchoolClass]:
    """Classes by id."""
    rows = await conn.fetch_as(SchoolClass, f"{_CLASS} where c.id = any($1)", list(class_ids))
    return {row.id: row for row in rows}


async def list_classes_of_school(conn: Connection, school_id: Id, request: PageRequest) -> Page[SchoolClass]:
    """A school's classes, newest first."""
    return await _list_classes(conn, "c.school_id = $1", school_id, request)


async def list_classes_by_id(conn: Connection, class_ids: Sequence[Id], request: PageRequest) -> Page[SchoolClass]:
    """These classes, newest first."""
    return await _list_classes(conn, "c.id = any($1)", list(class_ids), request)


async def _list_classes(conn: Connection, condition: str, value: object, request: PageRequest) -> Page[SchoolClass]:
    where, order, params = keyset_sql(request, at="c.created_at", row_id="c.id", first_param=2)
    rows = await conn.fetch_as(SchoolClass, f"{_CLASS} where {condition} and {where} {order}", value, *params)
    return page_of(request, rows, lambda row: Key(row.created_at, row.id))


async def set_closed(tx: Transaction, class_id: Id) -> None:
    """End a class now."""
    await tx.execute("update school_class set closed_at = $2 where id = $1", class_id, await tx.now())


async def set_enrolment(tx: Transaction, class_id: Id, declared: int) -> None:
    """Change how many the school office says are enrolled."""
    await tx.execute("update school_class set declared_enrolment = $2 where id = $1", class_id, declared)


async def insert_code(tx: Transaction, code_id: Id, class_id: Id, code: str, expires_at: datetime) -> ClassCode | None:
    """Give a class a code; None when another class has or had the same."""
    return await tx.fetch_one_as(
        ClassCode,
        "insert into class_code (id, class_id, code, made_at, expires_at) values ($1, $2, $3, $4, $5)"
        " on conflict (code) do nothing returning id, class_id, code, made_at, expires_at",
        code_id, class_id, code, await tx.now(), expires_at,
    )  # fmt: skip


async def revoke_codes(tx: Transaction, class_id: Id) -> None:
    """No code of the class is good any more."""
    await tx.execute(
        "update class_code set revoked_at = $2 where class_id = $1 and revoked_at is null", class_id, await tx.now()
    )


async def get_codes(conn: Connection, class_ids: Sequence[Id]) -> dict[Id, ClassCode]:
    """The code in force of each class that has one."""
    rows = await conn.fetch_as(
        ClassCode,
        f"{_CODE} where class_id = any($1) and revoked_at is null and expires_at > $2",
        list(class_ids),
        await conn.now(),
    )
    return {row.class_id: row for row in rows}


async def get_code(conn: Connection, code_id: Id) -> ClassCode | None:
    """A code by its id, good or not."""
    return await conn.fetch_one_as(ClassCode, f"{_CODE} where id = $1", code_id)


async def find_class_by_code(conn: Connection, code: str) -> SchoolClass | None:
    """The running class that a good code belongs to."""
    now = await conn.now()
    found = await conn.fetch_one_as(
        SchoolClass,
        f"{_CLASS} join class_code k on k.class_id = c.id"
        " where k.code = $1 and k.revoked_at is null and k.expires_at > $2",
        code,
        now,
    )
    return found if found is not None and found.is_open(now) else None
