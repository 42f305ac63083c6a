"""The rounds' part of the schema: the weekly class competition."""

from graphql_api.composition import Domain
from graphql_api.rounds.award_fields import AwardMutations, AwardQueries, load_awards
from graphql_api.rounds.editor_queries import EditorQueries
from graphql_api.rounds.hand_fields import HandMutations, HandQueries
from graphql_api.rounds.judging_mutations import JudgingMutations
from graphql_api.rounds.judging_queries import JudgingQueries, load_jury_entries
from graphql_api.rounds.mutations import RoundMutations
from graphql_api.rounds.part_mutations import PartMutations
from graphql_api.rounds.part_queries import PartQueries, load_unions
from graphql_api.rounds.queries import RoundQueries, load_rounds
from graphql_api.rounds.result_mutations import ResultMutations
from graphql_api.rounds.result_queries import ResultQueries
from graphql_api.rounds.subscriptions import RoundSubscriptions

ROUNDS = Domain(
    queries=(RoundQueries, PartQueries, JudgingQueries, HandQueries, ResultQueries, AwardQueries, EditorQueries),
    mutations=(RoundMutations, PartMutations, JudgingMutations, HandMutations, ResultMutations, AwardMutations),
    subscriptions=(RoundSubscriptions,),
    nodes={"Round": load_rounds, "ClassUnion": load_unions, "JuryEntry": load_jury_entries, "Award": load_awards},
)
