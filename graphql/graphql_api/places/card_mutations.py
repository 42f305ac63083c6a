"""Log-in cards, resets, and leaving a class with the account."""

from typing import Annotated

import strawberry

from backend.accounts.accounts import Card
from backend.places import cards, carry_over, closing, resets
from backend.places.cards import CardBatch
from backend.places.carry_over import CarryOver
from graphql_api.context import Context, Info
from graphql_api.fields import mutation
from graphql_api.node_ids import parse_id
from graphql_api.places import inputs, loaders, types
from graphql_api.places.card_sheet import card_sheet, sign_in_link
from graphql_api.places.types import SchoolClass, Seat
from graphql_api.problems import Problems


@strawberry.type(description="How somebody gets in without e-mail. Shown this once: it is stored nowhere.")
class LoginCard:
    handle: str = strawberry.field(description="What to sign in with.")
    passphrase: str = strawberry.field(description="Four words. Case and separators do not matter.")
    recovery_code: str | None = strawberry.field(
        description="Gets the account back when the passphrase is lost. Null after a reset: the former one still works."
    )
    sign_in_link: str = strawberry.field(description="What the card's QR code holds; opens the app, already filled in.")


def login_card(card: Card, context: Context) -> LoginCard:
    """A card as the API shows it."""
    return LoginCard(
        handle=card.handle,
        passphrase=card.passphrase,
        recovery_code=card.recovery_code or None,
        sign_in_link=sign_in_link(card, context.settings.public_url),
    )


@strawberry.type(description="A pending seat and the card that opens it.")
class SeatCard:
    seat: Seat = strawberry.field(description="The seat.")
    card: LoginCard = strawberry.field(description="The card.")


@strawberry.type(description="Log-in cards of a class. They and the sheet are shown this once.")
class LoginCards:
    school_class: SchoolClass = strawberry.field(description="The class.")
    cards: list[SeatCard] = strawberry.field(description="The cards, at most 100.")
    sheet_html: str = strawberry.field(
        description="All cards on A4 pages to print: a whole HTML document, self-contained, in the class's language."
    )


async def login_cards(batch: CardBatch, context: Context) -> LoginCards:
    """Cards with their sheet as the API shows them."""
    school = await loaders.schools(context).load(batch.school_class.school_id)
    return LoginCards(
        school_class=types.school_class(batch.school_class),
        cards=[SeatCard(seat=types.seat(one.seat), card=login_card(one.card, context)) for one in batch.cards],
        sheet_html=card_sheet(batch, public_url=context.settings.public_url, school_name=school.name),
    )


LoginCardsCreateResult = Annotated[
    LoginCards | Problems,
    strawberry.union("LoginCardsCreateResult", description="The cards to print and hand out, or why there are none."),
]
PassphraseResetResult = Annotated[
    LoginCards | Problems,
    strawberry.union("PassphraseResetResult", description="The student's new card, or why the old one still holds."),
]


@strawberry.type(description="The account is its owner's alone. Shown this once.")
class AccountCarriedOver:
    handle: str = strawberry.field(description="What to sign in with from now on.")
    passphrase: str | None = strawberry.field(description="The four words that were made; null when one was chosen.")
    recovery_code: str = strawberry.field(description="The new recovery code; the one on the card is dead.")


AccountCarryOverResult = Annotated[
    AccountCarriedOver | Problems,
    strawberry.union("AccountCarryOverResult", description="How to get in from now on, or why nothing changed."),
]
ClassCloseResult = Annotated[
    SchoolClass | Problems, strawberry.union("ClassCloseResult", description="The closed class, or why it still runs.")
]


@strawberry.type
class CardMutations:
    @mutation("Make accounts with pending seats and their cards. TEACHER of the class.")
    async def login_cards_create(self, info: Info, input: inputs.LoginCardsCreateInput) -> LoginCardsCreateResult:
        batch = await cards.create_cards(
            info.context.db, info.context.viewer, info.context.services.places, count=input.count,
            class_id=parse_id(input.class_id, "SchoolClass", path=("class_id",)), pseudonyms=input.pseudonyms,
            client_key=input.client_mutation_key,
        )  # fmt: skip
        return await login_cards(batch, info.context)

    @mutation("Give a student of the own class four new words. Every session of theirs ends, and they are told.")
    async def passphrase_reset(self, info: Info, input: inputs.PassphraseResetInput) -> PassphraseResetResult:
        batch = await resets.reset_passphrase(
            info.context.db, info.context.viewer, info.context.services.places,
            seat_id=parse_id(input.seat_id, "Seat", path=("seat_id",)), client_key=input.client_mutation_key,
        )  # fmt: skip
        return await login_cards(batch, info.context)

    @mutation("Leave a class and go on: own handle, passphrase and recovery code, so that no card opens the account.")
    async def account_carry_over(self, info: Info, input: inputs.AccountCarryOverInput) -> AccountCarryOverResult:
        seat_id = parse_id(input.seat_id, "Seat", path=("seat_id",)) if input.seat_id is not None else None
        carried = await carry_over.carry_over(
            info.context.db, info.context.viewer, info.context.services.places,
            CarryOver(
                input.current_passphrase, input.handle, input.passphrase, input.email, seat_id,
                input.client_mutation_key,
            ),
        )  # fmt: skip
        return AccountCarriedOver(
            handle=carried.handle, passphrase=carried.passphrase, recovery_code=carried.recovery_code
        )

    @mutation(
        "End a class: codes stop, and accounts that never leave it are erased after a while. TEACHER, SCHOOL_ADMIN."
    )
    async def class_close(self, info: Info, input: inputs.ClassCloseInput) -> ClassCloseResult:
        closed = await closing.close_class(
            info.context.db, info.context.viewer, info.context.services.places,
            class_id=parse_id(input.class_id, "SchoolClass", path=("class_id",)),
        )  # fmt: skip
        return types.school_class(closed)
