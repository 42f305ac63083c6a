"""The rounds' part of the schema: the weekly class competition."""

from graphql_api.composition import Domain
from graphql_api.rounds.mutations import RoundMutations
from graphql_api.rounds.part_mutations import PartMutations
from graphql_api.rounds.part_queries import PartQueries, load_unions
from graphql_api.rounds.queries import RoundQueries, load_rounds
from graphql_api.rounds.result_mutations import ResultMutations
from graphql_api.rounds.result_queries import ResultQueries
from graphql_api.rounds.subscriptions import RoundSubscriptions

ROUNDS = Domain(
    queries=(RoundQueries, PartQueries, ResultQueries),
    mutations=(RoundMutations, PartMutations, ResultMutations),
    subscriptions=(RoundSubscriptions,),
    nodes={"Round": load_rounds, "ClassUnion": load_unions},
)
