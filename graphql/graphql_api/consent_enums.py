"""What a consent is for and whom it covers: also the problem `ConsentRequired` says so."""

from backend.accounts.consent_rules import ConsentAudience, ConsentPurpose
from graphql_api.enums import describe_enum

describe_enum(
    ConsentPurpose,
    "What is consented to.",
    {
        ConsentPurpose.PUBLISH: "To show what the person says, under the name they chose.",
        ConsentPurpose.IDENTIFIABLE_MEDIA: "To show pictures or a voice by which the person can be known.",
        ConsentPurpose.PUBLIC_NAMING: "To name the person publicly. It has no audience.",
    },
)
describe_enum(
    ConsentAudience,
    "To whom something is shown.",
    {
        ConsentAudience.CLASS: "The class.",
        ConsentAudience.SCHOOL: "The school.",
        ConsentAudience.CITY: "Everybody.",
        ConsentAudience.SOCIAL: "Everybody, and the network may share it on social media.",
    },
)
