"""The one schema, of all domains."""

from functools import cache

from graphql_api.accounts import ACCOUNTS
from graphql_api.campaigns import CAMPAIGNS
from graphql_api.composition import Schema, make_schema
from graphql_api.guardians import GUARDIANS
from graphql_api.media import MEDIA
from graphql_api.moderation import MODERATION
from graphql_api.places import PLACES
from graphql_api.rounds import ROUNDS
from graphql_api.sharing import SHARING
from graphql_api.topics import TOPICS


@cache
def schema() -> Schema:
    """Made at the first call: importing builds nothing."""
    return make_schema([ACCOUNTS, PLACES, CAMPAIGNS, MODERATION, MEDIA, GUARDIANS, TOPICS, ROUNDS, SHARING])
