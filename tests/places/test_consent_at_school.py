"""The school's side of consent: slips for guardians, what teachers are told, the yes of the head of school."""

from datetime import timedelta

import pytest

from backend.accounts.consent import Answered, answer_self, effective
from backend.accounts.consent_rules import WORDING, ConsentAnswer, ConsentAudience, ConsentPurpose, Question
from backend.accounts.guardian_keys import answer_by_key, withdraw_by_key
from backend.accounts.guardian_requests import request_consent
from backend.core.clock import time_shifted
from backend.core.errors import Conflict, NotAllowed, NotFound
from backend.core.jobs import Registry
from backend.core.viewer import ANONYMOUS, Viewer
from backend.places import closing, consent_notices, guardian_slips, representatives, work
from backend.places.joining import Joined
from backend.places.representatives import SubstituteReason
from tests.places.town import SETTINGS, Town, viewer_with

CITY = Question(ConsentPurpose.PUBLISH, ConsentAudience.CITY)
YES = [Answered(CITY, ConsentAnswer.YES)]


async def child(town: Town, name: str = "Blue Fox", *, confirmed: bool = True) -> tuple[Joined, Viewer]:
    joined = await town.join(name)
    async with town.db.transaction() as tx:
        await tx.execute("update account set birth_year = 2014 where id = $1", joined.seat.account_id)
    if confirmed:
        await town.confirm(joined.seat.id)
    return joined, await viewer_with(town.db, joined.session_token or "")


async def kinds_of(town: Town, viewer: Viewer) -> list[str]:
    async with town.db.reading() as conn:
        rows = await conn.fetch("select kind from notice where account_id = $1 order by id", viewer.account_id)
    return [row["kind"] for row in rows]


async def test_slips_only_of_confirmed_children_who_asked(town: Town) -> None:
    joined, viewer = await child(town)
    await child(town, "Red Fox")
    _, pending = await child(town, "Green Fox", confirmed=False)
    for one in (viewer, pending):
        await request_consent(town.db, SETTINGS.accounts, one, [CITY])
    batch = await guardian_slips.print_slips(town.db, town.teacher, SETTINGS, class_id=town.school_class.id)
    assert [one.seat.id for one in batch.slips] == [joined.seat.id]
    for stranger in (town.other_teacher, town.official):
        with pytest.raises((NotFound, NotAllowed)):
            await guardian_slips.print_slips(town.db, stranger, SETTINGS, class_id=town.school_class.id)


async def test_slip_renewed_replaces_the_lost_one(town: Town) -> None:
    joined, viewer = await child(town)
    with pytest.raises(NotFound):
        await guardian_slips.renew_slip(town.db, town.teacher, SETTINGS, seat_id=joined.seat.id)
    asked = await request_consent(town.db, SETTINGS.accounts, viewer, [CITY])
    renewed = await guardian_slips.renew_slip(town.db, town.teacher, SETTINGS, seat_id=joined.seat.id)
    assert renewed.slips[0].slip.code != asked.slip.code


async def test_asked_and_given_are_told_to_the_right_staff_once_a_day(town: Town) -> None:
    joined, viewer = await child(town)
    asked = {"account": str(joined.seat.account_id)}
    given = {**asked, "purpose": "PUBLISH", "audience": "CITY"}
    await answer_self(town.db, SETTINGS.accounts, viewer, YES, wording=WORDING)
    assert await consent_notices.handle_consent_given(town.db, given) == 0  # the guardian's is still missing
    slip = (await request_consent(town.db, SETTINGS.accounts, viewer, [CITY])).slip
    await answer_by_key(town.db, SETTINGS.accounts, ANONYMOUS, slip.code, YES, wording=WORDING)
    for _ in range(2):
        await consent_notices.handle_consent_asked(town.db, asked)
        await consent_notices.handle_consent_given(town.db, given)
    assert (await kinds_of(town, town.teacher))[-2:] == ["guardian_slip", "consent_given"]
    assert (await kinds_of(town, town.admin))[-1:] == ["consent_given"]
    assert "consent_given" not in await kinds_of(town, town.other_teacher)
    with time_shifted(timedelta(days=1)):
        assert await consent_notices.handle_consent_given(town.db, given) == 2


async def test_given_of_a_pending_seat_is_told_to_nobody(town: Town) -> None:
    joined, _ = await child(town, confirmed=False)
    payload = {"account": str(joined.seat.account_id), "purpose": "PUBLISH", "audience": "CITY"}
    assert await consent_notices.handle_consent_given(town.db, payload) == 0


async def test_representatives_yes_counts_beside_the_childs_own_for_a_year(town: Town) -> None:
    joined, viewer = await child(town)
    await answer_self(town.db, SETTINGS.accounts, viewer, [Answered(CITY, ConsentAnswer.YES)], wording=WORDING)
    state = await representatives.grant_for_child(
        town.db, town.admin, SETTINGS.accounts, seat_id=joined.seat.id, questions=[CITY],
        reason=SubstituteReason.PARENTS_UNREACHABLE,
    )  # fmt: skip
    assert state.covers(CITY.audience, CITY.purpose) == "consent_not_yet"
    for days, covered in ((2, True), (364, True), (366, False)):
        with time_shifted(timedelta(days=days)):
            async with town.db.reading() as conn:
                found = await effective(conn, [joined.seat.account_id], await conn.now(), at_school=True)
            assert (found[joined.seat.account_id].covers(CITY.audience, CITY.purpose) is None) is covered


async def test_guardians_no_ends_what_the_school_answered_in_their_place(town: Town) -> None:
    joined, viewer = await child(town)
    account_id = joined.seat.account_id
    await answer_self(town.db, SETTINGS.accounts, viewer, YES, wording=WORDING)
    await representatives.grant_for_child(
        town.db, town.admin, SETTINGS.accounts, seat_id=joined.seat.id, questions=[CITY],
        reason=SubstituteReason.PARENTS_UNREACHABLE,
    )  # fmt: skip
    slip = (await request_consent(town.db, SETTINGS.accounts, viewer, [CITY])).slip
    await answer_by_key(town.db, SETTINGS.accounts, ANONYMOUS, slip.code, YES, wording=WORDING)
    with time_shifted(timedelta(days=2)):
        await withdraw_by_key(town.db, SETTINGS.accounts, ANONYMOUS, slip.code, [CITY])
        async with town.db.reading() as conn:
            state = (await effective(conn, [account_id], await conn.now(), at_school=True))[account_id]
    assert state.covers(CITY.audience, CITY.purpose) == "consent_guardian_missing"


async def test_representatives_yes_for_a_pending_seat_is_refused(town: Town) -> None:
    joined, _ = await child(town, confirmed=False)
    with pytest.raises(Conflict, match="seat_not_confirmed"):
        await representatives.grant_for_child(
            town.db, town.admin, SETTINGS.accounts, seat_id=joined.seat.id, questions=[CITY],
            reason=SubstituteReason.PARENTS_ABROAD,
        )  # fmt: skip


async def test_worker_does_what_places_registered(town: Town) -> None:
    registry = Registry()
    work.register(registry, town.db, SETTINGS)
    joined, viewer = await child(town)
    payload = {"account": str(joined.seat.account_id), "purpose": "PUBLISH", "audience": "CITY"}
    await answer_self(town.db, SETTINGS.accounts, viewer, YES, wording=WORDING)
    await representatives.grant_for_child(
        town.db, town.admin, SETTINGS.accounts, seat_id=joined.seat.id, questions=[CITY],
        reason=SubstituteReason.PARENTS_ABROAD,
    )  # fmt: skip
    await registry.handlers["consent.given"](payload)
    await registry.handlers["consent.asked"](payload)
    assert (await kinds_of(town, town.teacher))[-2:] == ["consent_given", "guardian_slip"]
    await closing.close_class(town.db, town.teacher, SETTINGS, class_id=town.school_class.id)
    with time_shifted(timedelta(days=61)):
        for periodic in registry.periodic:
            await periodic.run()
    async with town.db.reading() as conn:
        status = await conn.fetch_value("select status from account where id = $1", joined.seat.account_id)
    assert status == "ERASURE_REQUESTED"
