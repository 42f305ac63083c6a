"""What the rounds hold about somebody: the copy they can have, and erasure. Class unions and results stay."""

from dataclasses import dataclass

from backend.accounts.personal_data import PersonalDomain
from backend.core.database import Connection, Transaction
from backend.core.ids import Id
from backend.rounds.store import personal as own


@dataclass(frozen=True, slots=True)
class OwnRounds:
    """All that somebody did in rounds: as a student, as a juror, in an office."""

    choices: list[own.OwnChoice]
    reflections: list[own.OwnReflection]
    hands: list[own.OwnHand]
    duties: list[own.OwnDuty]
    awards: list[own.OwnAward]
    decisions: list[own.OwnDecision]


async def export(conn: Connection, account_id: Id) -> OwnRounds:
    """The copy."""
    return OwnRounds(
        await own.choices_of(conn, account_id),
        await own.reflections_of(conn, account_id),
        await own.hands_of(conn, account_id),
        await own.duties_of(conn, account_id),
        await own.awards_of(conn, account_id),
        await own.decisions_of(conn, account_id),
    )


async def erase(tx: Transaction, account_id: Id) -> None:
    """Forget the person. Voices and scores already given count on, without anybody behind them."""
    await own.forget_taking_part(tx, account_id)
    await own.forget_juror(tx, account_id)


PERSONAL = PersonalDomain("rounds", export, erase)
