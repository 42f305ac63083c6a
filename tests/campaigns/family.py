"""A child too young to decide alone, and its guardian with a key, as the tests need them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from backend.accounts import guardian_keys
from backend.accounts.consent import Answered
from backend.accounts.consent_rules import (
    WORDING,
    ConsentAnswer,
    ConsentAudience,
    ConsentGiver,
    ConsentPurpose,
    KeyChannel,
    Question,
)
from backend.accounts.guardian_sight import Carried
from backend.campaigns import guardians
from backend.campaigns.guardians import RefusedWording
from backend.campaigns.rules import Audience
from backend.core.clock import time_shifted
from backend.core.ids import Id
from backend.core.paging import PageRequest
from backend.core.viewer import Viewer
from moderation.appeal_store import AppealRow
from moderation.rules import Reason, Verdict
from tests.campaigns.stage import DESK, Stage
from tests.places.town import SETTINGS

CITY = Question(ConsentPurpose.PUBLISH, ConsentAudience.CITY)
SOCIAL = Question(ConsentPurpose.PUBLISH, ConsentAudience.SOCIAL)
GUARDIAN = Viewer(address="192.0.2.7")
ACCOUNTS = SETTINGS.accounts
WORDS = "Dette står det hjemme hos dere."


@dataclass(slots=True)
class Family:
    """A child of eleven and the key that its guardian answered yes with."""

    stage: Stage
    child: Viewer
    code: str

    async def page(self) -> guardian_keys.GuardianPage | None:
        return await guardian_keys.open_page(self.stage.db, ACCOUNTS, GUARDIAN, self.code)

    async def carried(self) -> Carried:
        page = await self.page()
        assert page is not None
        return page.carried

    async def reads(self) -> list[str]:
        """The texts of all that the guardian sees, newest first."""
        page = await guardians.list_published(self.stage.db, GUARDIAN, await self.carried(), PageRequest(50))
        return [row.text for row in page.rows]

    async def refused(self) -> list[RefusedWording]:
        return await guardians.list_refused(self.stage.db, DESK, await self.carried())

    async def appeal(
        self, decision_id: Id, *, who: Viewer = GUARDIAN, code: str | None = None, key: str | None = None
    ) -> AppealRow:
        return await guardians.appeal_by_key(
            self.stage.db, ACCOUNTS, DESK, who, code or self.code, decision_id=decision_id, text="Det er feil.",
            client_key=key,
        )  # fmt: skip

    async def refuse(
        self, text: str = "Ikke slik.", *, audience: Audience = Audience.CITY, verdict: Verdict = Verdict.REJECT
    ) -> tuple[Id, Id]:
        """A wording that a moderator refused, with words to the child: (statement, decision)."""
        subject = await self.stage.hand_in(self.child, text, audience=audience)
        decided = await self.stage.decide(subject, verdict, reason=Reason.SPAM, words=WORDS)
        return subject.id, decided.decision.id

    async def withdraw(self) -> None:
        await guardian_keys.withdraw_by_key(self.stage.db, ACCOUNTS, GUARDIAN, self.code, [CITY])


async def give_key(
    stage: Stage, child: Viewer, questions: Sequence[Question], *, channel: KeyChannel = KeyChannel.SCHOOL,
    days_ago: int = 3,
) -> str:  # fmt: skip
    """A guardian is asked, and says yes."""
    account_id = child.require_account()
    with time_shifted(timedelta(days=-days_ago)):
        async with stage.db.transaction() as tx:
            slip = await guardian_keys.ask(tx, ACCOUNTS, account_id, questions, channel=channel, asked_by=account_id)
        answers = [Answered(one, ConsentAnswer.YES) for one in questions]
        await guardian_keys.answer_by_key(stage.db, ACCOUNTS, GUARDIAN, slip.code, answers, wording=WORDING)
    return slip.code


async def make_child(stage: Stage, child: Viewer | None = None) -> Viewer:
    """A child too young to decide alone, who has said yes to everything."""
    child = child or await stage.student(consents=())
    async with stage.db.transaction() as tx:
        await tx.execute("update account set birth_year = 2014 where id = $1", child.account_id)
    await stage.consent(child.require_account(), tuple(ConsentAudience), givers=[ConsentGiver.SELF])
    return child


async def make_family(stage: Stage) -> Family:
    """A child of a class whose guardian said yes to CITY three days ago, with a key from the school."""
    child = await make_child(stage)
    return Family(stage, child, await give_key(stage, child, [CITY]))


async def speak_for_all(stage: Stage, child: Viewer, audiences: Collection[ConsentAudience]) -> None:
    """The school has said yes in place of the guardian."""
    await stage.consent(child.require_account(), audiences, givers=[ConsentGiver.REPRESENTATIVE])
