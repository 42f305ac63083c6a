"""The part of the schema that leads to social media: cards, bundles, and taking down what was posted."""

from graphql_api.composition import Domain
from graphql_api.sharing.mutations import SharingMutations
from graphql_api.sharing.queries import SharingQueries, load_cards, load_exports, load_takedowns

SHARING = Domain(
    queries=(SharingQueries,),
    mutations=(SharingMutations,),
    nodes={"ShareCard": load_cards, "SocialExport": load_exports, "Takedown": load_takedowns},
)
