"""Choose what one enters in a round, or nothing. Without a choice the first public statement of each author enters.

Who chose what is nobody else's business: no audit row, no job, no notice. A same choice again is harmless.
"""

from dataclasses import dataclass

from backend.campaigns.rules import Visibility
from backend.campaigns.running import may_see
from backend.campaigns.store import campaigns as campaign_store
from backend.campaigns.store import statements as statement_store
from backend.core.database import Database, Transaction
from backend.core.errors import Conflict, DomainError, NotAllowed, ValidationFailed, not_found
from backend.core.ids import Id
from backend.core.viewer import Viewer
from backend.rounds import rules
from backend.rounds.contenders import is_alive, is_public
from backend.rounds.rules import RoundState
from backend.rounds.store import candidates, taking_part
from backend.rounds.store import rounds as store
from backend.rounds.store.candidates import Candidate
from backend.rounds.store.rounds import Round


@dataclass(frozen=True, slots=True)
class Place:
    """A round that is open, kept so until the end of the transaction, and where the viewer sat at its opening."""

    row: Round
    account_id: Id
    class_ids: list[Id]


async def enter_statement(db: Database, viewer: Viewer, round_id: Id, statement_id: Id) -> None:
    """Enter this statement of one's own for its class, in place of another one; takes an opt-out back.

    Raises NotFound (round, statement), NotAllowed `no_seat_at_opening`, Closed, Conflict (the state of the round or the
    statement, `statement_not_handed_in`), ValidationFailed `statement_not_in_round` or `statement_not_public`.
    """
    async with db.transaction() as tx:
        place = await open_place(tx, viewer, round_id)
        mine = await candidates.candidates_of(tx, place.row, place.account_id)
        found = next((one for one in mine if one.id == statement_id and one.class_id in place.class_ids), None)
        if found is None:
            raise await _why_no_candidate(tx, place.account_id, statement_id)
        _check_candidate(found)
        await taking_part.take_back_opt_outs(tx, round_id, place.account_id)
        await taking_part.choose(tx, round_id, place.account_id, [found.class_id], statement_id)


async def opt_out(db: Database, viewer: Viewer, round_id: Id) -> None:
    """Enter nothing, whatever one says: it is published all the same. Errors as `open_place`."""
    async with db.transaction() as tx:
        place = await open_place(tx, viewer, round_id)
        await taking_part.choose(tx, round_id, place.account_id, place.class_ids, None)


async def opt_in(db: Database, viewer: Viewer, round_id: Id) -> None:
    """Be in again after an opt-out, with the first public statement. Errors as `open_place`."""
    async with db.transaction() as tx:
        place = await open_place(tx, viewer, round_id)
        await taking_part.take_back_opt_outs(tx, round_id, place.account_id)


async def open_place(tx: Transaction, viewer: Viewer, round_id: Id) -> Place:
    """The viewer's place in a round that is open.

    Raises Unauthenticated, NotFound, NotAllowed (`account_restricted`, `no_seat_at_opening`), Closed, Conflict (state,
    `sealed_after_reset`).
    """
    account_id = viewer.require_active()
    row = await store.share_round(tx, round_id)
    campaign = None if row is None else await campaign_store.get_campaign(tx, row.campaign_id)
    if row is None or campaign is None or not may_see(viewer, campaign):
        raise not_found("round", round_id)
    rules.require_phase(row.times, await tx.now(), RoundState.OPEN)
    class_ids = await taking_part.classes_at_opening(tx, row, account_id)
    if not class_ids:
        raise NotAllowed("no_seat_at_opening")
    return Place(row, account_id, class_ids)


async def _why_no_candidate(tx: Transaction, account_id: Id, statement_id: Id) -> DomainError:
    statement = await statement_store.get_statement(tx, statement_id)
    if statement is None or statement.author_id != account_id:
        return not_found("statement", statement_id)
    if not await taking_part.was_handed_in(tx, statement_id):
        latest = await statement_store.get_revision(tx, statement.latest_revision_id)
        return Conflict("statement_not_handed_in", state=latest.review, path=("statement_id",))
    return ValidationFailed("statement_not_in_round", path=("statement_id",))


def _check_candidate(one: Candidate) -> None:
    if not is_public(one):
        raise ValidationFailed("statement_not_public", path=("statement_id",))
    if not is_alive(one):
        is_unpublished = one.visibility is Visibility.UNPUBLISHED
        raise Conflict(state=one.review if is_unpublished else one.visibility, path=("statement_id",))
