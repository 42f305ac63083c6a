"""People, their sessions, second factors, consents and guardian keys. Each personal column: purpose; retention."""

from piccolo.columns import UUID, Array, BigInt, Boolean, Bytea, ForeignKey, Integer, SmallInt, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class Account(Table, tablename="account"):
    """A person. What they may do beyond the course and drafts follows from seats, roles and the consent ledger."""

    id = UUID(primary_key=True, default=None, null=False)
    handle = Text(default=None, null=True, unique=True)  # personal: signing in, shown to nobody else; until erasure
    pseudonym = Text(default=None, null=True)  # personal: the name others see; until erasure
    pseudonym_skeleton = Text(default=None, null=True, index=True)  # personal: finding look-alikes; until erasure
    birth_year = SmallInt(default=None, null=True)  # personal: age for consent and eligibility; until erasure
    country = Text(default=None, null=True)  # personal: which age limits hold; until erasure
    locale = Text(default=None, null=False)
    review_languages = Array(base_column=Text(), default=None, null=False)  # personal: who may review; until erasure
    email = Text(default=None, null=True)  # personal: mail and recovery by own wish; until erasure or change
    email_verified_at = Timestamptz(default=None, null=True)
    passphrase_hash = Text(default=None, null=True)  # personal: signing in; until erasure
    recovery_hash = Bytea(default=None, null=True)  # personal: getting back in; until erasure
    door = Text(default=None, null=False)
    status = Text(default=None, null=False)
    restricted_until = Timestamptz(default=None, null=True)
    created_at = Timestamptz(default=None, null=False)
    reset_at = Timestamptz(default=None, null=True)
    reset_used_at = Timestamptz(default=None, null=True)
    erasure_requested_at = Timestamptz(default=None, null=True, index=True)
    erasure_keeps_statements = Boolean(default=None, null=False)
    erased_at = Timestamptz(default=None, null=True)

    account_door_known = Check("door in ('CLASS_CODE', 'OWN')", name="account_door_known")
    account_status_known = Check("status in ('ACTIVE', 'ERASURE_REQUESTED', 'ERASED')", name="account_status_known")
    account_handle_lower = Check("handle = lower(handle)", name="account_handle_lower")


class Session(Table, tablename="session"):
    """A sign-in on one device. Personal: kept until thirty days after its end, removed at erasure."""

    id = UUID(primary_key=True, default=None, null=False)
    account_id = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, index=True)
    token_hash = Bytea(default=None, null=False, unique=True)
    kind = Text(default=None, null=False)
    device = Text(default=None, null=True)  # personal: so that the person knows their sessions; with the row
    created_at = Timestamptz(default=None, null=False)
    last_seen_at = Timestamptz(default=None, null=False)
    idle_seconds = Integer(default=None, null=False)
    idle_until = Timestamptz(default=None, null=False)
    ends_at = Timestamptz(default=None, null=False, index=True)
    second_factor_at = Timestamptz(default=None, null=True)
    after_reset_at = Timestamptz(default=None, null=True)
    revoked_at = Timestamptz(default=None, null=True)

    session_kind_known = Check("kind in ('PERSONAL', 'SHARED')", name="session_kind_known")


class KnownAddress(Table, tablename="known_address"):
    """A network address from which somebody has signed in, as a keyed hash. Personal: sign-in limits; 180 days."""

    id = UUID(primary_key=True, default=None, null=False)
    account_id = ForeignKey(Account, null=False, on_delete=OnDelete.restrict)
    address_hash = Bytea(default=None, null=False)
    last_at = Timestamptz(default=None, null=False, index=True)

    known_address_once = Unique([account_id, address_hash], name="known_address_once")


class SignInFailure(Table, tablename="sign_in_failure"):
    """A failed sign-in or recovery, counted under a keyed hash of what is limited; kept for the window only."""

    id = UUID(primary_key=True, default=None, null=False)
    key = Text(default=None, null=False, index=True)
    at = Timestamptz(default=None, null=False, index=True)


class EmailVerification(Table, tablename="email_verification"):
    """A mailed code that proves an address. Personal: the address; removed a day after it ends."""

    id = UUID(primary_key=True, default=None, null=False)
    account_id = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, index=True)
    email = Text(default=None, null=True)  # personal: the address to verify; until verified or ended
    code_hash = Bytea(default=None, null=False, unique=True)
    made_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False, index=True)
    used_at = Timestamptz(default=None, null=True)


class Totp(Table, tablename="totp"):
    """The second factor of an account; the secret is sealed with AES-GCM. Personal: signing in; until erasure."""

    account_id = UUID(primary_key=True, default=None, null=False)
    secret_sealed = Bytea(default=None, null=False)
    made_at = Timestamptz(default=None, null=False)
    confirmed_at = Timestamptz(default=None, null=True)
    last_step = BigInt(default=None, null=False)


class TotpRecovery(Table, tablename="totp_recovery"):
    """A single-use code in place of the second factor. Personal: signing in; until erasure or replaced."""

    id = UUID(primary_key=True, default=None, null=False)
    account_id = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, index=True)
    code_hash = Bytea(default=None, null=False)
    used_at = Timestamptz(default=None, null=True)


class AgeRule(Table, tablename="age_rule"):
    """From which age a person decides for themselves, by country and purpose; operators add rows."""

    id = UUID(primary_key=True, default=None, null=False)
    country = Text(default=None, null=False)
    purpose = Text(default=None, null=False)
    valid_from = Timestamptz(default=None, null=False)
    age = SmallInt(default=None, null=False)

    age_rule_once = Unique([country, purpose, valid_from], name="age_rule_once")
    age_rule_sensible = Check("age between 0 and 30", name="age_rule_sensible")


class GuardianKey(Table, tablename="guardian_key"):
    """A key for one child's guardian: it asks for consent and, once answered, keeps it withdrawable."""

    id = UUID(primary_key=True, default=None, null=False)
    account_id = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, index=True)
    key_hash = Bytea(default=None, null=False, unique=True)
    channel = Text(default="MAIL", null=False)  # the weaker one where nobody says
    asked = Array(base_column=Text(), default=None, null=False)
    asked_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False)
    answered_at = Timestamptz(default=None, null=True)
    revoked_at = Timestamptz(default=None, null=True)

    guardian_key_channel_known = Check("channel in ('SCHOOL', 'MAIL')", name="guardian_key_channel_known")


class Consent(Table, tablename="consent"):
    """One answer in the consent ledger. Rows are added and ended, never changed; no guardian's name is kept."""

    id = UUID(primary_key=True, default=None, null=False)
    account_id = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, index=True)
    purpose = Text(default=None, null=False)
    audience = Text(default=None, null=True)
    answer = Text(default=None, null=False)
    wording = Text(default=None, null=False)
    granted_by = Text(default=None, null=False)
    legal_basis = Text(default=None, null=False)
    guardian_key_id = UUID(default=None, null=True)
    representative_id = UUID(default=None, null=True)
    reason_code = Text(default=None, null=True)
    at = Timestamptz(default=None, null=False)
    effective_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=True)
    withdrawn_at = Timestamptz(default=None, null=True)
    withdrawn_by = Text(default=None, null=True)

    consent_answer_known = Check("answer in ('YES', 'NO')", name="consent_answer_known")
    consent_granted_by_known = Check(
        "granted_by in ('SELF', 'GUARDIAN', 'REPRESENTATIVE')", name="consent_granted_by_known"
    )
    consent_audience_known = Check("audience in ('CLASS', 'SCHOOL', 'CITY', 'SOCIAL')", name="consent_audience_known")
