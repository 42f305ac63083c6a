"""What the mutations of accounts answer with."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry

from backend.accounts.people import SecondFactorState, SessionKind
from graphql_api.accounts.types import ConsentStanding, Viewer
from graphql_api.problems import Problems


@strawberry.type(description="A session began.")
class SessionStarted:
    session_id: strawberry.ID = strawberry.field(description="The session's global id.")
    token: str | None = strawberry.field(
        description="For the Authorization header, shown this once; null when a cookie was set."
    )
    kind: SessionKind = strawberry.field(description="Whose device it is.")
    ends_at: datetime = strawberry.field(description="When it ends at the latest.")
    second_factor: SecondFactorState = strawberry.field(description="Where the second factor stands in it.")


@strawberry.type(description="The account was made. The codes are shown this once: let them be written down.")
class AccountSignedUp:
    handle: str = strawberry.field(description="What to sign in with.")
    passphrase: str | None = strawberry.field(description="The four words that were made; null when one was chosen.")
    recovery_code: str = strawberry.field(description="Gets the account back when the passphrase is forgotten.")
    session: SessionStarted = strawberry.field(description="The first session.")


@strawberry.type(description="The account is open again and every session ended. Shown this once.")
class AccountRecovered:
    passphrase: str | None = strawberry.field(description="The four words that were made; null when one was chosen.")
    recovery_code: str = strawberry.field(description="The new recovery code; the old one is used up.")


@strawberry.type(description="The session ended. A cookie was removed.")
class SessionEnded:
    session_id: strawberry.ID = strawberry.field(description="The ended session.")


@strawberry.type(description="The passphrase was changed and every other session ended.")
class PassphraseChanged:
    passphrase: str | None = strawberry.field(
        description="The four words that were made, shown this once; null when one was chosen."
    )


@strawberry.type(description="What the authenticator app reads.")
class TotpEnrolled:
    uri: str = strawberry.field(description="The otpauth address.")
    qr_svg: str = strawberry.field(description="The same as a QR code, an SVG element.")


@strawberry.type(description="The second factor is in use, and this session has passed it.")
class TotpConfirmed:
    recovery_codes: list[str] = strawberry.field(
        description="Ten single-use codes for when the app is lost, shown this once."
    )


@strawberry.type(description="The mailed code was right.")
class EmailVerified:
    email: str = strawberry.field(description="The address that is kept now.")


@strawberry.type(description="A code is on its way to the address.")
class EmailCodeSent:
    email: str = strawberry.field(description="The address.")


@strawberry.type(description="The viewer's account has changed.")
class ViewerChanged:
    viewer: Viewer = strawberry.field(description="The viewer as they are now.")


@strawberry.type(description="A copy of everything that is held about the viewer.")
class AccountExported:
    json: str = strawberry.field(description="A JSON document with one part for each domain.")


@strawberry.type(description="Notices were marked.")
class InboxMarkedRead:
    count: int = strawberry.field(description="How many were unread before.")


@strawberry.type(description="The guardian is asked. The viewer does not see the key.")
class ConsentRequested:
    items: list[ConsentStanding] = strawberry.field(description="Everything that is asked of the guardian.")
    expires_at: datetime = strawberry.field(description="Until when the guardian can answer.")


@strawberry.type(description="The ledger as it stands now.")
class ConsentRecorded:
    items: list[ConsentStanding] = strawberry.field(description="The questions that were answered or withdrawn.")


def _result(name: str, description: str) -> object:
    return strawberry.union(name, description=description)


AccountSignUpResult: TypeAlias = Annotated[
    AccountSignedUp | Problems, _result("AccountSignUpResult", "The new account, or why there is none.")
]
AccountRecoverResult: TypeAlias = Annotated[
    AccountRecovered | Problems, _result("AccountRecoverResult", "The new codes, or why the old ones stay.")
]
SessionStartResult: TypeAlias = Annotated[
    SessionStarted | Problems, _result("SessionStartResult", "The session, or why there is none.")
]
SessionEndResult: TypeAlias = Annotated[
    SessionEnded | Problems, _result("SessionEndResult", "The ended session, or why none ended.")
]
SessionRevokeResult: TypeAlias = Annotated[
    SessionEnded | Problems, _result("SessionRevokeResult", "The ended session, or why it goes on.")
]
PassphraseChangeResult: TypeAlias = Annotated[
    PassphraseChanged | Problems, _result("PassphraseChangeResult", "The change, or why the old one stays.")
]
TotpEnrollResult: TypeAlias = Annotated[
    TotpEnrolled | Problems, _result("TotpEnrollResult", "What the app reads, or why it cannot begin.")
]
TotpConfirmResult: TypeAlias = Annotated[
    TotpConfirmed | Problems, _result("TotpConfirmResult", "The recovery codes, or why it is not in use.")
]
EmailVerifyResult: TypeAlias = Annotated[
    EmailVerified | Problems, _result("EmailVerifyResult", "The address, or why it is not kept.")
]
EmailChangeResult: TypeAlias = Annotated[
    EmailCodeSent | Problems, _result("EmailChangeResult", "That a code was sent, or why not.")
]
TotpVerifyResult: TypeAlias = Annotated[
    ViewerChanged | Problems, _result("TotpVerifyResult", "The viewer in a session that has passed, or why it has not.")
]
TotpRemoveResult: TypeAlias = Annotated[
    ViewerChanged | Problems, _result("TotpRemoveResult", "The viewer without the app, or why it stays.")
]
PseudonymChangeResult: TypeAlias = Annotated[
    ViewerChanged | Problems, _result("PseudonymChangeResult", "The viewer under the new name, or why it stays.")
]
LocaleChangeResult: TypeAlias = Annotated[
    ViewerChanged | Problems, _result("LocaleChangeResult", "The viewer with the new language, or why it stays.")
]
ReviewLanguagesSetResult: TypeAlias = Annotated[
    ViewerChanged | Problems, _result("ReviewLanguagesSetResult", "The viewer with the languages, or why they stay.")
]
ProfileCompleteResult: TypeAlias = Annotated[
    ViewerChanged | Problems, _result("ProfileCompleteResult", "The viewer with year and country, or why not.")
]
AccountEraseResult: TypeAlias = Annotated[
    ViewerChanged | Problems, _result("AccountEraseResult", "The viewer with the day of erasure, or why there is none.")
]
AccountEraseCancelResult: TypeAlias = Annotated[
    ViewerChanged | Problems,
    _result("AccountEraseCancelResult", "The viewer who stays, or why not."),
]
AccountExportResult: TypeAlias = Annotated[
    AccountExported | Problems, _result("AccountExportResult", "The copy, or why there is none.")
]
InboxMarkReadResult: TypeAlias = Annotated[
    InboxMarkedRead | Problems, _result("InboxMarkReadResult", "How many were marked, or why none were.")
]
ConsentRequestResult: TypeAlias = Annotated[
    ConsentRequested | Problems, _result("ConsentRequestResult", "What is asked, or why nobody is asked.")
]
ConsentAnswerResult: TypeAlias = Annotated[
    ConsentRecorded | Problems, _result("ConsentAnswerResult", "The ledger, or why it is unchanged.")
]
ConsentWithdrawResult: TypeAlias = Annotated[
    ConsentRecorded | Problems, _result("ConsentWithdrawResult", "The ledger, or why it is unchanged.")
]
