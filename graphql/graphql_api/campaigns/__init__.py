"""The campaigns' part of the schema."""

from graphql_api.campaigns.mutations import CampaignMutations
from graphql_api.campaigns.queries import CampaignQueries, load_campaigns, load_own_statements, load_statements
from graphql_api.campaigns.results import PROBLEM_TYPES
from graphql_api.composition import Domain

CAMPAIGNS = Domain(
    queries=(CampaignQueries,),
    mutations=(CampaignMutations,),
    nodes={"Campaign": load_campaigns, "Statement": load_statements, "OwnStatement": load_own_statements},
    types=PROBLEM_TYPES,
)
