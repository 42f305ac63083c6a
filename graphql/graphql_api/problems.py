"""The problem types that a mutation's result union can hold, and how a domain error becomes one of them."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

import strawberry

from backend.accounts.consent_rules import ConsentAudience, ConsentPurpose
from backend.core import errors
from graphql_api import consent_enums as consent_enums
from graphql_api.messages import message


@strawberry.interface(description="Why a mutation did nothing. Every member of a result union but the success is one.")
class Problem:
    code: str = strawberry.field(
        description="A stable name of the reason in snake_case, such as `campaign_closed`. Apps decide by it."
    )
    message: str = strawberry.field(
        description="The reason in plain words, in the viewer's language or the one asked for by Accept-Language."
    )
    path: list[str] = strawberry.field(
        description='The input field it is about, outermost first, such as `["text"]`. Empty: the whole input.'
    )


@strawberry.type(description="The input itself is wrong, whoever sends it: too long, malformed, contradictory.")
class ValidationProblem(Problem):
    pass


@strawberry.type(description="The viewer may see the thing but may not do this to it.")
class NotAllowed(Problem):
    pass


@strawberry.type(description="There is no such thing, or the viewer may not see it: the answer is the same for both.")
class NotFound(Problem):
    pass


@strawberry.type(description="The thing is in a state that does not permit this, perhaps because somebody was faster.")
class Conflict(Problem):
    current_state: str = strawberry.field(
        description="The state in which the thing is now, such as a value of `CaseState`."
    )


@strawberry.type(description="A consent is missing. Ask for it with `consentRequest`, then try again.")
class ConsentRequired(Problem):
    purpose: ConsentPurpose = strawberry.field(description="What the consent is needed for.")
    audience: ConsentAudience | None = strawberry.field(description="Whom it has to cover; null for naming.")


@strawberry.type(description="The time for this is over or has not come.")
class Closed(Problem):
    pass


@strawberry.type(description="Too many tries, or the service is busy. Nothing was done; the same may be sent again.")
class RateLimited(Problem):
    retry_after_seconds: int = strawberry.field(description="How many seconds to wait before trying again.")


Problems: TypeAlias = ValidationProblem | NotAllowed | NotFound | Conflict | ConsentRequired | Closed | RateLimited

_PLAIN: Mapping[type[errors.DomainError], Callable[..., Problems]] = {
    errors.ValidationFailed: ValidationProblem,
    errors.NotAllowed: NotAllowed,
    errors.NotFound: NotFound,
    errors.Closed: Closed,
}


def problem_for(error: errors.DomainError, locale: str) -> Problems:
    """The problem object for a domain error, with its message in `locale`."""
    text = message(locale, error.code, error.params)
    path = [camel_case(name) for name in error.path]
    match error:
        case errors.Conflict():
            return Conflict(code=error.code, message=text, path=path, current_state=error.state)
        case errors.ConsentRequired():
            return ConsentRequired(
                code=error.code,
                message=text,
                path=path,
                purpose=ConsentPurpose(error.purpose),
                audience=ConsentAudience(error.audience) if error.audience else None,
            )
        case errors.RateLimited():
            return RateLimited(code=error.code, message=text, path=path, retry_after_seconds=error.retry_after_seconds)
    make = next((make for kind, make in _PLAIN.items() if isinstance(error, kind)), ValidationProblem)
    return make(code=error.code, message=text, path=path)


def camel_case(name: str) -> str:
    """`alt_text` as the schema spells it: `altText`."""
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)
