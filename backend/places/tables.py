"""Cities, schools, classes, class codes, seats and roles. Who may be live beside whom: partial indexes in migrations.

Names of cities, schools and classes are no personal data; an account appears by its id only.
"""

from piccolo.columns import UUID, Date, ForeignKey, Integer, OnDelete, Text, Timestamptz
from piccolo.constraints import Check
from piccolo.table import Table


class City(Table, tablename="city"):
    """A member of the network. Days are counted in its `zone` (IANA)."""

    id = UUID(primary_key=True, default=None, null=False)
    name = Text(default=None, null=False)
    country = Text(default=None, null=False)
    zone = Text(default=None, null=False)
    safeguarding_hours = Text(default=None, null=True)
    created_at = Timestamptz(default=None, null=False)

    city_country = Check("country in ('NO','SE','DK','FI','IS')", name="city_country")


class School(Table, tablename="school"):
    """A school of a city, or another house where young people meet."""

    id = UUID(primary_key=True, default=None, null=False)
    city_id = ForeignKey(City, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    name = Text(default=None, null=False)
    created_at = Timestamptz(default=None, null=False)


class SchoolClass(Table, tablename="school_class"):
    """A class in a school year. The school office declares how many are enrolled; no more seats are confirmed."""

    id = UUID(primary_key=True, default=None, null=False)
    school_id = ForeignKey(School, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    name = Text(default=None, null=False)
    school_year = Text(default=None, null=False)
    locale = Text(default=None, null=False)
    declared_enrolment = Integer(default=None, null=False)
    capacity = Integer(default=None, null=False)
    closes_on = Date(default=None, null=True)
    created_at = Timestamptz(default=None, null=False)
    closed_at = Timestamptz(default=None, null=True)
    erased_at = Timestamptz(default=None, null=True)

    school_class_enrolment = Check("declared_enrolment between 1 and 1000", name="school_class_enrolment")
    school_class_capacity = Check("capacity between 1 and 1000", name="school_class_capacity")


class ClassCode(Table, tablename="class_code"):
    """A code that gives a pending seat. Not secret in the class, hence plain; short-lived instead."""

    id = UUID(primary_key=True, default=None, null=False)
    class_id = ForeignKey(SchoolClass, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    code = Text(default=None, null=False, unique=True)
    made_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False)
    revoked_at = Timestamptz(default=None, null=True)


class Seat(Table, tablename="seat"):
    """A place in a class, given by a code or a card and confirmed by the teacher. Personal: who sat where."""

    id = UUID(primary_key=True, default=None, null=False)
    class_id = ForeignKey(SchoolClass, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    account_id = UUID(default=None, null=False, index=True)  # personal: whose seat; kept, the account row is emptied
    status = Text(default=None, null=False)
    card_batch_id = UUID(default=None, null=True, index=True)
    joined_at = Timestamptz(default=None, null=False)
    confirmed_at = Timestamptz(default=None, null=True)
    confirmed_by = UUID(default=None, null=True)  # personal: the teacher's account id; kept as a record of the decision
    ended_at = Timestamptz(default=None, null=True)
    ended_by = UUID(default=None, null=True)  # personal: the teacher's account id; kept as a record of the decision
    end_reason = Text(default=None, null=True)

    seat_status = Check("status in ('PENDING','CONFIRMED','REMOVED','LEFT')", name="seat_status")


class RoleGrant(Table, tablename="role_grant"):
    """A role in a scope, from `granted_at` until it is revoked or `until` has come. Personal: who held which office."""

    id = UUID(primary_key=True, default=None, null=False)
    account_id = UUID(default=None, null=False, index=True)  # personal: whose role; kept as a record of the office
    role = Text(default=None, null=False)
    scope_kind = Text(default=None, null=False)
    scope_id = UUID(default=None, null=True, index=True)
    granted_by = UUID(default=None, null=True)  # personal: the grantor; null for the first secretariat
    granted_at = Timestamptz(default=None, null=False)
    until = Timestamptz(default=None, null=True)
    revoked_at = Timestamptz(default=None, null=True)
    revoked_by = UUID(default=None, null=True)  # personal: who ended it

    role_grant_scope = Check("(scope_kind = 'NETWORK') = (scope_id is null)", name="role_grant_scope")
