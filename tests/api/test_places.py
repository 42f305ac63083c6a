"""Places over HTTP with the documents that apps send: from the first city to the closed class."""

import asyncio
from typing import Any

import pytest

from backend.accounts.consent_rules import WORDING
from backend.core.database import Database
from backend.core.viewer import Viewer
from graphql_api.node_ids import global_id
from tests.api.client import Api
from tests.places.town import Town, handle_of, make_account, make_secretariat, make_town, sign_in

KEY = "a-random-key-of-at-least-22-characters"
NEWCOMER = {"pseudonym": "Blue Fox", "birthYear": 2010}


@pytest.fixture
def town(db: Database, runner: asyncio.Runner) -> Town:
    return runner.run(make_town(db))


async def token_of(db: Database, viewer: Viewer, *, second_factor: bool = True) -> str:
    return await sign_in(db, viewer.require_account(), second_factor=second_factor)


async def join(api: Api, code: str, pseudonym: str = "Blue Fox", key: str | None = None) -> Any:
    newcomer = {"pseudonym": pseudonym, "birthYear": 2010}
    return await api.do("ClassJoin", code=code, newcomer=newcomer, clientMutationKey=key)


async def test_walk_from_city_to_confirmed_student(api: Api, db: Database) -> None:
    secretariat = await token_of(db, await make_secretariat(db))
    people = {name: await make_account(db, f"staff-{name}", staff=True) for name in ("official", "admin", "teacher")}
    city = await api.do(
        "CityCreate", as_=secretariat, name="Skien", country="NO", zone="Europe/Oslo", safeguardingHours="Mon–Fri 8–16"
    )
    await api.do("RoleGrant", as_=secretariat, handle="staff-official", role="CITY_OFFICIAL", scopeId=city["id"])
    official = await sign_in(db, people["official"])
    opened = await api.do("CitySafeguardingSet", as_=official, cityId=city["id"], hours="Mon–Fri 8–18")
    assert opened["safeguardingHours"] == "Mon–Fri 8–18"
    school = await api.do("SchoolCreate", as_=official, cityId=city["id"], name="Lunde")
    await api.do("RoleGrant", as_=official, handle="staff-admin", role="SCHOOL_ADMIN", scopeId=school["id"])
    admin = await sign_in(db, people["admin"])
    made = await api.do(
        "ClassCreate", as_=admin, schoolId=school["id"], name="9B", schoolYear="2026/27", declaredEnrolment=2
    )
    assert (made["schoolYear"], made["locale"], made["joinCode"]) == (
        "2026/2027", "nb", None,
    )  # fmt: skip
    await api.do("RoleGrant", as_=admin, handle="staff-teacher", role="TEACHER", scopeId=made["id"])
    teacher = await sign_in(db, people["teacher"])
    page = await api.run("SchoolClass", as_=teacher, id=made["id"])
    joined = await join(api, page["joinCode"]["code"])
    assert (joined["seat"]["status"], joined["seat"]["pseudonym"]) == ("PENDING", "Blue Fox")
    confirmed = await api.do("MembershipConfirm", as_=teacher, seatIds=[joined["seat"]["id"]])
    assert [seat["status"] for seat in confirmed["seats"]] == ["CONFIRMED"]
    mine = await api.run("ViewerSeats", as_=joined["sessionToken"])
    assert [(seat["status"], seat["schoolClass"]["name"]) for seat in mine] == [("CONFIRMED", "9B")]
    assert (await api.run("ViewerRoles", as_=teacher))[0]["scopeId"] == made["id"]
    classes = await api.run("ViewerClasses", as_=teacher, first=5)
    assert [edge["node"]["seatCounts"] for edge in classes["edges"]] == [{"pending": 0, "confirmed": 1}]


async def test_public_lists_need_no_session_and_classes_do(api: Api, db: Database, town: Town) -> None:
    cities = await api.run("Cities", first=10)
    assert [edge["node"]["name"] for edge in cities["edges"]] == ["Kristiansand"]
    schools = await api.run("Schools", cityId=cities["edges"][0]["node"]["id"])
    school_id = schools["edges"][0]["node"]["id"]
    assert await api.run("SchoolClasses", schoolId=school_id) is None
    teacher = await token_of(db, town.teacher)
    assert await api.run("SchoolClasses", as_=teacher, schoolId=school_id) is None
    official = await token_of(db, town.official)
    listed = await api.run("SchoolClasses", as_=official, schoolId=school_id)
    assert [edge["node"]["name"] for edge in listed["edges"]] == ["9B", "9A"]
    assert {edge["node"]["joinCode"] for edge in listed["edges"]} == {None}
    assert {edge["node"]["seatCounts"] for edge in listed["edges"]} == {None}


async def test_class_join_repeated_over_http_gives_the_same(api: Api, town: Town) -> None:
    code = await town.code()
    results = await asyncio.gather(*(join(api, code, key=KEY) for _ in range(4)))
    assert all(one == results[0] for one in results)
    assert results[0]["card"]["signInLink"].partition("#")[2].startswith("handle=")


async def test_class_join_from_a_browser_sets_a_cookie_instead_of_showing_the_token(api: Api, town: Town) -> None:
    joined = await api.do("ClassJoin", code=await town.code(), newcomer={**NEWCOMER, "transport": "COOKIE"})
    assert joined["sessionToken"] is None
    assert api.http.cookies.get("stemme")
    assert [seat["id"] for seat in await api.run("ViewerSeats")] == [joined["seat"]["id"]]


async def test_class_join_problems_are_typed(api: Api, db: Database, town: Town) -> None:
    code = await town.code()
    assert await api.refuse("ClassJoin", code="AAAAAAAA", newcomer=NEWCOMER) == ("NotFound", "class_code_unknown")
    assert await api.refuse("ClassJoin", code=code) == ("ValidationProblem", "newcomer_missing")
    await join(api, code)
    assert await api.refuse("ClassJoin", code=code, newcomer=NEWCOMER) == ("Conflict", "pseudonym_taken")
    assert await api.refuse("ClassJoin", code=code, newcomer=NEWCOMER, clientMutationKey="short") == (
        "ValidationProblem", "client_key_length",
    )  # fmt: skip
    teacher = await token_of(db, town.teacher)
    assert await api.refuse("ClassJoin", as_=teacher, code=code) == ("NotAllowed", "staff_seat")


async def test_class_join_guessing_over_http_is_rate_limited(api: Api, town: Town) -> None:
    answers = [await api.run("ClassJoin", input={"code": "ACDEFGHJ", "newcomer": NEWCOMER}) for _ in range(62)]
    assert answers[0]["__typename"] == "NotFound"
    assert answers[-1]["__typename"] == "RateLimited"
    assert answers[-1]["retryAfterSeconds"] > 0


@pytest.mark.parametrize("pseudonym", ["a\u0000b", "a\u202eb", "\u200b", "x" * 300, "<b>x</b>", "a@b.no"])
async def test_class_join_malicious_pseudonym_is_a_problem(api: Api, town: Town, pseudonym: str) -> None:
    newcomer = {"pseudonym": pseudonym, "birthYear": 2010}
    result = await api.run("ClassJoin", input={"code": await town.code(), "newcomer": newcomer})
    assert result["__typename"] == "ValidationProblem"


NAMELESS = ["", " \u200b ", "a\u0000b", "a\u202eb", "x" * 121]


@pytest.mark.parametrize("name", NAMELESS)
async def test_creating_with_a_bad_name_is_a_problem(api: Api, db: Database, town: Town, name: str) -> None:
    tokens = [await token_of(db, one) for one in (town.secretariat, town.official, town.admin)]
    city_id, school_id = global_id("City", town.city.id), global_id("School", town.school.id)
    inputs: list[tuple[str, dict[str, Any]]] = [
        ("CityCreate", {"name": name, "country": "NO", "zone": "Europe/Oslo"}),
        ("SchoolCreate", {"name": name, "cityId": city_id}),
        ("ClassCreate", {"name": name, "schoolId": school_id, "schoolYear": "2026/27", "declaredEnrolment": 9}),
    ]
    for token, (operation, fields) in zip(tokens, inputs, strict=True):
        kind, _ = await api.refuse(operation, as_=token, **fields)
        assert kind == "ValidationProblem"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"schoolYear": "2026/28"}, "school_year_malformed"),
        ({"schoolYear": "x" * 10_000}, "school_year_malformed"),
        ({"declaredEnrolment": 0}, "enrolment_out_of_range"),
        ({"declaredEnrolment": 1001}, "enrolment_out_of_range"),
        ({"locale": "so"}, "language_unknown"),
        ({"closesOn": "2020-01-01"}, "class_closes_in_past"),
    ],
)
async def test_class_create_bad_values_are_problems(
    api: Api, db: Database, town: Town, fields: dict[str, Any], code: str
) -> None:
    good = {"schoolId": global_id("School", town.school.id), "name": "8A", "schoolYear": "2026/27"}
    admin = await token_of(db, town.admin)
    result = await api.refuse("ClassCreate", as_=admin, **{**good, "declaredEnrolment": 9, **fields})
    assert result == ("ValidationProblem", code)


@pytest.mark.parametrize("zone", ["Oslo", "", "../../etc/passwd", "Europe/Atlantis", "Europe/Oslo\x00", "x" * 9999])
async def test_city_create_unknown_zone_is_a_problem(api: Api, db: Database, town: Town, zone: str) -> None:
    token = await token_of(db, town.secretariat)
    result = await api.refuse("CityCreate", as_=token, name="Skien", country="NO", zone=zone)
    assert result == ("ValidationProblem", "zone_unknown")


async def test_repeated_key_creates_once(api: Api, db: Database, town: Town) -> None:
    secretariat, admin = await token_of(db, town.secretariat), await token_of(db, town.admin)
    teacher = await token_of(db, town.teacher)
    city = {"name": "Skien", "country": "NO", "zone": "Europe/Oslo", "clientMutationKey": "skien-key"}
    one, two = await asyncio.gather(*(api.do("CityCreate", as_=secretariat, **city) for _ in range(2)))
    assert one == two
    school = {"cityId": one["id"], "name": "Lunde", "clientMutationKey": "lunde-key"}
    assert await api.do("SchoolCreate", as_=secretariat, **school) == await api.do(
        "SchoolCreate", as_=secretariat, **school
    )
    klass = {"schoolId": global_id("School", town.school.id), "name": "8A", "schoolYear": "2026/27"}
    klass |= {"clientMutationKey": "8a-key-long"}
    first = await api.do("ClassCreate", as_=admin, **klass, declaredEnrolment=9)
    assert first == await api.do("ClassCreate", as_=admin, **klass, declaredEnrolment=9)
    rotate = {"classId": global_id("SchoolClass", town.school_class.id), "clientMutationKey": "rotate-1"}
    fresh = await api.do("ClassCodeRotate", as_=teacher, **rotate)
    assert fresh == await api.do("ClassCodeRotate", as_=teacher, **rotate)
    role = {
        "handle": await handle_of(db, await make_account(db, staff=True)),
        "role": "MODERATOR",
        "scopeId": one["id"],
    }
    granted = await api.do("RoleGrant", as_=secretariat, **role, clientMutationKey="role-key-1")
    assert granted == await api.do("RoleGrant", as_=secretariat, **role, clientMutationKey="role-key-1")
    assert await api.refuse("RoleGrant", as_=secretariat, **role) == ("Conflict", "role_already_granted")


async def test_seats_remove_leave_and_enrolment(api: Api, db: Database, town: Town) -> None:
    teacher, admin = await token_of(db, town.teacher), await token_of(db, town.admin)
    class_id = global_id("SchoolClass", town.school_class.id)
    one, two = await join(api, await town.code()), await join(api, await town.code(), "Red Fox")
    roster = await api.run("Seats", as_=teacher, classId=class_id, statuses=["PENDING"], first=1)
    assert roster["pageInfo"]["hasNextPage"]
    rest = await api.run("Seats", as_=teacher, classId=class_id, after=roster["pageInfo"]["endCursor"])
    assert [edge["node"]["id"] for edge in rest["edges"]] == [two["seat"]["id"]]
    assert await api.run("Seats", as_=one["sessionToken"], classId=class_id) is None
    removed = await api.do("MembershipRemove", as_=teacher, seatId=one["seat"]["id"], reason="NOT_IN_CLASS")
    assert removed["status"] == "REMOVED"
    assert (await api.run("ViewerSeats", as_=one["sessionToken"]))[0]["schoolClass"] is None
    left = await api.do("MembershipLeave", as_=two["sessionToken"], seatId=two["seat"]["id"])
    assert left["status"] == "LEFT"
    assert await api.refuse("MembershipLeave", as_=two["sessionToken"], seatId=two["seat"]["id"]) == (
        "Conflict", "seat_ended",
    )  # fmt: skip
    changed = await api.do("ClassEnrolmentSet", as_=admin, classId=class_id, declaredEnrolment=30)
    assert changed["declaredEnrolment"] == 30
    closed = await api.do("ClassClose", as_=teacher, classId=class_id)
    assert closed["closedAt"] is not None
    assert await api.refuse("ClassClose", as_=teacher, classId=class_id) == ("Closed", "class_closed")


async def test_cards_reset_and_carry_over(api: Api, db: Database, town: Town) -> None:
    teacher = await token_of(db, town.teacher)
    class_id = global_id("SchoolClass", town.school_class.id)
    names = ["Blå Rev", "نجمة الشمال", "ሰላም"]
    batch = await api.do("LoginCardsCreate", as_=teacher, classId=class_id, pseudonyms=names)
    sheet = batch["sheetHtml"]
    assert all(name in sheet for name in names)
    assert all(one["card"]["passphrase"] in sheet and one["card"]["recoveryCode"] in sheet for one in batch["cards"])
    seat, card = batch["cards"][0]["seat"], batch["cards"][0]["card"]
    session = await api.do("SessionStart", handle=card["handle"], passphrase=card["passphrase"])
    reset = await api.do("PassphraseReset", as_=teacher, seatId=seat["id"])
    fresh = reset["cards"][0]["card"]
    assert (fresh["handle"], fresh["recoveryCode"]) == (card["handle"], None)
    assert card["recoveryCode"] not in reset["sheetHtml"]
    answer = await api.send("{ viewerSeats { id } }", as_=session["token"])
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    sealed = await api.do("SessionStart", handle=card["handle"], passphrase=fresh["passphrase"])
    assert await api.refuse(
        "AccountCarryOver", as_=sealed["token"], currentPassphrase=fresh["passphrase"], handle="stolen"
    ) == ("Conflict", "sealed_after_reset")
    other = batch["cards"][1]
    free = await api.do("SessionStart", handle=other["card"]["handle"], passphrase=other["card"]["passphrase"])
    carried = await api.do(
        "AccountCarryOver", as_=free["token"], currentPassphrase=other["card"]["passphrase"], handle="najma",
        seatId=other["seat"]["id"],
    )  # fmt: skip
    assert await api.do("SessionStart", handle="najma", passphrase=carried["passphrase"])


async def test_roles_listed_for_those_who_grant_them_and_revoked(api: Api, db: Database, town: Town) -> None:
    admin, teacher = await token_of(db, town.admin), await token_of(db, town.teacher)
    class_id = global_id("SchoolClass", town.school_class.id)
    assert await api.run("Roles", as_=teacher, scopeId=class_id) is None
    listed = (await api.run("Roles", as_=admin, scopeId=class_id))["edges"]
    assert [edge["node"]["role"] for edge in listed] == ["TEACHER"]
    ended = await api.do("RoleRevoke", as_=admin, roleGrantId=listed[0]["node"]["id"])
    assert ended["revokedAt"] is not None
    assert await api.run("Seats", as_=teacher, classId=class_id) is None
    assert await api.refuse("RoleRevoke", as_=admin, roleGrantId=listed[0]["node"]["id"]) == ("Conflict", "role_ended")


async def test_guardian_slips_and_the_representatives_yes(api: Api, db: Database, town: Town) -> None:
    teacher, admin = await token_of(db, town.teacher), await token_of(db, town.admin)
    joined = await town.join("Blue Fox")
    async with db.transaction() as tx:
        await tx.execute("update account set birth_year = 2014 where id = $1", joined.seat.account_id)
    await town.confirm(joined.seat.id)
    class_id = global_id("SchoolClass", town.school_class.id)
    seat_id = global_id("Seat", joined.seat.id)
    items = [{"purpose": "PUBLISH", "audience": "CITY"}]
    await api.do("ConsentRequest", as_=joined.session_token, items=items)
    printed = await api.do("GuardianSlipsPrint", as_=teacher, classId=class_id)
    assert [slip["seat"]["id"] for slip in printed["slips"]] == [seat_id]
    assert printed["slips"][0]["code"] in printed["sheetHtml"]
    renewed = await api.do("GuardianSlipRenew", as_=teacher, seatId=seat_id)
    assert renewed["slips"][0]["code"] != printed["slips"][0]["code"]
    for name, fields in (("GuardianSlipsPrint", {"classId": class_id}), ("GuardianSlipRenew", {"seatId": seat_id})):
        assert (await api.refuse(name, as_=joined.session_token, **fields))[0] in ("NotAllowed", "NotFound")
    granted = await api.do(
        "RepresentativeConsentGrant", as_=admin, seatId=seat_id, items=items, reason="PARENTS_UNREACHABLE",
        clientMutationKey="yes-for-fox",
    )  # fmt: skip
    assert granted["items"][0]["missing"] == "consent_self_missing"
    assert (
        await api.refuse(
            "RepresentativeConsentGrant", as_=teacher, seatId=seat_id, items=items, reason="PARENTS_ABROAD"
        )
    )[0] == "NotAllowed"
    # Once a guardian has answered, and even taken the yes back, the school says nothing in their place.
    key = renewed["slips"][0]["code"]
    await api.do("ConsentAnswer", key=key, wording=WORDING, items=[{**items[0], "answer": "YES"}])
    await api.do("ConsentWithdraw", key=key, items=items)
    assert await api.refuse(
        "RepresentativeConsentGrant", as_=admin, seatId=seat_id, items=items, reason="PARENTS_UNREACHABLE"
    ) == ("Conflict", "guardian_answers")


async def test_staff_without_second_factor_is_told_so(api: Api, db: Database, town: Town) -> None:
    teacher = await token_of(db, town.teacher, second_factor=False)
    class_id = global_id("SchoolClass", town.school_class.id)
    assert await api.refuse("ClassCodeRotate", as_=teacher, classId=class_id) == (
        "NotAllowed", "second_factor_missing",
    )  # fmt: skip


async def test_node_shows_a_class_only_to_its_people(api: Api, db: Database, town: Town) -> None:
    class_id = global_id("SchoolClass", town.school_class.id)
    assert await api.run("SchoolClass", id=class_id) is None
    assert await api.run("SchoolClass", as_=await token_of(db, town.other_teacher), id=class_id) is None
    joined = await join(api, await town.code())
    seen = await api.run("SchoolClass", as_=joined["sessionToken"], id=class_id)
    assert (seen["name"], seen["joinCode"], seen["seatCounts"]) == ("9A", None, None)
