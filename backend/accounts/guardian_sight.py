"""What a guardian may see of what a child says: what their own yes lets be published now, and nothing else. Pure."""

from dataclasses import dataclass

from backend.accounts.consent_rules import (
    ConsentAnswer,
    ConsentAudience,
    ConsentGiver,
    ConsentPurpose,
    ConsentState,
    KeyChannel,
    Question,
)
from backend.accounts.consent_store import GuardianKeyRow
from backend.accounts.people import Account, Status
from backend.core.ids import Id


@dataclass(frozen=True, slots=True)
class Carried:
    """What the yes of a key's guardian carries: what this child says to these audiences, none when it carries nothing.

    `said_at_school`: also what is said as somebody of a class; a mailed yes carries none of that.
    """

    account_id: Id
    audiences: frozenset[ConsentAudience]
    said_at_school: bool


def carried(child: Account, key: GuardianKeyRow, state: ConsentState) -> Carried:
    """What the key carries at the moment of `state`; nothing of a child that is leaving."""
    at_school = key.channel is KeyChannel.SCHOOL
    publishing = {one: Question(ConsentPurpose.PUBLISH, one) for one in ConsentAudience}
    audiences = frozenset(
        one
        for one, question in publishing.items()
        if question.key in key.asked and _carries(state, question, by_mail=not at_school)
    )
    return Carried(child.id, audiences if child.status is Status.ACTIVE else frozenset(), at_school)


def _carries(state: ConsentState, question: Question, *, by_mail: bool) -> bool:
    """Whether a guardian's yes that came this way is in force, and it is shown because of it."""
    is_given = any(
        row.question == question
        and row.granted_by is ConsentGiver.GUARDIAN
        and row.answer is ConsentAnswer.YES
        and row.by_mail is by_mail
        and row.runs(state.now)
        and row.effective_at <= state.now
        for row in state.rows
    )
    return is_given and state.needs_guardian(question) and state.covers(question.audience) is None
