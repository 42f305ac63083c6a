"""What a guardian sees with a key: the part of the schema that stands on accounts, campaigns and moderation."""

from graphql_api.composition import Domain
from graphql_api.guardians.queries import GuardianQueries

GUARDIANS = Domain(queries=(GuardianQueries,))
