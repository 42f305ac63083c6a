"""Draw the lot when the judging begins: who competes, which entries are judged and by whom, what voters are dealt.

Whoever needs it first causes it, under the round's lock: it does not wait for a worker.
"""

from collections.abc import Sequence
from random import SystemRandom

from backend.campaigns.rules import Visibility
from backend.core import audit
from backend.core.database import Database, Transaction
from backend.core.ids import Id, random_id
from backend.rounds import contenders, lot, rules
from backend.rounds.contenders import Field
from backend.rounds.jury import fill_jury
from backend.rounds.rules import RoundState
from backend.rounds.store import candidates, draw
from backend.rounds.store import rounds as store
from backend.rounds.store.candidates import Candidate
from backend.rounds.store.draw import Contender, Deck, Entry
from backend.rounds.store.rounds import Round

_DUE = frozenset({RoundState.JUDGING, RoundState.PROVISIONAL})


async def draw_if_due(db: Database, round_id: Id) -> Round | None:
    """The round, its lot drawn if that was due; None when there is no such round."""
    async with db.transaction() as tx:
        row = await store.get_round(tx, round_id)
        return row if row is None or row.drawn_at is not None else await locked_and_drawn(tx, round_id)


async def locked_and_drawn(tx: Transaction, round_id: Id) -> Round | None:
    """The round, locked until the end of the transaction, its lot drawn if that was due; None when there is none."""
    row = await store.lock_round(tx, round_id)
    if row is None or row.drawn_at is not None or row.state(await tx.now()) not in _DUE:
        return row
    await _draw(tx, row)
    return await store.get_round(tx, round_id)


async def draw_due(db: Database) -> None:
    """The worker's part: draw what is due, and ask further jurors where some are missing."""
    async with db.reading() as conn:
        due = await store.due_for_the_lot(conn, await conn.now())
    for round_id in due:
        await draw_if_due(db, round_id)
    async with db.reading() as conn:
        judged = await store.being_judged(conn, await conn.now())
    for round_id in judged:
        async with db.transaction() as tx:
            row = await store.lock_round(tx, round_id)
            if row is not None and row.state(await tx.now()) is RoundState.JUDGING:
                await fill_jury(tx, row)


async def _draw(tx: Transaction, row: Round) -> None:
    found = await candidates.find_candidates(tx, row)
    choices = await candidates.find_choices(tx, row.id)
    unions = await candidates.unions_at(tx, row.campaign_id, row.opens_at)
    taking_part = {one.class_id for one in found} | await candidates.classes_with_reflections(tx, row.id)
    groups = contenders.groups_of(sorted(taking_part), unions)
    fields = contenders.fields_of(groups, found, choices, SystemRandom())
    everywhere = [class_id for group in groups for class_id in group]
    sizes = await candidates.sizes_at(tx, everywhere, row.opens_at)
    await _write(tx, row, [(one, sum(sizes.get(class_id, 0) for class_id in one.class_ids)) for one in fields])
    await store.set_drawn(tx, row.id, await tx.now())
    await fill_jury(tx, row)
    await audit.record(tx, None, "clock:round:drawn", ("round", row.id), contenders=len(fields))


async def _write(tx: Transaction, row: Round, fields: Sequence[tuple[Field, int]]) -> None:
    made: list[Contender] = []
    entries: list[Entry] = []
    deck = Deck(row.id, [], [], [], [])
    for field, size in fields:
        one = _contender(row, field, size)
        made.append(one)
        # What is published stands first, so that the cards of a contender are numbers in a row.
        ordered = sorted(enumerate(field.entries), key=lambda numbered: not _is_card(numbered[1]))
        cards = sum(map(_is_card, field.entries))
        if cards:
            deck.contender_ids.append(one.id)
            deck.first_numbers.append(len(entries))
            deck.sizes.append(cards)
            deck.dealt.append(0)
        for slot, entry in ordered:
            entries.append(Entry(random_id(), row.id, one.id, len(entries), slot, entry.id, is_drawn=slot in one.lot))
    await draw.add_contenders(tx, made)
    await draw.add_entries(tx, entries)
    await draw.add_deck(tx, deck)


def _is_card(entry: Candidate) -> bool:
    return entry.visibility is Visibility.PUBLISHED


def _contender(row: Round, field: Field, size: int) -> Contender:
    contender_id = lot.contender_id(row.id, field.class_ids)
    slots = rules.slots_of(authors=field.authors, size=size)
    drawn = lot.draw_slots(row.seed, contender_id, slots, rules.LOT_SLOTS)
    return Contender(contender_id, row.id, list(field.class_ids), size, field.authors, len(field.entries), slots, drawn)
