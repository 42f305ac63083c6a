"""Classes that compete as one, as the API shows them."""

from datetime import datetime

import strawberry

from backend.places.records import SchoolClass as ClassRow
from backend.rounds.joining import Joined
from graphql_api.campaigns import loaders as campaign_loaders
from graphql_api.campaigns.campaign_types import Campaign, campaign
from graphql_api.context import Info
from graphql_api.fields import resolver
from graphql_api.node import Node
from graphql_api.node_ids import global_id
from graphql_api.places import loaders as place_loaders
from graphql_api.places.types import School, school


@strawberry.type(description="A class in a union, by name: also one that the viewer may see nothing else of.")
class JoinedClass:
    row: strawberry.Private[ClassRow]
    class_id: strawberry.ID = strawberry.field(description="The class's global id.")
    name: str = strawberry.field(description="The class's name, such as 9B.")

    @resolver("The school it belongs to.")
    async def school(self, info: Info) -> School:
        return school(await place_loaders.schools(info.context).load(self.row.school_id))


@strawberry.type(description="Small classes that compete as one in a campaign's rounds. For whoever runs one of them.")
class ClassUnion(Node):
    joined: strawberry.Private[Joined]
    made_at: datetime = strawberry.field(description="Rounds that open from then on count them as one.")
    ended_at: datetime | None = strawberry.field(
        description="Rounds that open from then on count each by itself; null while the union holds."
    )

    @resolver("The classes.")
    def classes(self) -> list[JoinedClass]:
        return [
            JoinedClass(row=row, class_id=global_id("SchoolClass", row.id), name=row.name)
            for row in self.joined.classes
        ]

    @resolver("The campaign; null when the viewer may not see it any more.")
    async def campaign(self, info: Info) -> Campaign | None:
        found = await campaign_loaders.campaigns(info.context).load(self.joined.union.campaign_id)
        return campaign(found) if found else None


def class_union(joined: Joined) -> ClassUnion:
    """A union as the API shows it."""
    union = joined.union
    return ClassUnion(
        id=global_id("ClassUnion", union.id), joined=joined, made_at=union.made_at, ended_at=union.ended_at
    )
