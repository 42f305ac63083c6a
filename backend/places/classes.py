"""Classes and their codes."""

from collections.abc import Sequence
from datetime import date

from backend.core import audit, policy, repeats
from backend.core.database import Database, Transaction
from backend.core.errors import Closed, Conflict, ValidationFailed, not_found
from backend.core.ids import Id, new_id
from backend.core.locale import as_locale
from backend.core.policy import Action
from backend.core.text import clean_text
from backend.core.viewer import Scope, Viewer
from backend.places import rules, seat_store, store
from backend.places.config import PlaceSettings
from backend.places.records import ClassCode, SchoolClass
from backend.places.rules import Country
from backend.places.visibility import can_see_class, can_see_roster

_CODE_TRIES = 5


async def create_class(
    db: Database, viewer: Viewer, settings: PlaceSettings, *, school_id: Id, name: str, school_year: str,
    declared_enrolment: int, locale: str | None = None, closes_on: date | None = None, client_key: str | None = None,
) -> SchoolClass:  # fmt: skip
    """Add a class with a first code. `locale` is that of the cards; the default is the country's main language."""
    viewer.require_account()
    clean_name = clean_text(name, path=("name",), max_chars=rules.MAX_NAME_CHARS)
    year = rules.check_school_year(school_year)
    rules.check_enrolment(declared_enrolment)
    async with db.transaction() as tx:
        school = await store.get_school(tx, school_id)
        city = await store.get_city(tx, school.city_id) if school else None
        if school is None or city is None:
            raise not_found("School")
        policy.require(viewer, Action.CLASS_CREATE, Scope(city_id=school.city_id, school_id=school.id))
        class_id, now = new_id(), await tx.now()
        first = await repeats.first_result(tx, viewer, "classCreate", client_key, class_id)
        if first is not None:
            return await found_class(tx, first)
        if closes_on is not None and closes_on < rules.local_day(now, city.zone):
            raise ValidationFailed("class_closes_in_past", path=("closes_on",))
        made = SchoolClass(
            class_id, school.id, city.id, clean_name, year, card_locale(locale, city.country), declared_enrolment,
            settings.class_capacity, closes_on, now, None, city.zone, city.country,
        )  # fmt: skip
        await store.insert_class(tx, made)
        await new_code(tx, new_id(), class_id, settings)
        await audit.record(tx, viewer.account_id, "school:class:created", ("class", class_id), school=school.id)
        return made


def card_locale(wanted: str | None, country: Country) -> str:
    """The language of a class's cards. Raises ValidationFailed `language_unknown` for one that we do not speak."""
    if wanted is None:
        return rules.COUNTRY_LOCALES[country]
    known = as_locale(wanted)
    if known is None:
        raise ValidationFailed("language_unknown", path=("locale",))
    return known


async def rotate_code(
    db: Database, viewer: Viewer, settings: PlaceSettings, *, class_id: Id, client_key: str | None = None
) -> ClassCode:
    """Give a class a fresh code; the old one stops at once. A teacher of the class."""
    async with db.transaction() as tx:
        found = await lock_own_class(tx, viewer, class_id)
        code_id = new_id()
        first = await repeats.first_result(tx, viewer, "classCodeRotate", client_key, code_id)
        earlier = await store.get_code(tx, first) if first else None
        if earlier is not None:
            return earlier
        await store.revoke_codes(tx, class_id)
        code = await new_code(tx, code_id, class_id, settings)
        await audit.record(tx, viewer.account_id, "teacher:class_code:rotated", ("class", found.id))
        return code


async def set_enrolment(db: Database, viewer: Viewer, *, class_id: Id, declared_enrolment: int) -> SchoolClass:
    """Correct the number that the school office declared. The school's administration.

    Raises Conflict `enrolment_below_seats`: the teacher first takes away the seats of those who are not enrolled.
    """
    rules.check_enrolment(declared_enrolment)
    async with db.transaction() as tx:
        found = await store.lock_class(tx, class_id)
        if found is None:
            raise not_found("SchoolClass")
        policy.require(viewer, Action.CLASS_CREATE, found.scope, visible=can_see_class(viewer, found.scope))
        confirmed = (await seat_store.count_seats(tx, class_id)).confirmed
        if declared_enrolment < confirmed:
            raise Conflict("enrolment_below_seats", state="FULL", path=("declared_enrolment",), confirmed=confirmed)
        await store.set_enrolment(tx, class_id, declared_enrolment)
        await audit.record(
            tx, viewer.account_id, "school:enrolment:changed", ("class", class_id), declared=declared_enrolment
        )
        return await found_class(tx, class_id)


async def new_code(tx: Transaction, code_id: Id, class_id: Id, settings: PlaceSettings) -> ClassCode:
    """A code that no class has or had."""
    expires_at = await tx.now() + settings.join_code_life
    for _ in range(_CODE_TRIES):
        made = await store.insert_code(tx, code_id, class_id, rules.make_code(), expires_at)
        if made is not None:
            return made
    raise RuntimeError("no free class code in five tries")


async def lock_own_class(
    tx: Transaction, viewer: Viewer, class_id: Id, *, must_run: bool = True, seats_of: Sequence[Id] | None = None
) -> SchoolClass:
    """The class, locked, for one of its teachers. Raises NotFound, NotAllowed, Closed `class_closed`.

    `seats_of`: whose seats it is about, so that a classmate does not learn that a seat exists.
    """
    found = await store.lock_class(tx, class_id)
    if found is None:
        viewer.require_account()
        raise not_found("SchoolClass")
    visible = can_see_class(viewer, found.scope)
    if seats_of is not None:
        visible = can_see_roster(viewer, found.scope) or set(seats_of) == {viewer.account_id}
    policy.require(viewer, Action.CLASS_RUN, found.scope, visible=visible)
    if must_run and not found.is_open(await tx.now()):
        raise Closed("class_closed")
    return found


async def found_class(tx: Transaction, class_id: Id) -> SchoolClass:
    """A class that must be there."""
    found = await store.get_class(tx, class_id)
    if found is None:
        raise not_found("SchoolClass")
    return found
