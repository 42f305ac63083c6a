"""The schema's own scalars: a time with its zone, and a language tag."""

from datetime import UTC, date, datetime
from typing import NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from backend.core.errors import ValidationFailed
from backend.core.text import language_tag

LanguageTag = NewType("LanguageTag", str)
_MOST_TIME_CHARS = 40
_DATE_CHARS = len("2026-06-30")


def _write_time(value: datetime) -> str:
    if value.tzinfo is None:
        raise TypeError("a time without a zone reached the schema")
    return value.isoformat().replace("+00:00", "Z")


def _read_time(value: object) -> datetime:
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) and len(value) <= _MOST_TIME_CHARS else None
        if time is not None and time.tzinfo is not None:
            return time.astimezone(UTC)  # refuses what is a moment in its own zone only, at the ends of the calendar
    except (ValueError, OverflowError):
        pass
    raise GraphQLError("DateTime must be ISO 8601 with a zone, such as 2026-03-01T08:00:00Z.")


def _read_date(value: object) -> date:
    try:
        return date.fromisoformat(value if isinstance(value, str) and len(value) == _DATE_CHARS else "")
    except ValueError:
        raise GraphQLError("Date must be a day, ISO 8601, such as 2026-06-30.") from None


def _read_tag(value: object) -> LanguageTag:
    try:
        return LanguageTag(language_tag(value if isinstance(value, str) else "", path=()))
    except ValidationFailed:
        raise GraphQLError("LanguageTag must be a BCP 47 language tag, such as nb, en or ar.") from None


DATE_TIME: ScalarDefinition = strawberry.scalar(
    name="DateTime",
    description="A moment, ISO 8601 with its zone, such as `2026-03-01T08:00:00Z`. Times without a zone are refused.",
    specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
    serialize=_write_time,
    parse_value=_read_time,
)
LANGUAGE_TAG: ScalarDefinition = strawberry.scalar(
    name="LanguageTag",
    description="A language as a BCP 47 tag, such as `nb`, `en-GB` or `ar`.",
    specified_by_url="https://www.rfc-editor.org/rfc/rfc5646",
    serialize=str,
    parse_value=_read_tag,
)

DATE: ScalarDefinition = strawberry.scalar(
    name="Date",
    description="A day of the calendar, ISO 8601, such as `2026-06-30`.",
    specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
    serialize=date.isoformat,
    parse_value=_read_date,
)

SCALARS: dict[object, ScalarDefinition] = {date: DATE, datetime: DATE_TIME, LanguageTag: LANGUAGE_TAG}
