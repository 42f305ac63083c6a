"""Inputs made from the schema: valid-looking ones for every mutation, and wrong ones for every place in them."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    Undefined,
    get_named_type,
)

from backend.campaigns.course_content import load_course
from graphql_api.node_ids import global_id
from graphql_api.schema import schema
from tests.api.stocked import PROMISE, Stocked

Input = dict[str, Any]
MANY = 301  # more than any list may hold; a bound above it would be found too
COURSE = load_course("my_voice_out", 1, "en")

# Words that get past the first look, by the field's name; ids come from the stocked house.
WORDS: dict[str, Any] = {
    "handle": "somebody-new", "passphrase": "fire ord som holder", "pseudonym": "Ny Rev", "birthYear": 2010,
    "country": "NO", "email": "a@example.org", "guardianEmail": "g@example.org", "locale": "nb",
    "recoveryCode": "AAAA-BBBB-CCCC", "secondFactor": "123456", "device": "Phone",
    "currentPassphrase": "gamle ord her nå", "code": "ABCD2345",
    "language": "nb", "languages": "nb", "wordsLanguage": "nb", "textLanguage": "nb", "upTo": "2026-03-01T08:00:00Z",
    "wording": "1", "key": "ABCDEFGHJKMNPQRS", "name": "Nordby", "zone": "Europe/Oslo", "safeguardingHours": "9-15",
    "hours": "9-15", "schoolYear": "2026/27", "declaredEnrolment": 20, "closesOn": "2031-06-30",
    "until": "2031-06-30T12:00:00Z", "count": 2, "pseudonyms": "Rev", "text": "Vi må få snakke.",
    "course": "my_voice_out", "courseVersion": 1, "leastAge": 12, "greatestAge": 19, "version": 1, "seenVersion": 1,
    "lesson": "freedom", "question": "q1", "options": "a", "opensAt": "2026-03-01T08:00:00Z",
    "closesAt": "2031-06-30T12:00:00Z", "concern": "Se på dette.", "claimToken": "x" * 43, "words": "Skriv om.",
    "firstDay": "2031-01-06", "lastDay": "2031-03-28", "opensAtTime": "08:00", "closesAtTime": "15:00",
    "freezesAt": None, "judgingStartsAt": None, "judgingEndsAt": None, "quality": 50, "participation": 30,
    "voices": 20, "reason": "Feil uke.", "score": 3, "why": "Den er utrygg.",
    "digest": "0" * 64, "announcesAt": "2026-03-01T08:00:00Z", "note": "Se.",
    "links": "https://example.org/p/1", "excerpt": "Hei", "background": "#000000", "accent": "#ffffff",
    "altText": "En rev.", "number": 1, "x": 0.1, "y": 0.1, "width": 0.2, "height": 0.2, **PROMISE,
}  # fmt: skip

SPECIAL: dict[tuple[str, str], Any] = {
    ("TranslationInput", "language"): "en", ("LessonCompleteInput", "lesson"): COURSE.lessons[0].key,
    ("QuizAnswerInput", "question"): COURSE.questions[0].key,
    ("QuizAnswerInput", "options"): [COURSE.questions[0].options[0].key],
    ("AppealFileInput", "key"): None, ("RoundScheduleInput", "single"): None,
    ("TopicAnswerInput", "reason"): [], ("TopicAnswerInput", "seenState"): "SHOWN",
    ("AwardGiveInput", "classId"): None,
    ("CaptionSetInput", "text"): "WEBVTT\n\n00:00.000 --> 00:01.000\nHei.\n",
}  # fmt: skip
# Keys have tests of their own; cards are asked for by number or by pseudonym.
LEFT_OUT = {"clientMutationKey", "pseudonyms"}

EVIL_TEXTS = [
    "", " ", "x" * 100_000, "å" * 3_000, "nul \x00 inside", "\x00", "override \u202e", "\u2066isolate", "\u200b\u200b",
    "\ufeff", "e" + "\u0301" * 500, "\U000e0041", "\uffff", "-1", "%s {x} %(y)s", "'; drop table account; --",
    "../../etc/passwd", "Europe/../Oslo", "CON", "٣٤", "\r\nBcc: x@example.org", "a@b\r\nc", "<script>",
]  # fmt: skip
EVIL: dict[str, list[Any]] = {
    "String": EVIL_TEXTS,
    "ID": ["", "x", "x" * 100_000, "\x00", "\u202e", global_id("Nonsense", UUID(int=0)), 7],
    "Float": [0.0, -0.0, -1.0, 0.5, 1e308, -1e308, 5e-324, 2**53, True, "0.1", [0.1], {}],
    "Int": [-(2**31), -1, 0, 1, 99, 101, 32_767, 32_768, 65_536, 2**31 - 1, 2**31, -(2**63), 1.5, "1"],
    "Boolean": [True, False, "yes"],
    "DateTime": [
        "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59Z",
        "1969-12-31T23:59:59Z", "2026-02-30T00:00:00Z", "2026-03-01", "2026-03-01T08:00:00", "", "x" * 100_000,
        "2026-03-01T24:00:00Z", "2026-06-30T23:59:60Z", 12,
    ],
    "Date": ["0001-01-01", "9999-12-31", "2026-02-30", "", "2026-03-01T00:00:00Z", "x" * 100_000, 12],
    "LanguageTag": ["", "norsk", "zz", "nb_NO", "tlh", "zxx", "und", "x" * 100_000, "nb-\x00", "ar-Arab-x-y", "å", 3],
}  # fmt: skip


def mutations() -> dict[str, GraphQLInputObjectType | None]:
    """Every mutation of the published schema with its input type; None for those that take nothing."""
    root = schema().core.mutation_type
    assert root is not None
    return {name: get_named_type(one.args["input"].type) if one.args else None for name, one in root.fields.items()}


def document(name: str) -> str:
    """The shortest document for a mutation that tells all about a problem."""
    kind = mutations()[name]
    problem = "__typename ... on Problem { code message path }"
    if kind is None:
        return f"mutation {{ {name} {{ {problem} }} }}"
    return f"mutation($input: {kind.name}!) {{ {name}(input: $input) {{ {problem} }} }}"


def valid_input(kind: GraphQLInputObjectType, house: Stocked, *, mutation: str, full: bool = True) -> Input:
    """An input that looks right; without `full` only what is required."""
    return {
        name: SPECIAL[kind.name, name] if (kind.name, name) in SPECIAL else _value(one.type, name, house, mutation)
        for name, one in kind.fields.items()
        if name not in LEFT_OUT and (full or (isinstance(one.type, GraphQLNonNull) and one.default_value is Undefined))
    }


def _value(kind: GraphQLInputType, name: str, house: Stocked, mutation: str) -> Any:
    if isinstance(kind, GraphQLNonNull):
        return _value(kind.of_type, name, house, mutation)
    if isinstance(kind, GraphQLList):
        return [_value(kind.of_type, name, house, mutation)]
    if isinstance(kind, GraphQLInputObjectType):
        return valid_input(kind, house, mutation=mutation)
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if kind.name == "ID":
        own = name == "statementId" and mutation in OWN_STATEMENTS
        social = name == "statementId" and mutation in SOCIAL_STATEMENTS
        return house.ids["ownStatementId" if own else "socialStatementId" if social else name]
    return True if kind.name == "Boolean" else WORDS[name]


SOCIAL_STATEMENTS = {"shareCardRequest", "socialExportCreate"}
OWN_STATEMENTS = {"statementRevise", "statementSubmit", "statementWithdraw", "statementDiscard", "roundEnter"}


def wrong_inputs(kind: GraphQLInputObjectType, given: Input, house: Stocked) -> Iterator[tuple[str, Input]]:
    """The valid input with one wrong thing in one place: (what is wrong, input)."""
    for name, one in kind.fields.items():
        for label, value in _wrong(
            one.type, given.get(name, [WORDS.get(name)] if name == "pseudonyms" else WORDS.get(name)), house
        ):
            yield f"{name}{label}", {**given, name: value}


def _wrong(kind: GraphQLInputType, good: Any, house: Stocked) -> Iterator[tuple[str, Any]]:
    if isinstance(kind, GraphQLNonNull):
        yield from _wrong(kind.of_type, good, house)
    elif isinstance(kind, GraphQLList):
        item = good[0] if good else None
        yield from [("=[]", []), ("=[twice]", [item, item]), (f"=[{MANY}]", [item] * MANY), ("=[null]", [None])]
        for label, value in _wrong(kind.of_type, item, house):
            yield f"[0]{label}", [value]
    elif isinstance(kind, GraphQLInputObjectType):
        yield "=null", None
        for label, value in wrong_inputs(kind, good or {}, house):
            yield f".{label}", value
    elif isinstance(kind, GraphQLEnumType):
        yield from ((f"={name}", name) for name in [*kind.values, "NONSENSE"])
    else:
        foreign = house.nodes.values() if kind.name == "ID" else ()
        yield from ((f"={str(value)[:40]!a}", value) for value in [None, *EVIL[kind.name], *foreign])
