"""Consent as the tests give, ask for and look at it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from backend.accounts import consent, guardian_keys, personal_data
from backend.accounts.consent import Answered
from backend.accounts.consent_rules import (
    WORDING,
    ConsentAnswer,
    ConsentAudience,
    ConsentPurpose,
    ConsentState,
    KeyChannel,
    Question,
)
from backend.accounts.guardian_keys import GuardianSlip
from backend.accounts.personal_data import PersonalDomain
from backend.accounts.sign_up import SignedUp
from backend.core.database import Connection, Transaction
from backend.core.errors import (
    ConsentRequired,
)
from backend.core.ids import Id
from backend.core.viewer import Viewer
from tests.accounts.people import House, somebody

CLASS = Question(ConsentPurpose.PUBLISH, ConsentAudience.CLASS)
CITY = Question(ConsentPurpose.PUBLISH, ConsentAudience.CITY)
SOCIAL = Question(ConsentPurpose.PUBLISH, ConsentAudience.SOCIAL)
DAY = timedelta(hours=24)
YOUNG = 2014


async def answer(
    home: House, viewer: Viewer, *questions: Question, says: ConsentAnswer = ConsentAnswer.YES, key: str | None = None
) -> ConsentState:
    given = [Answered(question, says) for question in questions]
    return await consent.answer_self(home.db, home.settings, viewer, given, wording=WORDING, client_key=key)


async def missing(home: House, person: SignedUp, audience: str = "CITY", *, at_school: bool = True) -> str | None:
    async with home.db.reading() as conn:
        try:
            await consent.require(conn, person.account.id, audience, at_school=at_school)
        except ConsentRequired as error:
            return error.code
    return None


async def slip_for(
    home: House, person: SignedUp, *questions: Question, channel: KeyChannel = KeyChannel.SCHOOL
) -> GuardianSlip:
    account_id = person.account.id
    async with home.db.transaction() as tx:
        return await guardian_keys.ask(tx, home.settings, account_id, questions, channel=channel, asked_by=account_id)


async def by_key(
    home: House, code: str, questions: Sequence[Question], says: ConsentAnswer = ConsentAnswer.YES
) -> ConsentState:
    given = [Answered(question, says) for question in questions]
    return await guardian_keys.answer_by_key(home.db, home.settings, somebody(), code, given, wording=WORDING)


@contextmanager
def told_of_endings() -> Iterator[list[Id]]:
    """Whose consents ended, as a domain that takes things down is told; inside the transaction that ended them."""
    told: list[Id] = []

    async def nothing(_conn: Connection, _account_id: Id) -> None:
        return None

    async def ended(_tx: Transaction, account_id: Id) -> None:
        told.append(account_id)

    personal_data.register(PersonalDomain("shown", nothing, nothing, consent_ended=ended))
    yield told
    personal_data.register(PersonalDomain("shown", nothing, nothing))


async def jobs(home: House, kind: str) -> object:
    return await home.value("select count(*) from pgqueuer where entrypoint = $1", kind)
