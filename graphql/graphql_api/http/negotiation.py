"""Which of the two media types of GraphQL over HTTP the client gets."""

from functools import lru_cache

RESPONSE_JSON = "application/graphql-response+json"
JSON = "application/json"
HTML = "text/html"


@lru_cache(maxsize=128)
def media_type(accept: str | None) -> str | None:
    """RESPONSE_JSON or JSON, whichever the client likes better; None when it accepts neither.

    JSON when the client does not care, for the sake of older ones.
    """
    if accept is None or not accept.strip():
        return JSON
    ranges = _ranges(accept)
    likes_json = max(_quality(ranges, JSON), _quality(ranges, "application/*"), _quality(ranges, "*/*"))
    likes_response = _quality(ranges, RESPONSE_JSON)
    if likes_response > 0 and likes_response >= _quality(ranges, JSON):
        return RESPONSE_JSON
    return JSON if likes_json > 0 else None


@lru_cache(maxsize=128)
def prefers_html(accept: str | None) -> bool:
    """Whether this is a browser that opens the address."""
    ranges = _ranges(accept or "")
    return _quality(ranges, HTML) > max(_quality(ranges, JSON), _quality(ranges, RESPONSE_JSON))


def _ranges(accept: str) -> dict[str, float]:
    """Media ranges with their quality; a charset other than UTF-8 cannot be given."""
    ranges: dict[str, float] = {}
    for item in accept.lower().split(","):
        name, *parameters = (part.strip() for part in item.split(";"))
        values = dict(parameter.partition("=")[::2] for parameter in parameters)
        if values.get("charset", "utf-8").strip('"') in {"utf-8", "utf8"}:
            ranges[name] = max(ranges.get(name, 0.0), _number(values.get("q", "1")))
    return ranges


def _number(text: str) -> float:
    try:
        return min(1.0, max(0.0, float(text)))
    except ValueError:
        return 0.0


def _quality(ranges: dict[str, float], name: str) -> float:
    return ranges.get(name, 0.0)
