"""Who judges what: each drawn entry goes to a few jurors, the least burdened first, never to one of its own class."""

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence

from backend.core.database import Transaction
from backend.core.ids import Id, random_id
from backend.notices import inbox
from backend.rounds.rules import JUROR_PATIENCE, JURORS_AN_ENTRY
from backend.rounds.store import jury as store
from backend.rounds.store.jury import NewDuty, Short
from backend.rounds.store.rounds import Round


async def fill_jury(tx: Transaction, row: Round, *, of_duty: Id | None = None) -> int:
    """Ask further jurors for entries that have too few; how many were asked. The round is locked.

    `of_duty`: only for the entry of this duty. A juror is told once a round that there is something to judge.
    """
    now = await tx.now()
    jurors = await store.jurors_of(tx, row.campaign_id)
    short = await store.short_entries(
        tx, row.id, JURORS_AN_ENTRY, jurors=jurors, patient_since=now - JUROR_PATIENCE, of_duty=of_duty
    )  # fmt: skip
    if not short or not jurors:
        return 0
    loads = await store.loads(tx, row.id)
    asked = assign(short, await store.own_classes(tx, jurors), loads)
    await store.add_duties(tx, [NewDuty(random_id(), row.id, entry_id, juror) for entry_id, juror in asked], now)
    first_asked = sorted({juror for _, juror in asked} - loads.keys())
    await inbox.tell_all(tx, first_asked, "jury_asked", subject=("round", row.id))
    return len(asked)


def assign(short: Sequence[Short], own_classes: Mapping[Id, set[Id]], loads: Mapping[Id, int]) -> list[tuple[Id, Id]]:
    """Pairs of entry and juror, the least burdened first, until each entry has enough or there is nobody left.

    `own_classes` has every juror, with the classes they must not judge.
    """
    load: defaultdict[Id, int] = defaultdict(int, loads)
    found = []
    for one in short:
        excluded = set(one.asked)
        free = [juror for juror, own in own_classes.items() if juror not in excluded and own.isdisjoint(one.class_ids)]
        for juror in heapq.nsmallest(JURORS_AN_ENTRY - one.live, free, key=lambda who: (load[who], who)):
            load[juror] += 1
            found.append((one.entry_id, juror))
    return found
