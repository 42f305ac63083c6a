"""What the mutations take by which somebody takes part in a round."""

import strawberry

from graphql_api.client_key import ClientKey, client_key


@strawberry.input(description="The statement to enter.")
class RoundEnterInput:
    round_id: strawberry.ID = strawberry.field(description="The round, while it is open.")
    statement_id: strawberry.ID = strawberry.field(
        description="An own statement for everybody, as an `OwnStatement`, that was first handed in during the round."
    )


@strawberry.input(description="The round in which nothing of the viewer shall compete.")
class RoundOptOutInput:
    round_id: strawberry.ID = strawberry.field(description="The round, while it is open.")


@strawberry.input(description="The round in which the viewer competes again.")
class RoundOptInInput:
    round_id: strawberry.ID = strawberry.field(description="The round, while it is open.")


@strawberry.input(description="The round whose prompt the viewer thought about.")
class ReflectionMarkInput:
    round_id: strawberry.ID = strawberry.field(description="The round, while it is open.")


@strawberry.input(description="The round in which a reflection is taken back.")
class ReflectionUnmarkInput:
    round_id: strawberry.ID = strawberry.field(description="The round, while it is open.")


@strawberry.input(description="Classes that compete as one.")
class ClassesJoinInput:
    campaign_id: strawberry.ID = strawberry.field(description="The campaign in whose rounds they do.")
    class_ids: list[strawberry.ID] = strawberry.field(
        description="2 to 5 classes that run, at least one of them with fewer than 9 confirmed seats, together at most "
        "40. The viewer teaches each or administers its school."
    )
    client_mutation_key: ClientKey = client_key()


@strawberry.input(description="The union that ends.")
class ClassesSeparateInput:
    union_id: strawberry.ID = strawberry.field(description="The union.")
