"""The rules of proposed topics: states, the time for an answer, who is reached. No I/O; the moment is passed in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from backend.core.errors import Conflict
from backend.core.ids import Id

MAX_WAITING = 3  # of an account in a campaign, until a moderator has looked
ANSWER_DAYS = 14


class Answer(StrEnum):
    """What an editor says to a proposal."""

    CHOSEN = "CHOSEN"
    DECLINED = "DECLINED"


class ProposalState(StrEnum):
    """Where a proposal stands. CHOSEN and DECLINED are never stored: a shown one that was answered is one of them."""

    WAITING = "WAITING"
    RETURNED = "RETURNED"
    REJECTED = "REJECTED"
    SHOWN = "SHOWN"
    CHOSEN = "CHOSEN"
    DECLINED = "DECLINED"
    HIDDEN = "HIDDEN"
    REMOVED = "REMOVED"
    WITHDRAWN = "WITHDRAWN"


_Moves = dict[ProposalState, frozenset[ProposalState]]
_S = ProposalState
# Of the stored states. From RETURNED and REJECTED only an appeal leads on.
MOVES: _Moves = {
    _S.WAITING: frozenset({_S.SHOWN, _S.RETURNED, _S.REJECTED, _S.WITHDRAWN}),
    _S.RETURNED: frozenset({_S.WAITING, _S.SHOWN, _S.WITHDRAWN}),
    _S.REJECTED: frozenset({_S.WAITING, _S.SHOWN, _S.RETURNED, _S.WITHDRAWN}),
    _S.SHOWN: frozenset({_S.HIDDEN, _S.REMOVED, _S.WITHDRAWN}),
    _S.HIDDEN: frozenset({_S.SHOWN, _S.REMOVED, _S.WITHDRAWN}),
    _S.REMOVED: frozenset({_S.SHOWN, _S.HIDDEN, _S.WITHDRAWN}),
    _S.WITHDRAWN: frozenset(),
}
OPEN_STATES = frozenset({_S.SHOWN, _S.CHOSEN, _S.DECLINED})


def effective_state(stored: ProposalState, answer: Answer | None) -> ProposalState:
    """What holds: the answer of what is shown; an answered proposal that was hidden is hidden."""
    return ProposalState(answer) if stored is ProposalState.SHOWN and answer is not None else stored


def move(state: ProposalState, to: ProposalState) -> bool:
    """Whether the step changes anything: what is there already and what was withdrawn stay as they are.

    Raises Conflict with the current state when the step does not exist.
    """
    if state in {to, ProposalState.WITHDRAWN}:
        return False
    if to not in MOVES[state]:
        raise Conflict(state=state)
    return True


def answer_due_at(shown_at: datetime | None) -> datetime | None:
    """Until when an answer is due; None before others see the proposal. A time in which it was hidden counts."""
    return None if shown_at is None else shown_at + timedelta(days=ANSWER_DAYS)


def is_overdue(state: ProposalState, shown_at: datetime | None, now: datetime) -> bool:
    """Whether the answer is late: the clock decides."""
    due = answer_due_at(shown_at)
    return state is ProposalState.SHOWN and due is not None and now >= due


@dataclass(frozen=True, slots=True)
class Reach:
    """Where somebody belongs: confirmed seats and offices. Decides which campaigns' proposals they see."""

    everywhere: bool = False
    city_ids: frozenset[Id] = frozenset()
    campaign_ids: frozenset[Id] = frozenset()

    def includes(self, campaign_id: Id, city_id: Id | None) -> bool:
        """Whether they belong to the campaign. `city_id` None: it is the whole network's."""
        if self.everywhere or campaign_id in self.campaign_ids:
            return True
        return bool(self.city_ids) if city_id is None else city_id in self.city_ids
