"""Keeps other sites from acting with a visitor's cookie. Requests that carry a bearer token are not concerned."""

from collections.abc import Collection

from graphql_api.http.caller import Caller


def is_forged(caller: Caller, *, public_url: str, allowed_origins: Collection[str]) -> bool:
    """Whether a request with cookies comes from a site that may not use them.

    A body that is not JSON was refused before, so that another site needs CORS's permission to send one; here the
    browser's own words about where the request comes from are checked as well.
    """
    if not caller.cookies or caller.bearer_token is not None:
        return False
    origin = caller.headers.get("origin")
    if origin is not None:
        return origin != public_url and origin not in allowed_origins
    return caller.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}
