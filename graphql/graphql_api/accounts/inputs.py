"""What the mutations of accounts take."""

from datetime import datetime

import strawberry

from backend.accounts.consent_rules import ConsentAnswer, ConsentAudience, ConsentPurpose
from backend.accounts.people import SessionKind
from graphql_api.accounts import enums as enums
from graphql_api.accounts.enums import PublishedStatements, SessionTransport
from graphql_api.client_key import ClientKey, client_key
from graphql_api.scalars import LanguageTag

_NEW = "The new passphrase: 12 characters or four words. Absent: four words are made and shown once."
_SHARED = "Whose device it is: on a shared one the session ends within hours."
_TRANSPORT = "How the app keeps the session."


@strawberry.input(description="A new account of one's own, without a class.")
class AccountSignUpInput:
    handle: str = strawberry.field(description="What to sign in with: 3 to 32 of a–z, 0–9, and . - _ between them.")
    passphrase: str | None = strawberry.field(default=None, description=_NEW)
    pseudonym: str = strawberry.field(description="The name to be shown by: not the real one. 2 to 24 letters.")
    birth_year: int = strawberry.field(description="The year of birth, four digits.")
    country: str = strawberry.field(description="Where the person lives: an ISO 3166 code such as NO.")
    email: str | None = strawberry.field(default=None, description="Optional; kept once a mailed code proves it.")
    locale: LanguageTag | None = strawberry.field(
        default=None, description="The language of the product for this person; that of the request if absent."
    )
    session_kind: SessionKind = strawberry.field(default=SessionKind.PERSONAL, description=_SHARED)
    transport: SessionTransport = strawberry.field(default=SessionTransport.TOKEN, description=_TRANSPORT)
    client_mutation_key: ClientKey = client_key(for_anybody=True)


@strawberry.input(description="A way back in with the recovery code from the card or from the sign-up.")
class AccountRecoverInput:
    handle: str = strawberry.field(description="What the person signs in with.")
    recovery_code: str = strawberry.field(description="The code. Case, spaces and hyphens do not matter.")
    passphrase: str | None = strawberry.field(default=None, description=_NEW)
    client_mutation_key: ClientKey = client_key(for_anybody=True)


@strawberry.input(description="Somebody who signs in.")
class SessionStartInput:
    handle: str = strawberry.field(description="What the person signs in with.")
    passphrase: str = strawberry.field(description="The passphrase. For words, case and separators do not matter.")
    second_factor: str | None = strawberry.field(
        default=None, description="A code of the authenticator app, or one of its recovery codes. For staff."
    )
    session_kind: SessionKind = strawberry.field(default=SessionKind.PERSONAL, description=_SHARED)
    device: str | None = strawberry.field(default=None, description="What the device is called in the session list.")
    transport: SessionTransport = strawberry.field(default=SessionTransport.TOKEN, description=_TRANSPORT)
    client_mutation_key: ClientKey = client_key(for_anybody=True)


@strawberry.input(description="A session to end.")
class SessionRevokeInput:
    session_id: strawberry.ID = strawberry.field(description="One of the viewer's sessions.")


@strawberry.input(description="A new passphrase in place of the old one.")
class PassphraseChangeInput:
    current_passphrase: str = strawberry.field(description="The passphrase until now.")
    passphrase: str | None = strawberry.field(default=None, description=_NEW)
    client_mutation_key: ClientKey = client_key()


@strawberry.input(description="Begin with an authenticator app.")
class TotpEnrollInput:
    client_mutation_key: ClientKey = client_key()


@strawberry.input(description="The first code of the authenticator app.")
class TotpConfirmInput:
    code: str = strawberry.field(description="Six digits.")
    client_mutation_key: ClientKey = client_key()


_CODE = "Six digits of the authenticator app, or one of its recovery codes."


@strawberry.input(description="A code with which this session passes the second factor.")
class TotpVerifyInput:
    code: str = strawberry.field(description=_CODE)


@strawberry.input(description="A code with which the authenticator app is forgotten.")
class TotpRemoveInput:
    code: str = strawberry.field(description=_CODE)


@strawberry.input(description="A code that came by mail.")
class EmailVerifyInput:
    code: str = strawberry.field(description="The code. Case, spaces and hyphens do not matter.")


@strawberry.input(description="A new e-mail address.")
class EmailChangeInput:
    email: str = strawberry.field(description="The address; kept once a mailed code proves it.")
    client_mutation_key: ClientKey = client_key()


@strawberry.input(description="Another name to be shown by.")
class PseudonymChangeInput:
    pseudonym: str = strawberry.field(description="The name: not the real one. 2 to 24 letters.")


@strawberry.input(description="Another language of the product.")
class LocaleChangeInput:
    locale: LanguageTag = strawberry.field(description="One of en, nb, nn, sv, da, fi, is.")


@strawberry.input(description="The languages in which the viewer can review.")
class ReviewLanguagesSetInput:
    languages: list[LanguageTag] = strawberry.field(description="All of them, at most 12.")


@strawberry.input(description="What a printed card does not know about its holder. It can be given once.")
class ProfileCompleteInput:
    birth_year: int = strawberry.field(description="The year of birth, four digits.")
    country: str = strawberry.field(description="Where the person lives: an ISO 3166 code such as NO.")


@strawberry.input(description="The end of the viewer's account.")
class AccountEraseInput:
    published_statements: PublishedStatements = strawberry.field(
        default=PublishedStatements.WITHDRAW, description="What becomes of the viewer's published statements."
    )


@strawberry.input(description="Notices to mark as read.")
class InboxMarkReadInput:
    up_to: datetime = strawberry.field(description="All up to this moment.")


@strawberry.input(description="A question of consent.")
class ConsentItemInput:
    purpose: ConsentPurpose = strawberry.field(description="What is asked.")
    audience: ConsentAudience | None = strawberry.field(default=None, description="For whom; absent for naming.")


@strawberry.input(description="An answer to a question of consent.")
class ConsentAnswerItemInput:
    purpose: ConsentPurpose = strawberry.field(description="What was asked.")
    audience: ConsentAudience | None = strawberry.field(default=None, description="For whom; absent for naming.")
    answer: ConsentAnswer = strawberry.field(description="The answer.")


@strawberry.input(description="What the viewer asks a guardian for.")
class ConsentRequestInput:
    items: list[ConsentItemInput] = strawberry.field(description="The questions, 1 to 12.")
    guardian_email: str | None = strawberry.field(
        default=None,
        description="Where to mail the key, for somebody without a class; not their own address. In a class the "
        "teacher hands it out. A mailed key's yes carries nothing that is said in a class: there the school asks anew.",
    )
    client_mutation_key: ClientKey = client_key()


@strawberry.input(description="Answers about consent: the viewer's own, or with a key a guardian's.")
class ConsentAnswerInput:
    items: list[ConsentAnswerItemInput] = strawberry.field(description="The answers, 1 to 12.")
    wording: str = strawberry.field(description="The version of the texts that were shown.")
    key: str | None = strawberry.field(default=None, description="The guardian key; absent for one's own answers.")
    client_mutation_key: ClientKey = client_key(for_anybody=True)


@strawberry.input(description="A yes to take back, at once and without reason.")
class ConsentWithdrawInput:
    items: list[ConsentItemInput] = strawberry.field(description="The questions, 1 to 12.")
    key: str | None = strawberry.field(default=None, description="The guardian key; absent for one's own answers.")
