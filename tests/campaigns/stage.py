"""An open campaign in a town, with students who may speak, reviewers, and short words for what they do all the time."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from backend.accounts import consent
from backend.accounts.consent_rules import ConsentAnswer, ConsentAudience, ConsentGiver, ConsentPurpose, Question
from backend.campaigns import drafting, mine, reading, running, submitting, withdrawing
from backend.campaigns.config import CampaignSettings
from backend.campaigns.drafting import Draft
from backend.campaigns.rules import Audience, Review, Visibility
from backend.campaigns.running import NewCampaign
from backend.campaigns.store import progress
from backend.campaigns.store import statements as store
from backend.campaigns.store.feed import FeedFilter, Own, Shown
from backend.campaigns.store.statements import Revision, Statement
from backend.campaigns.subject import KIND, StatementSubject
from backend.core.clock import time_shifted
from backend.core.database import Database
from backend.core.ids import Id, new_id
from backend.core.paging import PageRequest
from backend.core.viewer import Role, ScopeKind, Viewer
from backend.places import leads
from media.config import Media
from media.processing.jobs import process_asset
from media.rules import People
from media.service import Words, describe_asset
from media.uploads.addresses import upload_token
from media.uploads.finalising import finalise_upload
from media.uploads.receiving import receive_bytes
from media.uploads.tickets import NewUpload, request_upload
from moderation.claims import claim_case
from moderation.config import ModerationSettings
from moderation.deciding import Decided, NewDecision, decide_case
from moderation.keys import KeyResult, teacher_keys
from moderation.rules import Reason, Verdict
from moderation.subjects import Desk, Subject
from tests.media.files import picture, saved
from tests.places.town import SETTINGS, Town, make_account, make_town, staff, viewer_of
from tests.prepared import prepared

CAMPAIGN_SETTINGS = CampaignSettings(teacher_school_days=2)
DESK = Desk(ModerationSettings(secret=b"x" * 32), {KIND: StatementSubject()})
COURSE = ("my_voice_out", 1)
PHOTO = saved(picture(320, 200), "JPEG")
EVERY_AUDIENCE = tuple(ConsentAudience)


def reading_nb(viewer: Viewer) -> Viewer:
    """The viewer as somebody who declared Bokmål and English."""
    return replace(viewer, languages=frozenset({"nb", "en"}))


@dataclass(slots=True)
class Stage:
    """The town, its campaign and the people around it."""

    town: Town
    campaign_id: Id
    moderator: Viewer
    second: Viewer
    teacher: Viewer
    media: Media | None = None
    _names: Iterator[str] = field(default_factory=lambda: iter("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))

    @property
    def db(self) -> Database:
        return self.town.db

    async def student(
        self,
        *,
        class_id: Id | None = None,
        confirmed: bool = True,
        passed: bool = True,
        consents: Collection[ConsentAudience] = EVERY_AUDIENCE,
    ) -> Viewer:
        """A student born in 2010, with all that it takes to speak unless said otherwise."""
        joined = await self.town.join(f"Fox {next(self._names)}", class_id=class_id)
        account_id = joined.seat.account_id
        if confirmed:
            async with self.db.transaction() as tx:
                await tx.execute(
                    "update seat set status = 'CONFIRMED', confirmed_at = now(), confirmed_by = $2 where id = $1",
                    joined.seat.id, self.teacher.account_id,
                )  # fmt: skip
        if passed:
            await self.pass_course(account_id)
        if consents:
            await self.consent(account_id, consents)
        return await viewer_of(self.db, account_id)

    async def outsider(self) -> Viewer:
        """Somebody with an account and nothing else."""
        return await viewer_of(self.db, await make_account(self.db, pseudonym="Nobody here"))

    async def pass_course(self, account_id: Id) -> None:
        async with self.db.transaction() as tx:
            await progress.add_attempt(tx, new_id(), account_id, *COURSE, score=10, passed=True)

    async def consent(
        self, account_id: Id, audiences: Collection[ConsentAudience], *, givers: Sequence[ConsentGiver] = (
            ConsentGiver.SELF, ConsentGiver.GUARDIAN), purpose: ConsentPurpose = ConsentPurpose.PUBLISH,
        days_ago: int = 3, answer: ConsentAnswer = ConsentAnswer.YES,
    ) -> None:  # fmt: skip
        """Answers that were given some days ago."""
        answers = [consent.Answered(Question(purpose, one), answer) for one in audiences]
        with time_shifted(timedelta(days=-days_ago)):
            async with self.db.transaction() as tx:
                for giver in givers:
                    await consent.write_answers(
                        tx, SETTINGS.accounts, account_id, answers, consent.Giver(giver, account_id)
                    )

    async def draft(
        self, author: Viewer, text: str = "Vi må få snakke.", *, audience: Audience = Audience.SCHOOL,
        language: str = "nb", in_reply_to: Id | None = None, campaign_id: Id | None = None,
        class_id: Id | None = None, **wording: Any,
    ) -> Id:  # fmt: skip
        return await drafting.draft_statement(
            self.db, author, campaign_id=campaign_id or self.campaign_id, class_id=class_id, in_reply_to=in_reply_to,
            draft=Draft(text, language, audience, **wording),
        )  # fmt: skip

    async def revise(
        self, author: Viewer, statement_id: Id, text: str = "Nye ord.", *, audience: Audience = Audience.SCHOOL,
        language: str = "nb", seen_version: int | None = None, **wording: Any,
    ) -> None:  # fmt: skip
        draft = Draft(text, language, audience, **wording)
        await drafting.revise_statement(self.db, author, statement_id, draft, seen_version=seen_version)

    async def submit(self, author: Viewer, statement_id: Id) -> Subject:
        """Hand the latest wording in."""
        subject = await self.subject(statement_id)
        await submitting.submit_statement(
            self.db, author, CAMPAIGN_SETTINGS, statement_id=statement_id, revision_id=subject.revision_id,
            version=subject.version,
        )  # fmt: skip
        return subject

    async def subject(self, statement_id: Id) -> Subject:
        """The latest wording, as moderation names it."""
        latest = await self.latest(statement_id)
        return Subject(KIND, statement_id, latest.id, latest.version)

    async def hand_in(self, author: Viewer, text: str = "Vi må få snakke.", **wording: Any) -> Subject:
        return await self.submit(author, await self.draft(author, text, **wording))

    async def teacher_key(self, subject: Subject, *, who: Viewer | None = None) -> KeyResult:
        [result] = await teacher_keys(self.db, DESK, who or self.teacher, [subject])
        return result

    async def case_of(self, statement_id: Id) -> Id:
        async with self.db.reading() as conn:
            found: Id = await conn.fetch_value("select id from moderation_case where subject_id = $1", statement_id)
        return found

    async def decide(
        self, subject: Subject, verdict: Verdict, *, who: Viewer | None = None, reason: Reason | None = None,
        words: str | None = None,
    ) -> Decided:  # fmt: skip
        """A moderator claims the case, whose queue has opened, and decides."""
        who, case_id = who or self.moderator, await self.case_of(subject.id)
        async with self.db.transaction() as tx:
            await tx.execute("update moderation_case set queue_from = now() where id = $1", case_id)
        claim = await claim_case(self.db, DESK, who, case_id)
        assert claim.token is not None
        new = NewDecision(subject.revision_id, subject.version, verdict, reason, words, "nb" if words else None)
        return await decide_case(self.db, DESK, who, case_id, claim.token, new)

    async def approve(self, subject: Subject) -> None:
        """All the keys that the statement needs."""
        statement = await self.statement(subject.id)
        if statement.audience in {Audience.CITY, Audience.SOCIAL}:
            await self.decide(subject, Verdict.APPROVE, who=self.second)
        await self.decide(subject, Verdict.APPROVE)

    async def publish(self, author: Viewer, text: str = "Vi må få snakke.", **wording: Any) -> Id:
        """A published statement."""
        subject = await self.hand_in(author, text, **wording)
        await self.approve(subject)
        assert (await self.statement(subject.id)).visibility is Visibility.PUBLISHED
        return subject.id

    async def withdraw(self, author: Viewer, statement_id: Id) -> None:
        await withdrawing.withdraw_statement(self.db, author, statement_id)

    async def statement(self, statement_id: Id) -> Statement:
        async with self.db.reading() as conn:
            found = await store.get_statement(conn, statement_id)
        assert found is not None
        return found

    async def latest(self, statement_id: Id) -> Revision:
        statement = await self.statement(statement_id)
        async with self.db.reading() as conn:
            return await store.get_revision(conn, statement.latest_revision_id)

    async def state(self, statement_id: Id) -> tuple[Visibility, Review]:
        return (await self.statement(statement_id)).visibility, (await self.latest(statement_id)).review

    async def shown(self, viewer: Viewer, **wanted: Any) -> list[Shown]:
        """The viewer's feed."""
        return list((await reading.list_statements(self.db, viewer, FeedFilter(**wanted), PageRequest(50))).rows)

    async def sees(self, viewer: Viewer, statement_id: Id) -> bool:
        """Whether the statement is in the viewer's feed; the single look-up must say the same."""
        listed = statement_id in {row.id for row in await self.shown(viewer)}
        found = bool(await reading.find_statements(self.db, viewer, [statement_id]))
        assert listed is found
        return listed

    async def own(self, author: Viewer, statement_id: Id) -> tuple[Own, str]:
        """The author's own view of it, with the next step."""
        [row], standing = await mine.find_own(self.db, author, [statement_id])
        assert standing is not None
        return row, standing.next_step(row)

    async def picture(
        self, owner: Viewer, *, alt_text: str | None = "A gradient", people: People | None = People.NONE,
        process: bool = True,
    ) -> Id:  # fmt: skip
        """A clean, described picture."""
        assert self.media is not None
        promise = NewUpload("image/jpeg", len(PHOTO), hashlib.sha256(PHOTO).hexdigest())
        ticket = await request_upload(self.db, self.media, owner, promise)
        await receive_bytes(self.db, self.media, upload_token(self.media, ticket.upload_id), _pieces(PHOTO))
        await finalise_upload(self.db, self.media, owner, ticket.upload_id)
        if process:
            await process_asset(self.db, self.media, ticket.asset_id)
        await describe_asset(self.db, owner, ticket.asset_id, Words(alt_text, people))
        return ticket.asset_id

    async def asset_state(self, asset_id: Id) -> tuple[str, bool]:
        """(status, whether everybody has an address)."""
        async with self.db.reading() as conn:
            row: Any = await conn.fetch_one("select status, is_public from asset where id = $1", asset_id)
        return row["status"], row["is_public"]

    async def value(self, sql: str, *args: object) -> Any:
        async with self.db.reading() as conn:
            return await conn.fetch_value(sql, *args)


async def _pieces(data: bytes) -> AsyncIterator[bytes]:
    yield data


def new_campaign(city_id: Id | None, **changes: Any) -> NewCampaign:
    """A campaign with two topics."""
    wanted = {
        "city_id": city_id,
        "title": {"nb": "Min stemme ut", "en": "My voice out"},
        "description": {"nb": "Si hva du mener."},
        "prompt": {"nb": "Hva vil du endre?"},
        "topics": [{"nb": "Skolen"}, {"nb": "Byen"}],
        "zone": "Europe/Oslo",
        "course": COURSE[0],
        "course_version": COURSE[1],
        **changes,
    }
    return NewCampaign(**wanted)


async def make_stage(db: Database, media: Media | None = None) -> Stage:
    """A town whose campaign is open."""
    made = await prepared(db, "stage", lambda: _build_stage(db))
    return Stage(replace(made.town, db=db), made.campaign_id, made.moderator, made.second, made.teacher, media)


async def _build_stage(db: Database) -> Stage:
    town = await make_town(db, enrolment=30)
    place = (ScopeKind.CITY, town.city.id)
    for _ in range(leads.LEADS_NEEDED):
        await staff(db, town.secretariat, Role.SAFEGUARDING_LEAD, *place)
    async with db.transaction() as tx:
        await tx.execute("update city set safeguarding_hours = '08:00-20:00' where id = $1", town.city.id)
    moderator = reading_nb(await staff(db, town.secretariat, Role.MODERATOR, *place))
    second = reading_nb(await staff(db, town.secretariat, Role.MODERATOR, *place))
    campaign_id = await running.create_campaign(db, town.secretariat, new_campaign(town.city.id))
    await running.open_campaign(db, town.secretariat, campaign_id)
    return Stage(town, campaign_id, moderator, second, reading_nb(town.teacher))


async def together(*tries: Any) -> tuple[list[Any], list[BaseException]]:
    """Run coroutines at the same time: (results, errors)."""
    done = await asyncio.gather(*tries, return_exceptions=True)
    return [one for one in done if not isinstance(one, BaseException)], [
        one for one in done if isinstance(one, BaseException)
    ]
