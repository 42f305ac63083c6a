"""How a text is set, for every part of the schema that shows words."""

from enum import StrEnum

from graphql_api.enums import describe_enum


class TextDirection(StrEnum):
    """How a text is set."""

    LTR = "ltr"
    RTL = "rtl"


describe_enum(
    TextDirection,
    "How to set a text, whatever the language of the app.",
    {TextDirection.LTR: "From left to right.", TextDirection.RTL: "From right to left."},
)
