"""Granting and revoking: the chain, shapes, twice, at once, the first secretariat."""

import asyncio
from datetime import timedelta

import pytest

from backend.core.clock import time_shifted
from backend.core.database import Connection, Database
from backend.core.errors import Conflict, DomainError, NotAllowed, NotFound, ValidationFailed
from backend.core.ids import Id, new_id
from backend.core.paging import PageRequest
from backend.core.viewer import Role, Scope, ScopeKind
from backend.places import leads, reading, roles
from backend.places.config import PlaceSettings
from backend.places.roles import SCOPE_KINDS, NewRole
from tests.places.town import SETTINGS, Town, give, handle_of, make_account, staff, viewer_of

CAMPAIGN = new_id()


async def find_campaign(_conn: Connection, campaign_id: Id) -> Scope | None:
    return Scope(campaign_id=campaign_id) if campaign_id == CAMPAIGN else None


WITH_CAMPAIGN = PlaceSettings(SETTINGS.accounts, scope_of_campaign=find_campaign)


@pytest.mark.parametrize("role", Role)
async def test_grant_in_the_wrong_kind_of_scope_is_refused(town: Town, role: Role) -> None:
    handle = await handle_of(town.db, await make_account(town.db, staff=True))
    for kind in set(ScopeKind) - SCOPE_KINDS[role]:
        scope_id = None if kind is ScopeKind.NETWORK else new_id()
        with pytest.raises(ValidationFailed, match="role_scope_kind"):
            await roles.grant_role(town.db, town.secretariat, SETTINGS, NewRole(handle, role, kind, scope_id))


async def test_grant_to_oneself_is_refused(town: Town) -> None:
    with pytest.raises(NotAllowed, match="own_role"):
        await give(
            town.db, town.admin, town.admin.require_account(), Role.TEACHER, ScopeKind.CLASS, town.school_class.id
        )


@pytest.mark.parametrize("handle", ["nobody-here", "", "x" * 10_000, "a\x00b", "\ud800", "Ｎobody"])
async def test_grant_to_an_unknown_handle_is_not_found(town: Town, handle: str) -> None:
    new = NewRole(handle, Role.TEACHER, ScopeKind.CLASS, town.school_class.id)
    with pytest.raises(NotFound, match="handle_unknown"):
        await roles.grant_role(town.db, town.admin, SETTINGS, new)


async def test_grant_staff_role_without_verified_address_is_refused(town: Town) -> None:
    account = await make_account(town.db)
    with pytest.raises(NotAllowed, match="staff_needs_email"):
        await give(town.db, town.admin, account, Role.TEACHER, ScopeKind.CLASS, town.school_class.id)


async def test_grant_in_a_place_that_is_not_there_is_not_found(town: Town) -> None:
    account = await make_account(town.db, staff=True)
    with pytest.raises(NotFound):
        await give(town.db, town.admin, account, Role.TEACHER, ScopeKind.CLASS, new_id())


async def test_grant_that_ends_in_the_past_is_refused(town: Town) -> None:
    account = await make_account(town.db, staff=True)
    async with town.db.reading() as conn:
        now = await conn.now()
    with pytest.raises(ValidationFailed, match="until_in_past"):
        await give(town.db, town.admin, account, Role.TEACHER, ScopeKind.CLASS, town.school_class.id, now)


async def test_grant_twice_at_once_gives_one(town: Town) -> None:
    account = await make_account(town.db, staff=True)
    results = await asyncio.gather(
        *(give(town.db, town.admin, account, Role.TEACHER, ScopeKind.CLASS, town.school_class.id) for _ in range(4)),
        return_exceptions=True,
    )
    assert sum(not isinstance(one, BaseException) for one in results) == 1
    assert {one.code for one in results if isinstance(one, DomainError)} == {"role_already_granted"}


async def test_grant_again_after_it_expired_works(town: Town) -> None:
    account = await make_account(town.db, staff=True)
    async with town.db.reading() as conn:
        until = await conn.now() + timedelta(days=1)
    await give(town.db, town.admin, account, Role.TEACHER, ScopeKind.CLASS, town.school_class.id, until)
    with time_shifted(timedelta(days=1)):
        again = await give(town.db, town.admin, account, Role.TEACHER, ScopeKind.CLASS, town.school_class.id)
    assert again.until is None


async def test_revoke_by_the_holder_and_by_a_grantor_only_once(town: Town) -> None:
    account = await make_account(town.db, staff=True)
    grant = await give(town.db, town.admin, account, Role.TEACHER, ScopeKind.CLASS, town.school_class.id)
    with pytest.raises(NotFound):
        await roles.revoke_role(town.db, town.other_teacher, SETTINGS, grant.id)
    await roles.revoke_role(town.db, await viewer_of(town.db, account), SETTINGS, grant.id)
    with pytest.raises(Conflict, match="role_ended"):
        await roles.revoke_role(town.db, town.admin, SETTINGS, grant.id)


async def test_revoke_at_once_by_two_ends_it_once(town: Town) -> None:
    account = await make_account(town.db, staff=True)
    grant = await give(town.db, town.admin, account, Role.TEACHER, ScopeKind.CLASS, town.school_class.id)
    results = await asyncio.gather(
        *(roles.revoke_role(town.db, town.admin, SETTINGS, grant.id) for _ in range(3)), return_exceptions=True
    )
    assert sum(not isinstance(one, BaseException) for one in results) == 1


async def test_campaign_roles_go_down_the_chain(town: Town) -> None:
    editor_id, young = await make_account(town.db, staff=True), await make_account(town.db)
    handle, young_handle = await handle_of(town.db, editor_id), await handle_of(town.db, young)
    for settings, scope_id in ((SETTINGS, CAMPAIGN), (WITH_CAMPAIGN, new_id())):
        with pytest.raises(NotFound):
            await roles.grant_role(
                town.db, town.secretariat, settings, NewRole(handle, Role.EDITOR, ScopeKind.CAMPAIGN, scope_id)
            )
    await roles.grant_role(
        town.db, town.secretariat, WITH_CAMPAIGN, NewRole(handle, Role.EDITOR, ScopeKind.CAMPAIGN, CAMPAIGN)
    )
    student = NewRole(young_handle, Role.STUDENT_EDITOR, ScopeKind.CAMPAIGN, CAMPAIGN)
    with pytest.raises(NotAllowed):
        await roles.grant_role(town.db, town.secretariat, WITH_CAMPAIGN, student)
    await roles.grant_role(town.db, await viewer_of(town.db, editor_id), WITH_CAMPAIGN, student)
    viewer = await viewer_of(town.db, young, second_factor=False)
    assert viewer.has(Role.STUDENT_EDITOR, Scope(campaign_id=CAMPAIGN))
    assert not viewer.second_factor_missing


async def test_list_roles_shows_only_what_one_may_grant(town: Town) -> None:
    request = PageRequest(size=10)
    city = (ScopeKind.CITY, town.city.id)
    listed = await roles.list_roles(town.db, town.secretariat, SETTINGS, *city, request)
    assert [grant.role for grant in listed.rows] == [Role.CITY_OFFICIAL]
    for viewer in (town.official, town.teacher, town.admin):
        with pytest.raises(NotFound):
            await roles.list_roles(town.db, viewer, SETTINGS, *city, request)


async def test_appoint_secretariat_takes_verified_accounts_once_each(db: Database) -> None:
    first, second = await make_account(db, staff=True), await make_account(db, staff=True)
    plain = await handle_of(db, await make_account(db))
    with pytest.raises(NotAllowed, match="staff_needs_email"):
        await roles.appoint_secretariat(db, plain)
    with pytest.raises(NotFound):
        await roles.appoint_secretariat(db, "nobody-here")
    handle = await handle_of(db, first)
    results = await asyncio.gather(*(roles.appoint_secretariat(db, handle) for _ in range(3)), return_exceptions=True)
    assert [one for one in results if not isinstance(one, BaseException)] == [first]
    assert {result.code for result in results if isinstance(result, DomainError)} == {"role_already_granted"}
    assert await roles.appoint_secretariat(db, await handle_of(db, second)) == second
    for one in (first, second):
        assert (await viewer_of(db, one)).has_any(frozenset({Role.SECRETARIAT}), Scope())


async def test_count_leads_counts_only_those_in_office(town: Town) -> None:
    for _ in range(2):
        await staff(town.db, town.secretariat, Role.SAFEGUARDING_LEAD, ScopeKind.CITY, town.city.id)
    async with town.db.reading() as conn:
        assert await leads.count_leads(conn, town.city.id) == 2
        assert await leads.count_leads(conn, new_id()) == 0


async def test_stranger_learns_of_no_class_by_offering_a_role_in_it(town: Town) -> None:
    stranger = await viewer_of(town.db, await make_account(town.db))
    for scope_id in (town.school_class.id, new_id()):
        new = NewRole("nobody-at-all", Role.TEACHER, ScopeKind.CLASS, scope_id)
        with pytest.raises(NotFound) as refused:
            await roles.grant_role(town.db, stranger, SETTINGS, new)
        assert refused.value.params == {"kind": "CLASS"}


async def test_grantor_sees_what_they_granted_only_while_in_office(town: Town) -> None:
    granted = await give(
        town.db,
        town.admin,
        await make_account(town.db, staff=True),
        Role.TEACHER,
        ScopeKind.CLASS,
        town.school_class.id,
    )
    admin_id = town.admin.require_account()
    without_factor = await viewer_of(town.db, admin_id, second_factor=False)
    own = await reading.list_own_roles(town.db, town.admin)
    assert granted.id in await reading.roles_by_id(town.db, town.admin, [granted.id])
    assert await reading.roles_by_id(town.db, without_factor, [granted.id, own[0].id]) == {own[0].id: own[0]}
    await roles.revoke_role(town.db, town.official, SETTINGS, own[0].id)
    former = await viewer_of(town.db, admin_id)
    assert await reading.roles_by_id(town.db, former, [granted.id]) == {}


async def test_own_role_in_force_is_listed_after_hundreds_of_past_ones(town: Town) -> None:
    account_id = town.teacher.require_account()
    async with town.db.transaction() as tx:
        await tx.execute(
            "insert into role_grant (id, account_id, role, scope_kind, scope_id, granted_at, revoked_at)"
            " select gen_random_uuid(), $1, 'TEACHER', 'CLASS', gen_random_uuid(), now() - interval '1 year', now()"
            " from generate_series(1, 250)",
            account_id,
        )
    assert [grant.scope_id for grant in await reading.list_own_roles(town.db, town.teacher)] == [town.school_class.id]
