"""Cities and schools: who may add them."""

from backend.core import audit, policy, repeats
from backend.core.database import Database, Transaction
from backend.core.errors import not_found
from backend.core.ids import Id, new_id
from backend.core.policy import Action
from backend.core.text import clean_text
from backend.core.viewer import Scope, Viewer
from backend.places import rules, store
from backend.places.records import City, School
from backend.places.rules import Country


async def create_city(
    db: Database, viewer: Viewer, *, name: str, country: Country, zone: str, safeguarding_hours: str | None = None,
    client_key: str | None = None,
) -> City:  # fmt: skip
    """Add a member city. `zone` is an IANA name. Raises ValidationFailed `zone_unknown`."""
    policy.require(viewer, Action.CITY_CREATE, Scope())
    clean_name = clean_text(name, path=("name",), max_chars=rules.MAX_NAME_CHARS)
    hours = clean_hours(safeguarding_hours, path=("safeguarding_hours",))
    zone = rules.check_zone(zone)
    async with db.transaction() as tx:
        city_id = new_id()
        first = await repeats.first_result(tx, viewer, "cityCreate", client_key, city_id)
        if first is not None:
            return await _city(tx, first)
        city = City(city_id, clean_name, country, zone, hours, await tx.now())
        await store.insert_city(tx, city)
        await audit.record(tx, viewer.account_id, "secretariat:city:created", ("city", city_id))
        return city


async def set_safeguarding_hours(db: Database, viewer: Viewer, *, city_id: Id, hours: str | None) -> City:
    """Publish when the city's safeguarding leads can be reached: its officials and the secretariat."""
    viewer.require_account()
    cleaned = clean_hours(hours, path=("hours",))
    async with db.transaction() as tx:
        if await store.get_city(tx, city_id) is None:
            raise not_found("City")
        policy.require(viewer, Action.SCHOOL_CREATE, Scope(city_id=city_id))
        await store.set_safeguarding_hours(tx, city_id, cleaned)
        await audit.record(tx, viewer.account_id, "official:safeguarding_hours:set", ("city", city_id))
        return await _city(tx, city_id)


def clean_hours(text: str | None, *, path: tuple[str, ...]) -> str | None:
    """The published hours of a city's safeguarding leads; empty means none yet."""
    cleaned = clean_text(text or "", path=path, max_chars=rules.MAX_HOURS_CHARS, min_chars=0, multiline=True)
    return cleaned or None


async def create_school(
    db: Database, viewer: Viewer, *, city_id: Id, name: str, client_key: str | None = None
) -> School:
    """Add a school to a city: its officials and the secretariat."""
    viewer.require_account()
    clean_name = clean_text(name, path=("name",), max_chars=rules.MAX_NAME_CHARS)
    async with db.transaction() as tx:
        if await store.get_city(tx, city_id) is None:
            raise not_found("City")
        policy.require(viewer, Action.SCHOOL_CREATE, Scope(city_id=city_id))
        school_id = new_id()
        first = await repeats.first_result(tx, viewer, "schoolCreate", client_key, school_id)
        if first is not None:
            return await _school(tx, first)
        school = School(school_id, city_id, clean_name, await tx.now())
        await store.insert_school(tx, school)
        await audit.record(tx, viewer.account_id, "official:school:created", ("school", school_id), city=city_id)
        return school


async def _city(tx: Transaction, city_id: Id) -> City:
    found = await store.get_city(tx, city_id)
    if found is None:
        raise not_found("City")
    return found


async def _school(tx: Transaction, school_id: Id) -> School:
    found = await store.get_school(tx, school_id)
    if found is None:
        raise not_found("School")
    return found
