"""A round on the stage: classes full of students, statements they made, jurors, and the moments of the round.

Students and statements of a crowd are written as rows, because making hundreds through the services takes minutes; who
acts in a test is a viewer with a real session.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from backend.campaigns.running import find_scope
from backend.core.clock import process_now, time_shifted
from backend.core.database import Database
from backend.core.ids import Id, new_id
from backend.core.viewer import Role, ScopeKind, Viewer
from backend.places import roles
from backend.places.roles import NewRole
from backend.rounds import drawing, scheduling
from backend.rounds.scheduling import Single
from backend.rounds.store import rounds as round_store
from backend.rounds.store.rounds import Round
from tests.campaigns.stage import Stage, make_stage
from tests.places.town import SETTINGS, handle_of, make_account, make_class, viewer_of

DAY = timedelta(days=1)
_SETTINGS = replace(SETTINGS, scope_of_campaign=find_scope)


@dataclass(slots=True)
class Arena:
    """A stage with a round that opens in an hour, is open for four days, and judged from the fifth to the tenth."""

    stage: Stage
    round_id: Id
    opens_at: datetime

    @property
    def db(self) -> Database:
        return self.stage.db

    @contextmanager
    def at(self, after_opening: timedelta) -> Iterator[None]:
        """Everything inside happens so long after the opening."""
        with time_shifted(self.opens_at + after_opening - process_now()):
            yield

    def open(self) -> Any:
        """An hour after the opening."""
        return self.at(timedelta(hours=1))

    def frozen(self) -> Any:
        """An hour before the close, in the freeze."""
        return self.at(4 * DAY - timedelta(hours=1))

    def closed(self) -> Any:
        """An hour after the close."""
        return self.at(4 * DAY + timedelta(hours=1))

    def judging(self) -> Any:
        """An hour after the judging began."""
        return self.at(5 * DAY + timedelta(hours=1))

    def over(self) -> Any:
        """An hour after the judging ended: provisional until confirmed."""
        return self.at(10 * DAY + timedelta(hours=1))

    async def round(self) -> Round:
        async with self.db.reading() as conn:
            row = await round_store.get_round(conn, self.round_id)
        assert row is not None
        return row

    async def shift(self, earlier: timedelta) -> None:
        """Move the whole round, for a server that goes by the real clock; call it before anybody takes part."""
        names = ("opens_at", "freezes_at", "closes_at", "judging_starts_at", "judging_ends_at")
        moved = ", ".join(f"{name} = {name} - $2::interval" for name in names)
        async with self.db.transaction() as tx:
            await tx.execute(f"update round set {moved} where id = $1", self.round_id, earlier)
        self.opens_at -= earlier

    async def new_class(self, name: str) -> Id:
        """A further class of the school."""
        return (await make_class(self.db, self.stage.town.admin, self.stage.town.school.id, name, 40)).id

    async def crowd(self, class_id: Id, count: int, *, before: timedelta = DAY) -> list[Id]:
        """Accounts with a seat in the class that was confirmed so long before the opening."""
        ids = [new_id() for _ in range(count)]
        at = self.opens_at - before
        async with self.db.transaction() as tx:
            await tx.execute(
                "insert into account (id, handle, pseudonym, birth_year, country, locale, review_languages, door,"
                " status, created_at, erasure_keeps_statements, passphrase_hash, recovery_hash)"
                " select i, 'crowd-' || right(i::text, 12), 'Fox ' || right(i::text, 6), 2010, 'NO', 'nb', '{}',"
                " 'OWN', 'ACTIVE', $2, false, 'no hash', 'none' from unnest($1::uuid[]) i",
                ids, at,
            )  # fmt: skip
            await tx.execute(
                "insert into seat (id, class_id, account_id, status, joined_at, confirmed_at)"
                " select gen_random_uuid(), $2, i, 'CONFIRMED', $3, $3 from unnest($1::uuid[]) i",
                ids, class_id, at,
            )  # fmt: skip
        return ids

    async def viewer(self, account_id: Id) -> Viewer:
        """Somebody of a crowd, signed in."""
        return await viewer_of(self.db, account_id)

    async def say(
        self, account_id: Id, class_id: Id, *, after: timedelta = timedelta(hours=2), audience: str = "CITY",
        visibility: str = "PUBLISHED", review: str = "APPROVED", text: str = "Vi må få snakke.",
    ) -> Id:  # fmt: skip
        """A statement that was handed in so long after the opening; published an hour later where it is."""
        statement_id, revision_id, at = new_id(), new_id(), self.opens_at + after
        is_published = visibility in {"PUBLISHED", "HIDDEN", "REMOVED"} or (
            visibility == "WITHDRAWN" and review == "APPROVED"
        )
        town = self.stage.town
        async with self.db.transaction() as tx:
            await tx.execute(
                "insert into statement (id, campaign_id, author_id, shown_as, class_id, school_id, city_id, audience,"
                " skips_teacher, visibility, latest_revision_id, published_revision_id, published_language, created_at,"
                " changed_at, published_at)"
                " values ($1, $2, $3, 'A_STUDENT', $4, $5, $6, $7, false, $8, $9, $10, $11, $12, $12, $13)",
                statement_id, self.stage.campaign_id, account_id, class_id, town.school.id, town.city.id, audience,
                visibility, revision_id, revision_id if is_published else None, "nb" if is_published else None, at,
                at + timedelta(hours=1) if is_published else None,
            )  # fmt: skip
            await tx.execute(
                "insert into revision (id, statement_id, number, version, text, language, direction, audience,"
                " shown_as, review, created_at, changed_at, submitted_at)"
                " values ($1, $2, 1, 1, $3, 'nb', 'ltr', $4, 'A_STUDENT', $5, $6, $6, $6)",
                revision_id, statement_id, text, audience, review, at,
            )  # fmt: skip
        return statement_id

    async def competing_class(self, name: str, *, size: int = 10, speaking: int = 6) -> tuple[Id, list[Id], list[Id]]:
        """A class of which some spoke in public: (class, accounts, statements)."""
        class_id = await self.new_class(name)
        accounts = await self.crowd(class_id, size)
        return class_id, accounts, [await self.say(one, class_id) for one in accounts[:speaking]]

    async def juror(self, *, account_id: Id | None = None) -> Viewer:
        """A juror of the campaign."""
        account_id = account_id or await make_account(self.db, pseudonym="A juror", staff=True)
        await self.grant(account_id, Role.CAMPAIGN_JUROR)
        return await viewer_of(self.db, account_id)

    async def jurors(self, count: int = 4) -> list[Viewer]:
        return [await self.juror() for _ in range(count)]

    async def editor(self) -> Viewer:
        """An editor of the campaign, who teaches nobody."""
        account_id = await make_account(self.db, staff=True)
        await self.grant(account_id, Role.EDITOR)
        return await viewer_of(self.db, account_id)

    async def student_editor(self) -> Viewer:
        """A student editor of the campaign."""
        account_id = await make_account(self.db)
        await self.grant(account_id, Role.STUDENT_EDITOR, by=await self.editor())
        return await viewer_of(self.db, account_id)

    async def grant(self, account_id: Id, role: Role, *, by: Viewer | None = None) -> None:
        """A role in the campaign, given by the secretariat, or by somebody else, the way the API does."""
        new = NewRole(await handle_of(self.db, account_id), role, ScopeKind.CAMPAIGN, self.stage.campaign_id, None)
        await roles.grant_role(self.db, by or self.stage.town.secretariat, _SETTINGS, new)

    async def draw(self) -> Round:
        """The lot is drawn when the judging begins."""
        with self.judging():
            row = await drawing.draw_if_due(self.db, self.round_id)
        assert row is not None
        assert row.drawn_at is not None
        return row

    async def give_scores(self, statement_ids: Sequence[Id], *scores: int) -> None:
        """Scores of so many jurors for those of the statements that were drawn."""
        async with self.db.transaction() as tx:
            await tx.execute(
                "insert into jury_duty (id, round_id, entry_id, juror_id, assigned_at, state, revision_id, score,"
                " decided_at)"
                " select gen_random_uuid(), e.round_id, e.id, gen_random_uuid(), now(), 'SCORED', gen_random_uuid(), n,"
                " now() from entry e, unnest($2::smallint[]) n where e.is_drawn and e.statement_id = any($1)",
                list(statement_ids), list(scores),
            )  # fmt: skip

    async def give_hand(self, cards: Sequence[Id], marked: Sequence[Id]) -> None:
        """A hand of these statements that somebody has handed in."""
        async with self.db.transaction() as tx:
            await tx.execute(
                "insert into hand (id, round_id, voter_id, numbers, marked, dealt_at, marked_at)"
                " select gen_random_uuid(), $1, gen_random_uuid(),"
                " array(select number from entry where statement_id = any($2)),"
                " array(select number from entry where statement_id = any($3)), now(), now()",
                self.round_id, list(cards), list(marked),
            )  # fmt: skip

    async def rows(self, sql: str, *args: object) -> Sequence[Any]:
        async with self.db.reading() as conn:
            return await conn.fetch(sql, *args)

    async def write(self, sql: str, *args: object) -> None:
        """What no service does, or only by another clock."""
        async with self.db.transaction() as tx:
            await tx.execute(sql, *args)

    async def value(self, sql: str, *args: object) -> Any:
        return await self.stage.value(sql, *args)


async def make_arena(db: Database) -> Arena:
    """A stage with a scheduled round."""
    stage = await make_stage(db)
    opens_at = process_now() + timedelta(hours=1)
    times = Single(opens_at, opens_at + 4 * DAY)
    round_id = await scheduling.schedule_single(db, stage.town.secretariat, stage.campaign_id, times)
    return Arena(stage, round_id, opens_at)
