"""Reads the demo's material (TOML files and pictures beside this module) into typed records. Knows no database."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

_MATERIAL: Final = files("backend.demo") / "material"

LocalizedText = Mapping[str, str]
"""A staff text by language of the service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCity:
    key: str
    name: str
    country: str
    zone: str
    locale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSchool:
    key: str
    city: str
    name: str
    enrolment: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoClass:
    """A class and the pseudonyms of its students."""

    key: str
    school: str
    name: str
    students: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoTopic:
    key: str
    name: LocalizedText


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCampaign:
    """A campaign; `opens` and `closes` are days from now; without a city it is the network's."""

    key: str
    course: str
    opens: int
    closes: int
    topics: tuple[str, ...]
    title: LocalizedText
    description: LocalizedText
    prompt: LocalizedText
    city: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoRound:
    """A round's topic and page; the names of the awards of one that is over."""

    key: str
    topic: str
    prompt: LocalizedText
    questions: tuple[LocalizedText, ...] = ()
    vocabulary: tuple[Mapping[str, LocalizedText], ...] = ()
    award: LocalizedText | None = None
    statement_award: LocalizedText | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoProposal:
    """A topic in its proposer's `words`; `outcome` is SHOWN, CHOSEN (`name`), DECLINED (`reason`) or WAITING."""

    key: str
    proposer: str
    language: str
    days_ago: int
    outcome: str
    words: str
    why: str
    answered_days_ago: int | None = None
    supports: int = 0
    name: LocalizedText | None = None
    reason: LocalizedText | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPicture:
    """A photograph; `alt` says what it shows, in English and bokmål."""

    key: str
    file: str
    alt: LocalizedText

    @property
    def media_type(self) -> str:
        """The MIME type, by the file's ending."""
        return {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}[self.file.rsplit(".", 1)[1]]

    def content(self) -> bytes:
        """The file's bytes."""
        return (_MATERIAL / "pictures" / self.file).read_bytes()


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoTranslation:
    language: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoStatement:
    """What somebody says and what became of it; `author` is a pseudonym, `reply_to` the key of another statement.

    `outcome` is PUBLISHED, WAITING, CHANGES_REQUESTED, REJECTED, WITHDRAWN or APPEALED.
    """

    key: str
    author: str
    topic: str
    language: str
    audience: str
    outcome: str
    days_ago: int
    text: str
    campaign: str = "my-voice-out"
    supports: int = 0
    about_school: bool = False
    picture: str | None = None
    reply_to: str | None = None
    reason: str | None = None
    message: str | None = None
    appeal: str | None = None
    translations: tuple[DemoTranslation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Everything the demo is made of. Statements come before those that reply to them."""

    cities: tuple[DemoCity, ...]
    schools: tuple[DemoSchool, ...]
    classes: tuple[DemoClass, ...]
    topics: tuple[DemoTopic, ...]
    campaigns: tuple[DemoCampaign, ...]
    rounds: tuple[DemoRound, ...]
    proposals: tuple[DemoProposal, ...]
    pictures: tuple[DemoPicture, ...]
    statements: tuple[DemoStatement, ...]


@cache
def read_material() -> Material:
    """The whole material. Raises `TypeError` when a file has a field that the records do not know."""
    places = _toml("places")
    return Material(
        cities=tuple(DemoCity(**item) for item in places["cities"]),
        schools=tuple(DemoSchool(**item) for item in places["schools"]),
        classes=tuple(DemoClass(**_tuples(item)) for item in places["classes"]),
        topics=tuple(DemoTopic(**item) for item in _toml("topics")["topics"]),
        campaigns=tuple(DemoCampaign(**_tuples(item)) for item in _toml("campaigns")["campaigns"]),
        rounds=tuple(DemoRound(**_tuples(item)) for item in _toml("rounds")["rounds"]),
        proposals=tuple(
            DemoProposal(**{**item, "why": item["why"].strip()}) for item in _toml("proposals")["proposals"]
        ),
        pictures=tuple(DemoPicture(**item) for item in _toml("pictures")["pictures"]),
        statements=tuple(_statement(item) for item in _toml("statements")["statements"]),
    )


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((_MATERIAL / f"{name}.toml").read_text(encoding="utf-8"))


def _tuples(item: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in item.items()}


def _statement(item: Mapping[str, Any]) -> DemoStatement:
    translations = tuple(DemoTranslation(**entry) for entry in item.get("translations", ()))
    return DemoStatement(**{**item, "text": item["text"].strip(), "translations": translations})
