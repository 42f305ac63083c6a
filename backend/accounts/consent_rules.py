"""When somebody's picture, voice or text may be shown to whom: pure rules over the rows of the consent ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from backend.core.ids import Id

WORDING = "2026_1"  # the texts `consent.2026_1.*` that people say yes or no to today
STRICTEST_AGE = 16  # where no row says otherwise: GDPR article 8 without a national rule
NAMING_AGE = 18


class ConsentPurpose(StrEnum):
    """What is consented to."""

    PUBLISH = "PUBLISH"
    IDENTIFIABLE_MEDIA = "IDENTIFIABLE_MEDIA"
    PUBLIC_NAMING = "PUBLIC_NAMING"


class ConsentAudience(StrEnum):
    """To whom something is shown. CLASS and SCHOOL: members only; CITY: everybody; SOCIAL: also on social media."""

    CLASS = "CLASS"
    SCHOOL = "SCHOOL"
    CITY = "CITY"
    SOCIAL = "SOCIAL"


class ConsentGiver(StrEnum):
    """Who answered. A representative is appointed for a child without reachable parents."""

    SELF = "SELF"
    GUARDIAN = "GUARDIAN"
    REPRESENTATIVE = "REPRESENTATIVE"


class KeyChannel(StrEnum):
    """How a guardian's key travelled. MAIL goes to an address that the child named and that nobody checked."""

    SCHOOL = "SCHOOL"
    MAIL = "MAIL"


class ConsentAnswer(StrEnum):
    """What was answered."""

    YES = "YES"
    NO = "NO"


class LegalBasis(StrEnum):
    """What the processing rests on: within school its public task beside the child's own yes, beyond it consent."""

    PUBLIC_TASK = "PUBLIC_TASK"
    CONSENT = "CONSENT"


class Why(StrEnum):
    """Why something is not covered, as codes."""

    SELF_MISSING = "consent_self_missing"
    GUARDIAN_MISSING = "consent_guardian_missing"
    GUARDIAN_REFUSED = "consent_guardian_refused"
    NOT_YET = "consent_not_yet"


MEMBERS_ONLY = frozenset({ConsentAudience.CLASS, ConsentAudience.SCHOOL})


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a purpose and, except for public naming, an audience."""

    purpose: ConsentPurpose
    audience: ConsentAudience | None = None

    @property
    def is_wide(self) -> bool:
        """Whether it goes beyond the school: it then needs consent and takes effect a day later."""
        return self.audience not in MEMBERS_ONLY

    @property
    def legal_basis(self) -> LegalBasis:
        """What the answer rests on."""
        return LegalBasis.CONSENT if self.is_wide else LegalBasis.PUBLIC_TASK

    @property
    def key(self) -> str:
        """`PUBLISH:CITY`, as it is stored."""
        return f"{self.purpose}:{self.audience or ''}"

    @property
    def is_sensible(self) -> bool:
        """Naming is public by itself; everything else has an audience."""
        return (self.purpose is ConsentPurpose.PUBLIC_NAMING) is (self.audience is None)

    @classmethod
    def from_key(cls, key: str) -> "Question":
        """The question of a stored key."""
        purpose, _, audience = key.partition(":")
        return cls(ConsentPurpose(purpose), ConsentAudience(audience) if audience else None)


QUESTIONS = (
    *(Question(ConsentPurpose.PUBLISH, audience) for audience in ConsentAudience),
    *(Question(ConsentPurpose.IDENTIFIABLE_MEDIA, audience) for audience in ConsentAudience),
    Question(ConsentPurpose.PUBLIC_NAMING),
)


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """One answer in the ledger; it runs until it is withdrawn, replaced or expires.

    `by_mail`: a guardian's, by a key that was mailed.
    """

    id: Id
    account_id: Id
    purpose: ConsentPurpose
    audience: ConsentAudience | None
    answer: ConsentAnswer
    wording: str
    granted_by: ConsentGiver
    legal_basis: LegalBasis
    reason_code: str | None
    at: datetime
    effective_at: datetime
    expires_at: datetime | None
    withdrawn_at: datetime | None
    by_mail: bool

    @property
    def question(self) -> Question:
        """What was answered."""
        return Question(self.purpose, self.audience)

    def runs(self, now: datetime) -> bool:
        """Whether the answer holds."""
        return self.withdrawn_at is None and (self.expires_at is None or now < self.expires_at)


def protected_age(birth_year: int | None, now: datetime) -> int | None:
    """How old somebody surely is when only the year is known: year − birth − 1."""
    return None if birth_year is None else now.astimezone(UTC).year - birth_year - 1


def of_age_from(birth_year: int, age: int) -> datetime:
    """The moment from which `protected_age` is at least `age`."""
    return datetime(birth_year + age + 1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ConsentState:
    """What one person's ledger means at one moment. `ages` are those of the person's country.

    `at_school`: for what is said as somebody of a class. A mailed key's yes does not carry that, because the school
    knows the guardian while a child could have named an address of its own; its no counts everywhere.
    """

    birth_year: int | None
    ages: Mapping[ConsentPurpose, int]
    rows: Sequence[ConsentRow]
    now: datetime
    at_school: bool

    def needs_guardian(self, question: Question) -> bool:
        """Whether the own yes is not enough. Somebody whose birth year is unknown counts as too young."""
        if not question.is_wide:
            return False
        age = protected_age(self.birth_year, self.now)
        return age is None or age < self.age_for(question.purpose)

    def age_for(self, purpose: ConsentPurpose) -> int:
        """From which age the person decides alone."""
        return self.ages.get(purpose, NAMING_AGE if purpose is ConsentPurpose.PUBLIC_NAMING else STRICTEST_AGE)

    def covers(self, audience: str | None, purpose: ConsentPurpose = ConsentPurpose.PUBLISH) -> str | None:
        """None when it may be shown to the audience, else the code of the reason why not."""
        question = Question(purpose, None if audience is None else ConsentAudience(audience))
        running = [row for row in self.rows if row.question == question and row.runs(self.now)]
        own = [row for row in running if row.granted_by is ConsentGiver.SELF and row.answer is ConsentAnswer.YES]
        if not own:
            return Why.SELF_MISSING
        needed = own
        if self.needs_guardian(question):
            others = [row for row in running if row.granted_by is not ConsentGiver.SELF]
            if any(row.granted_by is ConsentGiver.GUARDIAN and row.answer is ConsentAnswer.NO for row in others):
                return Why.GUARDIAN_REFUSED
            given = [row for row in others if row.answer is ConsentAnswer.YES and not (self.at_school and row.by_mail)]
            if not given:
                return Why.GUARDIAN_MISSING
            needed = [*own, min(given, key=lambda row: row.effective_at)]
        return Why.NOT_YET if any(self.now < row.effective_at for row in needed) else None
