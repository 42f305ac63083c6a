"""What makes settings unusable, as problems that say what is wrong and what to set; values are never shown."""

import difflib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from pydantic import ValidationError

# Derived from the published minimum for argon2id of 19 MiB and two passes.
ARGON2_MEMORY_KIB = 19_456
ARGON2_WORK_KIB = 2 * ARGON2_MEMORY_KIB
SECRET_BYTES = 32
DEVELOPMENT_MARK = b"development-"


@dataclass(frozen=True, slots=True)
class Problem:
    """One unusable variable."""

    variable: str
    wrong: str
    remedy: str


class SettingsRefused(Exception):
    """The process must not start; the message lists every unusable variable."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: problem.variable)
        lines = [f"  {problem.variable} {problem.wrong}: {problem.remedy}." for problem in self.problems]
        super().__init__("\n".join(["The settings cannot be used:", *lines, "`stemme settings` lists them all."]))


class Checked(Protocol):
    """The settings that are looked at before a production start."""

    @property
    def secret(self) -> bytes: ...
    @property
    def public_url(self) -> str: ...
    @property
    def database_url(self) -> str: ...
    @property
    def smtp_url(self) -> str: ...
    @property
    def log_level(self) -> str: ...
    @property
    def allowed_origins(self) -> tuple[str, ...]: ...
    @property
    def media_folder(self) -> Path: ...
    @property
    def s3_bucket(self) -> str: ...
    @property
    def s3_public_bucket(self) -> str: ...
    @property
    def s3_endpoint(self) -> str: ...
    @property
    def s3_private_prefix(self) -> str: ...
    @property
    def s3_public_prefix(self) -> str: ...
    @property
    def s3_access_key(self) -> str: ...
    @property
    def s3_secret_key(self) -> str: ...
    @property
    def media_public_url(self) -> str: ...
    @property
    def argon2_time_cost(self) -> int: ...
    @property
    def argon2_memory_kib(self) -> int: ...
    @property
    def trusted_proxies(self) -> tuple[IPv4Network | IPv6Network, ...]: ...
    @property
    def consent_delay_hours(self) -> int: ...
    @property
    def reset_seal_hours(self) -> int: ...


def unknown_variables(environ: Mapping[str, str], *, known: Collection[str], prefix: str) -> list[Problem]:
    """Variables with our prefix that no setting reads: most likely typing mistakes."""
    problems = []
    for name in environ:
        if name.startswith(prefix) and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            problems.append(Problem(name, "is not a setting", f"perhaps {near[0]} is meant" if near else "unset it"))
    return problems


def explain(error: ValidationError) -> list[Problem]:
    """What the types refused, one problem a variable, without the values."""
    found: dict[str, Problem] = {}
    for detail in error.errors(include_url=False, include_context=False, include_input=False):
        variable = str(detail["loc"][0])
        found.setdefault(variable, Problem(variable, "is not usable", _plain(detail["type"], detail["msg"])))
    return list(found.values())


def _plain(kind: str, message: str) -> str:
    if kind == "string_pattern_mismatch":
        return "it does not have the form that `stemme settings` describes"
    return "it " + message.removeprefix("Input ").removeprefix("value ")


def unsafe_in_production(settings: Checked, *, given: Collection[str]) -> list[Problem]:
    """What must not be so where real people's data are."""
    checks = (_secret(settings), _addresses(settings), _services(settings), _strength(settings), _delays(settings))
    problems = [problem for found in checks for problem in found]
    if "STEMME_MAIL_FROM" not in given:
        problems.append(Problem("STEMME_MAIL_FROM", "is not set", "set the sender of all mail"))
    return problems


def half_set_bucket(settings: Checked, *, given: Collection[str]) -> list[Problem]:
    """Settings of a bucket that do not belong together, or would show everybody what is private."""
    if not settings.s3_bucket:
        lonely = [name for name in given if name.startswith("STEMME_S3_") or name == "STEMME_MEDIA_PUBLIC_URL"]
        remedy = "set STEMME_S3_BUCKET too, or unset it"
        return [Problem(name, "is set without a bucket", remedy) for name in lonely if name != "STEMME_S3_BUCKET"]
    problems = []
    if bool(settings.s3_access_key) != bool(settings.s3_secret_key):
        missing = "STEMME_S3_SECRET_KEY" if settings.s3_access_key else "STEMME_S3_ACCESS_KEY"
        problems.append(Problem(missing, "is not set", "set both keys of the bucket or neither"))
    if "STEMME_MEDIA_FOLDER" in given:
        problems.append(Problem("STEMME_MEDIA_FOLDER", "is set beside a bucket", "set one of the two"))
    private, public = settings.s3_private_prefix, settings.s3_public_prefix
    apart = settings.s3_public_bucket not in ("", settings.s3_bucket)
    if not apart and (private.startswith(public) or public.startswith(private)):
        remedy = "set two prefixes of which none begins with the other, or two buckets"
        problems.append(Problem("STEMME_S3_PUBLIC_PREFIX", "would make private files public", remedy))
    return problems


def _secret(settings: Checked) -> Iterable[Problem]:
    make_one = "set the output of `stemme secret`, the same for all processes"
    if not settings.secret:
        yield Problem("STEMME_SECRET", "is not set", make_one)
    elif settings.secret.startswith(DEVELOPMENT_MARK):
        yield Problem("STEMME_SECRET", "is a development secret", make_one)
    elif len(settings.secret) < SECRET_BYTES or len(set(settings.secret)) < 10:
        yield Problem("STEMME_SECRET", f"is shorter than {SECRET_BYTES} bytes or too regular", make_one)


def _addresses(settings: Checked) -> Iterable[Problem]:
    if not settings.public_url:
        yield Problem("STEMME_PUBLIC_URL", "is not set", "set the https address under which people reach the API")
    elif not settings.public_url.startswith("https://"):
        yield Problem("STEMME_PUBLIC_URL", "is not https", "set the https address under which people reach the API")
    for origin in settings.allowed_origins:
        parts = urlsplit(origin)
        if "*" in origin or parts.scheme != "https" or not parts.netloc or parts.path or parts.query:
            yield Problem(
                "STEMME_ALLOWED_ORIGINS",
                "has a wildcard or something else than https origins",
                "list each https origin",
            )
            break
    if any(network.prefixlen == 0 for network in settings.trusted_proxies):
        yield Problem(
            "STEMME_TRUSTED_PROXIES", "believes everybody's X-Forwarded-For", "list the networks of the proxies only"
        )


def _services(settings: Checked) -> Iterable[Problem]:
    if not settings.database_url:
        yield Problem("DATABASE_URL", "is not set", "set the address of a PostgreSQL 18 database")
    if not settings.smtp_url:
        yield Problem("STEMME_SMTP_URL", "is not set", "set the address of the mail server")
    if not settings.s3_bucket and not settings.media_folder.is_absolute():
        yield Problem("STEMME_MEDIA_FOLDER", "is not an absolute path", "set the folder that all processes share")
    if settings.s3_endpoint.startswith("http:"):
        yield Problem("STEMME_S3_ENDPOINT", "is not https", "set the https address of the service")
    if settings.media_public_url.startswith("http:"):
        yield Problem("STEMME_MEDIA_PUBLIC_URL", "is not https", "set the https address of the public copies")


def _strength(settings: Checked) -> Iterable[Problem]:
    if settings.log_level == "debug":
        yield Problem("STEMME_LOG_LEVEL", "is debug", "set info, warning or error, for logs hold no personal data")
    memory, work = settings.argon2_memory_kib, settings.argon2_memory_kib * settings.argon2_time_cost
    if memory < ARGON2_MEMORY_KIB or work < ARGON2_WORK_KIB:
        yield Problem(
            "STEMME_ARGON2_MEMORY_KIB", "makes passphrases too easy to guess",
            f"set at least {ARGON2_MEMORY_KIB}, and STEMME_ARGON2_TIME_COST at least 2",
        )  # fmt: skip


def _delays(settings: Checked) -> Iterable[Problem]:
    """The time that others have to step in, which trying things out may do without."""
    if not settings.consent_delay_hours:
        yield Problem("STEMME_CONSENT_DELAY_HOURS", "is 0", "set the hours in which a school can react, usually 24")
    if not settings.reset_seal_hours:
        yield Problem("STEMME_RESET_SEAL_HOURS", "is 0", "set the hours in which a student can notice, usually 24")
