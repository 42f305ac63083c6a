"""What changed between two published schemas that an app written for the older one could trip over."""

from graphql import build_schema, find_breaking_changes


def breaking_changes(released: str, current: str) -> list[str]:
    """The breaking changes from `released` to `current` (both in the schema definition language), a sentence each."""
    changes = find_breaking_changes(build_schema(released), build_schema(current))
    return sorted(change.description for change in changes)
