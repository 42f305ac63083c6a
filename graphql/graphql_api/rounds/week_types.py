"""What runs in somebody's classes and what is left to do there, as the API shows it."""

from datetime import datetime

import strawberry
from strawberry.dataloader import DataLoader

from backend.core.ids import Id
from backend.rounds.my_week import OwnPart, Todo, WeekRow
from graphql_api.campaigns.queries import load_own_statements
from graphql_api.campaigns.statement_types import OwnStatement
from graphql_api.context import Context, Info
from graphql_api.enums import describe_enum
from graphql_api.fields import resolver
from graphql_api.places import loaders as place_loaders
from graphql_api.places.types import SchoolClass, school_class
from graphql_api.rounds.round_types import Round, class_round

describe_enum(
    Todo,
    "What a student can do next in a round.",
    {
        Todo.SAY_SOMETHING_OR_REFLECT: "The week's task is open: a statement to whomever, or a reflection.",
        Todo.CHANGE_STATEMENT: "A statement was sent back: changed, handed in again and approved before the judging "
        "ends, it counts. It is among `ownStatements`.",
        Todo.WAIT_FOR_APPROVAL: "A statement is with its reviewers; it counts if approved before the judging ends.",
        Todo.MARK_VOICES: "Statements of other classes can be marked.",
        Todo.WAIT_FOR_NEXT_ROUND: "The seat was confirmed after the opening: the next round counts.",
        Todo.NOTHING: "The task is done, or its time is over.",
    },
    name="WeekTodo",
)


def _own_statements(context: Context) -> DataLoader[Id, OwnStatement | None]:
    async def load(ids: list[Id]) -> list[OwnStatement | None]:
        found = await load_own_statements(context, ids)
        return [found.get(one) for one in ids]

    return context.loader("rounds.own_statements", lambda: DataLoader(load_fn=load))


@strawberry.type(description="What the viewer did in a round for a class. Nobody else is told any of it.")
class OwnWeek:
    part: strawberry.Private[OwnPart]
    todo: Todo = strawberry.field(description="What is left to do.")
    has_done_task: bool = strawberry.field(description="Whether a statement of theirs is published, or they reflected.")
    has_reflected: bool = strawberry.field(description="Whether they said that they thought about it for themselves.")
    is_opted_out: bool = strawberry.field(description="Whether nothing of theirs competes, because they want it so.")

    @resolver("The own statement that competes if it is published; null when there is none.")
    async def entered(self, info: Info) -> OwnStatement | None:
        if self.part.entered_id is None:
            return None
        return await _own_statements(info.context).load(self.part.entered_id)


@strawberry.type(description="A round that runs now in a class of the viewer's.")
class ClassWeek:
    class_id: strawberry.Private[Id]
    round: Round = strawberry.field(description="The round, with its prompt and topic page.")
    closes_at: datetime = strawberry.field(description="Until when the week's task can be done.")
    seconds_left: int = strawberry.field(
        description="Seconds until then by the server's clock; 0 afterwards. They stand still while it is paused."
    )
    is_teacher: bool = strawberry.field(description="Whether the viewer teaches the class.")
    participation_percent: int | None = strawberry.field(
        description="How much of the class, or of all that it competes with, did the week's task, in steps of 20 per "
        "cent, rounded down. Stands still from `freezesAt` on. Null below 9 seats."
    )
    own: OwnWeek | None = strawberry.field(
        description="The viewer's own part; null for who teaches there, and while the session is sealed."
    )

    @resolver("The class; null once the viewer has left it.")
    async def school_class(self, info: Info) -> SchoolClass | None:
        found = await place_loaders.classes(info.context).load(self.class_id)
        return school_class(found) if found else None


def class_week(row: WeekRow, now: datetime) -> ClassWeek:
    """A row of the week as the API shows it at this moment."""
    return ClassWeek(
        class_id=row.class_id,
        round=class_round(row.round, now),
        closes_at=row.round.closes_at,
        seconds_left=int(row.time_left.total_seconds()),
        is_teacher=row.is_teacher,
        participation_percent=row.participation_percent,
        own=_own_week(row.own) if row.own else None,
    )


def _own_week(part: OwnPart) -> OwnWeek:
    return OwnWeek(
        part=part,
        todo=part.todo,
        has_done_task=part.has_done_task,
        has_reflected=part.has_reflected,
        is_opted_out=part.is_opted_out,
    )
