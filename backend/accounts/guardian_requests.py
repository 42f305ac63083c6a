"""A child asks for a guardian's consent: through the school, or by mail where there is none."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.accounts import consent, guardian_keys, store
from backend.accounts.config import AccountSettings
from backend.accounts.consent_rules import ConsentState, Question
from backend.accounts.emails import check_email, limit_mail
from backend.accounts.guardian_keys import GuardianSlip
from backend.accounts.people import Door
from backend.core import jobs, repeats
from backend.core.database import Database, Transaction
from backend.core.errors import NotAllowed, ValidationFailed
from backend.core.ids import Id
from backend.core.viewer import Viewer
from backend.notices import mail

JOB_ASKED = "consent.asked"  # {account}: places tell the class's teachers that a slip waits to be printed


@dataclass(frozen=True, slots=True)
class Asked:
    """What the guardian is asked, and what holds meanwhile."""

    slip: GuardianSlip
    state: ConsentState


async def request_consent(
    db: Database,
    settings: AccountSettings,
    viewer: Viewer,
    questions: Sequence[Question],
    *,
    guardian_email: str | None = None,
    client_key: str | None = None,
) -> Asked:
    """Ask the viewer's guardian. In a class the teacher hands the slip out; otherwise it is mailed to the guardian.

    The caller shows neither code nor link of the slip. The mail address is forgotten once the mail is sent. Raises
    NotAllowed `guardian_not_needed`, ValidationFailed `guardian_email_missing` or `guardian_by_school`, RateLimited.
    """
    account_id = viewer.require_account()
    consent.check_questions(questions)
    email = _channel(guardian_email, by_school=bool(viewer.seats) or await _came_by_school(db, account_id))
    if email is not None:
        await limit_mail(db, settings, email, account_id=account_id)
    async with db.transaction() as tx:
        viewer.require_unsealed(await tx.now())
        state = (await consent.effective(tx, [account_id], await tx.now()))[account_id]
        if not any(state.needs_guardian(question) for question in questions):
            raise NotAllowed("guardian_not_needed", path=("items",))
        repeated = await repeats.first_result(tx, viewer, "consentRequest", client_key, account_id) is not None
        slip = await guardian_keys.ask(tx, settings, account_id, questions, asked_by=account_id)
        if not repeated:
            await _send(tx, viewer, account_id, slip, email)
    return Asked(slip, state)


async def _came_by_school(db: Database, account_id: Id) -> bool:
    """Also without a seat now: else a child would leave the class, ask itself by mail, and join again."""
    async with db.reading() as conn:
        account = await store.get_account(conn, account_id)
    return account is not None and account.door is Door.CLASS_CODE


def _channel(guardian_email: str | None, *, by_school: bool) -> str | None:
    if by_school:
        # A child could give its own address; the school knows the guardian's.
        if guardian_email is not None:
            raise ValidationFailed("guardian_by_school", path=("guardianEmail",))
        return None
    if guardian_email is None:
        raise ValidationFailed("guardian_email_missing", path=("guardianEmail",))
    return check_email(guardian_email, path=("guardianEmail",))


async def _send(tx: Transaction, viewer: Viewer, account_id: Id, slip: GuardianSlip, email: str | None) -> None:
    if email is None:
        await jobs.enqueue(tx, JOB_ASKED, {"account": str(account_id)}, key=f"{JOB_ASKED}:{account_id}")
        return
    params = {"code": slip.code, "link": slip.link}
    await mail.send(tx, email, "guardian_ask", locale=viewer.locale, params=params)
