"""People as the API shows them: mostly to themselves."""

from datetime import datetime

import strawberry

from backend.accounts import consent, consent_store
from backend.accounts.consent_rules import (
    QUESTIONS,
    WORDING,
    ConsentAnswer,
    ConsentAudience,
    ConsentGiver,
    ConsentPurpose,
    ConsentRow,
    ConsentState,
    LegalBasis,
    Question,
)
from backend.accounts.people import Door, SecondFactorState, SessionKind
from backend.accounts.session_store import ListedSession
from backend.accounts.sessions import OwnAccount, list_sessions
from backend.core.paging import page_request
from backend.core.viewer import Viewer as CoreViewer
from backend.notices import inbox
from graphql_api.accounts import enums as enums
from graphql_api.context import Info
from graphql_api.fields import resolver
from graphql_api.messages import message
from graphql_api.node import Node
from graphql_api.node_ids import global_id
from graphql_api.paging import After, Before, Connection, First, Last, connection
from graphql_api.scalars import LanguageTag


@strawberry.type(description="A sign-in on one device.")
class Session(Node):
    kind: SessionKind = strawberry.field(description="Whose device it is.")
    device: str | None = strawberry.field(description="What the app called the device.")
    is_current: bool = strawberry.field(description="Whether it is the session of this request.")
    created_at: datetime = strawberry.field(description="When it began.")
    last_seen_at: datetime = strawberry.field(description="When it was last used, to the minute.")
    ends_at: datetime = strawberry.field(description="When it ends at the latest.")


def session(row: ListedSession, viewer: CoreViewer) -> Session:
    """A session as the API shows it."""
    return Session(
        id=global_id("Session", row.id),
        kind=row.kind,
        device=row.device,
        is_current=row.id == viewer.session_id,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        ends_at=row.ends_at,
    )


# The types under which the owner of a notice can ask for what it is about.
_SUBJECT_TYPES = {
    "asset": "Asset",
    "award": "Award",
    "moderation_decision": "Decision",
    "role_grant": "RoleGrant",
    "round": "Round",
    "school_class": "SchoolClass",
    "seat": "Seat",
    "statement": "OwnStatement",
    "topic_proposal": "TopicProposal",
}


@strawberry.type(description="Something that happened and concerns the viewer.")
class Notice(Node):
    kind: str = strawberry.field(
        description="What kind of thing happened, a stable name in snake_case. New ones come: show `message` then."
    )
    message: str = strawberry.field(description="The same in plain words, in the viewer's language.")
    subject_id: strawberry.ID | None = strawberry.field(
        description="The global id of what it is about, for `node`; null when it is about nothing that can be read."
    )
    at: datetime = strawberry.field(description="When it happened.")
    read_at: datetime | None = strawberry.field(description="When it was marked as read.")


def notice(row: inbox.Notice, locale: str) -> Notice:
    """A line of the inbox as the API shows it."""
    subject = None
    if row.subject_kind is not None and row.subject_id is not None:
        subject = global_id(_SUBJECT_TYPES[row.subject_kind], row.subject_id)
    return Notice(
        id=global_id("Notice", row.id),
        kind=row.kind,
        message=message(locale, f"notice.{row.kind}", row.params),
        subject_id=subject,
        at=row.at,
        read_at=row.read_at,
    )


@strawberry.type(description="One answer in the viewer's consent ledger. Answers are added and ended, never changed.")
class Consent:
    purpose: ConsentPurpose = strawberry.field(description="What was asked.")
    audience: ConsentAudience | None = strawberry.field(description="For whom; null for naming, which is public.")
    answer: ConsentAnswer = strawberry.field(description="What was answered.")
    granted_by: ConsentGiver = strawberry.field(description="Who answered.")
    legal_basis: LegalBasis = strawberry.field(description="What showing it rests on.")
    wording: str = strawberry.field(description="The version of the text that was answered.")
    at: datetime = strawberry.field(description="When it was answered.")
    effective_at: datetime = strawberry.field(description="From when it counts: beyond the school a day later.")
    expires_at: datetime | None = strawberry.field(description="When it ends by itself; null for never.")
    withdrawn_at: datetime | None = strawberry.field(description="When it was taken back or answered anew.")


def consent_row(row: ConsentRow) -> Consent:
    """A row of the ledger as the API shows it."""
    return Consent(
        purpose=row.purpose,
        audience=row.audience,
        answer=row.answer,
        granted_by=row.granted_by,
        legal_basis=row.legal_basis,
        wording=row.wording,
        at=row.at,
        effective_at=row.effective_at,
        expires_at=row.expires_at,
        withdrawn_at=row.withdrawn_at,
    )


@strawberry.type(description="A question of consent and where it stands.")
class ConsentStanding:
    purpose: ConsentPurpose = strawberry.field(description="What is asked.")
    audience: ConsentAudience | None = strawberry.field(description="For whom; null for naming, which is public.")
    text: str = strawberry.field(description="The question in plain words.")
    wording: str = strawberry.field(description="The version of the text; an answer names it.")
    needs_guardian: bool = strawberry.field(description="Whether the person's own yes is not enough.")
    missing: str | None = strawberry.field(
        description="Null when it may be shown now; else the code of what is missing, such as `consent_not_yet`."
    )
    missing_message: str | None = strawberry.field(description="The same in plain words.")


def consent_standing(
    question: Question, state: ConsentState, locale: str, *, for_guardian: bool = False
) -> ConsentStanding:
    """Where a question stands, as the API shows it; the words are for the person, or `for_guardian`."""
    reason = state.covers(question.audience, question.purpose)
    words = reason and (f"page.{reason}" if for_guardian else str(reason))
    return ConsentStanding(
        purpose=question.purpose,
        audience=question.audience,
        text=consent_text(question, locale),
        wording=WORDING,
        needs_guardian=state.needs_guardian(question),
        missing=reason,
        missing_message=words and message(locale, words, {}),
    )


def consent_text(question: Question, locale: str) -> str:
    """The question in plain words, as of today's wording."""
    name = "_".join(part.lower() for part in (question.purpose, question.audience) if part)
    return message(locale, f"consent.{WORDING}.{name}", {})


@strawberry.type(description="The second factor: an authenticator app, and codes for when it is lost.")
class SecondFactor:
    state: SecondFactorState = strawberry.field(description="Where it stands in this session.")
    recovery_codes_left: int = strawberry.field(description="How many single-use codes are left.")


@strawberry.type(description="The person who is signed in, as only they see it.")
class Viewer(Node):
    row: strawberry.Private[OwnAccount]
    handle: str | None = strawberry.field(description="What they sign in with; shown to nobody else.")
    pseudonym: str | None = strawberry.field(description="The name others see; null on a card that is not used yet.")
    birth_year: int | None = strawberry.field(description="Their year of birth; null until it is given.")
    country: str | None = strawberry.field(description="ISO 3166 code of the country whose ages hold.")
    locale: LanguageTag = strawberry.field(description="The language of the product.")
    review_languages: list[LanguageTag] = strawberry.field(description="The languages in which they can review.")
    email: str | None = strawberry.field(description="Their address, once it was verified.")
    door: Door = strawberry.field(description="How they came in.")
    created_at: datetime = strawberry.field(description="When they came in.")
    restricted_until: datetime | None = strawberry.field(
        description="Until when the account only reads, appeals, withdraws and exports; null when it is not restricted."
    )
    sealed_until: datetime | None = strawberry.field(
        description="After somebody else has set the passphrase: until when drafts and answers stay sealed."
    )
    erasure_due_at: datetime | None = strawberry.field(
        description="When the account will be erased; null unless that was asked for. Until then it can be taken back."
    )
    second_factor: SecondFactor = strawberry.field(description="The second factor.")

    @resolver("The sessions open now, the latest used first; at most 50. Until `sealedUntil` only this one.")
    async def sessions(self, info: Info) -> list[Session]:
        async with info.context.db.reading() as conn:
            rows = await list_sessions(conn, info.context.viewer)
        return [session(row, info.context.viewer) for row in rows]

    @resolver("What was answered about consent, newest first; at most 200. Empty while `sealedUntil` has not come.")
    async def consents(self, info: Info) -> list[Consent]:
        if info.context.viewer.is_sealed:
            return []
        async with info.context.db.reading() as conn:
            rows = await consent_store.ledger(conn, self.row.account.id)
        return [consent_row(row) for row in rows]

    @resolver("Every question of consent, and where it stands. Empty while `sealedUntil` has not come.")
    async def consent_standings(self, info: Info) -> list[ConsentStanding]:
        viewer = info.context.viewer
        if viewer.is_sealed:
            return []
        async with info.context.db.reading() as conn:
            states = await consent.effective(
                conn, [self.row.account.id], await conn.now(), at_school=bool(viewer.seats)
            )
        state = states[self.row.account.id]
        return [consent_standing(question, state, info.context.locale) for question in QUESTIONS]

    @resolver("What happened, newest first. Until `sealedUntil` only that somebody else has set the passphrase.")
    async def inbox(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Notice]:
        request = page_request(first=first, after=after, last=last, before=before)
        page = await inbox.list_notices(info.context.db, info.context.viewer, request)
        return connection(page, lambda row: notice(row, info.context.locale))


def viewer(own: OwnAccount) -> Viewer:
    """The signed-in person as the API shows them."""
    account = own.account
    return Viewer(
        id=global_id("Viewer", account.id),
        row=own,
        handle=account.handle,
        pseudonym=account.pseudonym,
        birth_year=account.birth_year,
        country=account.country,
        locale=LanguageTag(account.locale),
        review_languages=[LanguageTag(tag) for tag in account.review_languages],
        email=account.email,
        door=account.door,
        created_at=account.created_at,
        restricted_until=account.restricted_until,
        sealed_until=own.sealed_until,
        erasure_due_at=own.erasure_due_at,
        second_factor=SecondFactor(state=own.second_factor, recovery_codes_left=own.recovery_codes_left),
    )
