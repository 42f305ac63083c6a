"""The session cookie of browsers: no script reads it, no other site sends it along with a request that writes."""

from datetime import datetime

from backend.accounts.people import SessionKind
from backend.settings import Settings
from graphql_api.http.caller import Caller

# The prefix makes browsers refuse the cookie unless it is Secure and for this host alone.
_PRODUCTION, _DEVELOPMENT = "__Host-stemme", "stemme"


def session_token_of(caller: Caller) -> str | None:
    """The session token that a request carries: in the Authorization header, else in the cookie."""
    return caller.bearer_token or caller.cookies.get(_PRODUCTION) or caller.cookies.get(_DEVELOPMENT) or None


def session_cookie(settings: Settings, token: str, kind: SessionKind, *, now: datetime, ends_at: datetime) -> str:
    """The Set-Cookie value of a new session; on a shared device it ends with the browser."""
    seconds = max(0, int((ends_at - now).total_seconds()))
    age = f"; Max-Age={seconds}" if kind is SessionKind.PERSONAL else ""
    return _cookie(settings, token, age)


def ended_cookie(settings: Settings) -> str:
    """The Set-Cookie value that removes it."""
    return _cookie(settings, "", "; Max-Age=0")


def _cookie(settings: Settings, token: str, age: str) -> str:
    name, secure = (_PRODUCTION, "; Secure") if settings.is_production else (_DEVELOPMENT, "")
    return f"{name}={token}; Path=/; HttpOnly; SameSite=Lax{secure}{age}"
