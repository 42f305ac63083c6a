"""The ages at which people decide for themselves: rows that an operator adds, never changes."""

from datetime import datetime

from backend.accounts import consent_store
from backend.accounts.ages import check_country
from backend.accounts.consent_rules import ConsentPurpose
from backend.accounts.consent_store import AgeRow
from backend.core import audit
from backend.core.database import Database
from backend.core.ids import new_id


class AgeRefused(Exception):
    """An age that cannot be set; the message says why, in English, for the operator."""


async def set_age(
    db: Database, *, country: str, purpose: ConsentPurpose, age: int, valid_from: datetime | None = None
) -> AgeRow:
    """Let an age hold from a moment on (None: now); what was published before stays until its consent ends.

    For the command line only. Raises ValidationFailed `country_unknown`, AgeRefused.
    """
    async with db.transaction() as tx:
        now = await tx.now()
        if valid_from is not None and valid_from < now:
            raise AgeRefused("An age cannot hold from a moment in the past: what was decided then stays decided.")
        row, age_id = AgeRow(check_country(country), purpose, valid_from or now, age), new_id()
        if not await consent_store.add_age(tx, age_id, row):
            raise AgeRefused("An age for this country and purpose begins at that very moment already.")
        await audit.record(
            tx, None, "operator:age:set", ("age_rule", age_id), country=row.country, purpose=purpose.value, age=age
        )
        return row
