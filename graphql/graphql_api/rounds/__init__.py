"""The rounds' part of the schema: the weekly class competition."""

from graphql_api.composition import Domain
from graphql_api.rounds.mutations import RoundMutations
from graphql_api.rounds.queries import RoundQueries, load_rounds

ROUNDS = Domain(
    queries=(RoundQueries,),
    mutations=(RoundMutations,),
    nodes={"Round": load_rounds},
)
