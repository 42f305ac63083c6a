"""What can go wrong in the domain, as stable codes with parameters; the text lives in the message files."""

from typing import ClassVar

from backend.core.ids import Id


class DomainError(Exception):
    """A refusal that the caller can act on. Nothing was changed.

    `code` is stable and names a message in `graphql_api/messages/<locale>.po`; `params` fill its placeholders;
    `path` names the input field it is about, outermost first, e.g. `("text",)`.
    """

    default_code: ClassVar[str] = "not_possible"

    def __init__(self, code: str | None = None, *, path: tuple[str, ...] = (), **params: object) -> None:
        self.code = code or self.default_code
        self.params = params
        self.path = path
        super().__init__(self.code)


class ValidationFailed(DomainError):
    """The input itself is wrong, whoever sends it."""

    default_code = "invalid_value"


class NotAllowed(DomainError):
    """The viewer may see the thing but may not do this to it."""

    default_code = "not_allowed"


class NotFound(DomainError):
    """There is no such thing, or the viewer may not see it: the same answer for both."""

    default_code = "not_found"


class Conflict(DomainError):
    """The thing is in a state that does not permit this; `state` names the current one."""

    default_code = "wrong_state"

    def __init__(self, code: str | None = None, *, state: str, path: tuple[str, ...] = (), **params: object) -> None:
        super().__init__(code, path=path, state=state, **params)
        self.state = state


class ConsentRequired(DomainError):
    """A consent is missing; `purpose` and `audience` say which one to ask for."""

    default_code = "consent_required"

    def __init__(
        self, code: str | None = None, *, purpose: str, audience: str | None, path: tuple[str, ...] = ()
    ) -> None:
        super().__init__(code, path=path, purpose=purpose, audience=audience or "")
        self.purpose = purpose
        self.audience = audience


class Closed(DomainError):
    """The time for this is over or has not come."""

    default_code = "closed"


class RateLimited(DomainError):
    """Too many tries; try again after `retry_after_seconds`."""

    default_code = "rate_limited"

    def __init__(self, code: str | None = None, *, retry_after_seconds: int, path: tuple[str, ...] = ()) -> None:
        super().__init__(code, path=path, seconds=retry_after_seconds)
        self.retry_after_seconds = retry_after_seconds


class Unauthenticated(Exception):
    """Nobody is signed in, or the session has ended. Reported as a top-level GraphQL error, not as a problem."""


def not_found(kind: str, object_id: Id | str | None = None) -> NotFound:
    """The one answer for what is absent and what is hidden. `object_id` is taken for the caller's reading only.

    Which field named it, the API finds by `kind`.
    """
    del object_id
    return NotFound(path=("id",), kind=kind)
