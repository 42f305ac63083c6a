"""Cases, decisions, reports and appeals: the part of the schema that moderation adds."""

from graphql_api.composition import Domain
from graphql_api.moderation import loaders
from graphql_api.moderation.mutations import ModerationMutations
from graphql_api.moderation.queries import ModerationQueries

MODERATION = Domain(
    queries=(ModerationQueries,),
    mutations=(ModerationMutations,),
    nodes={
        "Case": loaders.load_cases,
        "Decision": loaders.load_decisions,
        "Appeal": loaders.load_appeals,
        "OwnAppeal": loaders.load_own_appeals,
        "Report": loaders.load_reports,
    },
)
