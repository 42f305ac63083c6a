"""The lot: a seed that nobody can choose afterwards, because its hash was published at the opening.

Anybody recounts it with SHA-256 alone; no random generator of any language is part of the rule.
"""

import hashlib
import secrets
import uuid
from collections.abc import Sequence

from backend.core.ids import Id

SEED_BYTES = 32


def new_seed() -> bytes:
    """A seed for a round."""
    return secrets.token_bytes(SEED_BYTES)


def seed_hash(seed: bytes) -> str:
    """What is published of the seed at the opening: SHA-256, hexadecimal."""
    return hashlib.sha256(seed).hexdigest()


def contender_id(round_id: Id, class_ids: Sequence[Id]) -> Id:
    """The id of a contender, which follows from the round and its classes: whoever draws cannot choose it.

    UUIDv5 of the sorted class ids in hexadecimal, joined with commas, in the round's namespace.
    """
    return uuid.uuid5(round_id, ",".join(sorted(one.hex for one in class_ids)))


def draw_slots(seed: bytes, contender_id: Id, slots: int, count: int) -> list[int]:
    """The slots of a contender that are judged, in the order of the lot: the `count` of 0..slots-1 with the least hash.

    The hash is SHA-256 of the seed, the contender's id (16 bytes) and the slot (4 bytes, big-endian).
    """
    prefix = seed + contender_id.bytes
    ordered = sorted(range(slots), key=lambda slot: hashlib.sha256(prefix + slot.to_bytes(4, "big")).digest())
    return ordered[:count]
