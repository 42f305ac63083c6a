"""A child asks for a guardian's consent: through the school, or by mail where there is none."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.accounts import consent, guardian_keys, store
from backend.accounts.config import AccountSettings
from backend.accounts.consent_rules import ConsentState, KeyChannel, Question
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
    NotAllowed `guardian_not_needed`, ValidationFailed `guardian_email_missing`, `guardian_email_own` or
    `guardian_by_school`, RateLimited.
    """
    account_id = viewer.require_account()
    consent.check_questions(questions)
    async with db.reading() as conn:
        account = await store.get_account(conn, account_id)
    # Who came by a class code has a guardian whom that school knows, also after leaving the class.
    by_school = bool(viewer.seats) or (account is not None and account.door is Door.CLASS_CODE)
    email = _channel(guardian_email, by_school=by_school, own=account.email if account is not None else None)
    if email is not None:
        await limit_mail(db, settings, email, account_id=account_id)
    async with db.transaction() as tx:
        viewer.require_unsealed()
        at_school = bool(viewer.seats)
        state = (await consent.effective(tx, [account_id], await tx.now(), at_school=at_school))[account_id]
        if not any(state.needs_guardian(question) for question in questions):
            raise NotAllowed("guardian_not_needed", path=("items",))
        repeated = await repeats.first_result(tx, viewer, "consentRequest", client_key, account_id) is not None
        channel = KeyChannel.SCHOOL if email is None else KeyChannel.MAIL
        slip = await guardian_keys.ask(tx, settings, account_id, questions, channel=channel, asked_by=account_id)
        if not repeated:
            await _send(tx, viewer, account_id, slip, email)
    return Asked(slip, state)


def _channel(guardian_email: str | None, *, by_school: bool, own: str | None) -> str | None:
    if by_school:
        # A child could give its own address; the school knows the guardian's.
        if guardian_email is not None:
            raise ValidationFailed("guardian_by_school", path=("guardianEmail",))
        return None
    if guardian_email is None:
        raise ValidationFailed("guardian_email_missing", path=("guardianEmail",))
    email = check_email(guardian_email, path=("guardianEmail",))
    if own is not None and email.lower() == own.lower():
        raise ValidationFailed("guardian_email_own", path=("guardianEmail",))
    return email


async def _send(tx: Transaction, viewer: Viewer, account_id: Id, slip: GuardianSlip, email: str | None) -> None:
    if email is None:
        await jobs.enqueue(tx, JOB_ASKED, {"account": str(account_id)}, key=f"{JOB_ASKED}:{account_id}")
        return
    params = {"code": slip.code, "link": slip.link}
    await mail.send(tx, email, "guardian_ask", locale=viewer.locale, params=params)
