"""The topics' part of the schema: what students propose, others support, and editors answer."""

from graphql_api.composition import Domain
from graphql_api.topics.mutations import TopicMutations
from graphql_api.topics.queries import TopicQueries, load_proposals

TOPICS = Domain(queries=(TopicQueries,), mutations=(TopicMutations,), nodes={"TopicProposal": load_proposals})
