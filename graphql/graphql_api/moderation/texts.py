"""Reasons and redress in plain words, in the reader's language."""

import strawberry

from graphql_api.messages import message
from graphql_api.moderation import enums as enums
from moderation.rules import Reason


@strawberry.type(description="A reason for a restriction, in plain words.")
class ReasonText:
    code: Reason = strawberry.field(description="Its stable name.")
    title: str = strawberry.field(description="A few words, in the reader's language.")
    text: str = strawberry.field(description="What it means, written for a 14-year-old.")


def reason_text(reason: Reason, locale: str) -> ReasonText:
    """The reason in a locale."""
    return ReasonText(
        code=reason,
        title=message(locale, f"reason.{reason.lower()}.title", {}),
        text=message(locale, f"reason.{reason.lower()}.text", {}),
    )


def redress_text(locale: str) -> str:
    """How to appeal, and that speaking elsewhere stays free."""
    return message(locale, "reason.redress", {})
