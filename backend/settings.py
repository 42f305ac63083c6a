"""Every setting, typed and described here and nowhere else; read from the environment only, frozen once loaded.

`stemme settings` prints this table. A wrong or unsafe value is refused at start with one message that names them all.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from backend.dev.secret import development_secret
from backend.settings_checks import (
    Problem,
    SettingsRefused,
    explain,
    half_set_bucket,
    unknown_variables,
    unsafe_in_production,
)

PREFIX = "STEMME_"
UNPREFIXED = frozenset({"port", "host", "database_url"})
MEBIBYTE = 1024 * 1024


class Environment(StrEnum):
    """Where this process runs."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class LogFormat(StrEnum):
    """How log lines look: for machines or for people."""

    JSON = "json"
    CONSOLE = "console"


class LogLevel(StrEnum):
    """The least severe lines that are written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def variable_of(field: str) -> str:
    """The environment variable of a field: `smtp_url` is read from STEMME_SMTP_URL."""
    return field.upper() if field in UNPREFIXED else PREFIX + field.upper()


def _split(value: object) -> object:
    return [part for part in value.replace(",", " ").split() if part] if isinstance(value, str) else value


Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], BeforeValidator(_split)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_split)]
Digests = Annotated[tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")], ...], BeforeValidator(_split)]
Bucket = Annotated[str, Field(pattern=r"^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$")]
Prefix = Annotated[str, Field(pattern=r"^([0-9A-Za-z_-]+/)+$")]
WebAddress = Annotated[str, Field(pattern=r"^(https?://[^/\s?#@]+)?$")]
Count = Annotated[int, Field(ge=1)]
Delay = Annotated[int, Field(ge=0)]


class Settings(BaseSettings):
    """The settings of one process. Made by `Settings.load`."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", alias_generator=variable_of, env_ignore_empty=True, hide_input_in_errors=True
    )

    # Where and how this process runs
    environment: Environment = Field(Environment.DEVELOPMENT, description="development or production")
    host: str = Field("127.0.0.1", description="address the web process listens on")
    port: int = Field(8000, ge=1, le=65535, description="port the web process listens on")
    public_url: str = Field(
        "", description="address under which people reach the API, e.g. https://api.example.org; "
        "in development made of HOST and PORT", pattern=r"^(https?://[^/\s?#@]+)?$",
    )  # fmt: skip
    web_processes: Count = Field(1, description="web processes that `stemme serve` starts on the port")
    log_level: LogLevel = Field(LogLevel.INFO, description="debug, info, warning or error")
    log_format: LogFormat = Field(LogFormat.JSON, description="json or console (the default in development)")
    trusted_proxies: Networks = Field(
        (), description="networks of the reverse proxies whose X-Forwarded-For is believed, e.g. 10.0.0.0/8"
    )
    allowed_origins: Texts = Field(
        (), description="origins of browser apps that may call the API, e.g. https://app.example.org"
    )
    partner_keys: Digests = Field(
        (), repr=False, description="hashes of the keys with which partners may send documents of their own in "
        "production, as header X-Api-Key (`stemme partner-key` makes a key and its hash)",
    )  # fmt: skip
    dev_folder: Path = Field(
        Path(".stemme"), description="folder of the development database, secret, mail and media; unused in production"
    )

    # What it needs
    database_url: str = Field(
        "", repr=False, pattern=r"^(postgres(ql)?://\S+)?$",
        description="PostgreSQL 18, postgresql://user:password@host:port/database; in development "
        "`stemme dev` brings its own when empty",
    )  # fmt: skip
    database_pool_size: int = Field(10, ge=2, le=200, description="database connections of one process at most")
    secret: bytes = Field(
        b"", repr=False, description="at least 32 random bytes from which tokens are derived, the same for all "
        "processes (`stemme secret` makes one); in development made once and kept in the dev folder",
    )  # fmt: skip
    smtp_url: str = Field(
        "", repr=False, pattern=r"^(smtps?://[^/\s?#]+/?(\?starttls=[01])?)?$",
        description="mail server, smtp://user:password@host:587?starttls=1; in development "
        "mail goes to STEMME_MAIL_FOLDER when empty",
    )  # fmt: skip
    mail_from: str = Field(
        "Stemme <stemme@localhost>", pattern=r"^[^\r\n]+@[^\r\n]+$", description="sender of all mail"
    )
    mail_folder: Path = Field(
        Path(".stemme/mail"), description="where mail is put as .eml files while STEMME_SMTP_URL is empty"
    )
    media_folder: Path = Field(
        Path(".stemme/media"),
        description="where media are kept while STEMME_S3_BUCKET is empty; in production an absolute path shared by "
        "all processes",
    )
    s3_bucket: Bucket = Field("", description="private bucket of an S3-compatible service in which media are kept")
    s3_public_bucket: Bucket = Field(
        "", description="bucket for copies of what everybody may see; the private one when empty"
    )
    s3_endpoint: WebAddress = Field(
        "", description="address of the S3-compatible service; that of Amazon's region when empty"
    )
    s3_region: str = Field("us-east-1", pattern=r"^[a-z0-9-]+$", description="region of the buckets")
    s3_path_style: bool = Field(
        False,
        description="whether the bucket's name is in the path and not in the host, as most services but Amazon's need",
    )
    s3_private_prefix: Prefix = Field("private/", description="beginning of all keys of private files")
    s3_public_prefix: Prefix = Field("public/", description="beginning of all keys of public copies")
    s3_access_key: str = Field(
        "",
        repr=False,
        description="access key; when empty, boto3 looks in its own places, such as the role of the machine",
    )
    s3_secret_key: str = Field("", repr=False, description="secret that belongs to the access key")
    media_public_url: str = Field(
        "", pattern=r"^(https?://[^\s?#@]+[^/\s?#@])?$",
        description="address, often of a CDN, under which the public prefix is read, e.g. https://media.example.org; "
        "when empty this service answers for what is public",
    )  # fmt: skip

    # Passphrases and sessions
    argon2_time_cost: Count = Field(2, description="argon2id passes")
    argon2_memory_kib: int = Field(
        19456, ge=8, description="argon2id memory in KiB; with the passes at least 19456 × 2"
    )
    argon2_parallelism: Count = Field(1, description="argon2id lanes")
    argon2_threads: Count = Field(2, description="threads of one process that hash passphrases")
    login_failures: Count = Field(10, description="failed sign-ins of an account from an address before it has to wait")
    login_window_minutes: Count = Field(15, description="time in which failed sign-ins are counted")
    session_idle_days: Count = Field(30, description="an unused session ends after this")
    session_absolute_days: Count = Field(180, description="every session ends after this")
    shared_session_hours: Count = Field(2, description="a session on a shared device ends after this")

    # Rules of the domain
    join_code_days: Count = Field(14, description="how long a class code is valid")
    class_capacity: Count = Field(40, description="seats of a class at most")
    class_retention_days: Count = Field(60, description="accounts that never left a closed class are erased after this")
    consent_delay_hours: Delay = Field(
        24, description="consent to CITY, SOCIAL and public naming takes effect after this"
    )
    reset_seal_hours: Delay = Field(24, description="after a teacher's reset older drafts stay sealed for this")
    teacher_school_days: Count = Field(2, description="a statement passes on to a moderator by itself after this")
    claim_minutes: Count = Field(10, description="a moderator's claim on a case ends after this without heartbeat")
    appeal_months: Count = Field(6, description="how long a decision can be appealed")

    # Media
    upload_hours: Count = Field(24, description="an upload that was never finished is removed after this")
    upload_part_bytes: int = Field(
        8 * MEBIBYTE,
        ge=5 * MEBIBYTE,
        le=100 * MEBIBYTE,
        description="size of the parts in which larger files may be sent",
    )
    upload_bytes_a_day: Count = Field(1_000_000_000, description="bytes that one account may send in 24 hours")
    signed_url_minutes: Count = Field(5, description="how long a signed media address works")
    max_image_bytes: Count = Field(25 * MEBIBYTE, description="largest image file")
    max_image_pixels: Count = Field(40_000_000, description="largest image, width × height")
    max_movie_bytes: Count = Field(200 * MEBIBYTE, description="largest movie file")
    max_movie_seconds: Count = Field(90, description="longest movie")

    # Limits of a GraphQL request
    graphql_max_depth: Count = Field(12, description="nesting of a GraphQL document at most")
    graphql_max_aliases: Count = Field(30, description="aliases in a GraphQL document at most")
    graphql_max_tokens: Count = Field(2_000, description="tokens of a GraphQL document at most")
    graphql_max_cost: Count = Field(5_000, description="cost of a GraphQL document at most, by page sizes")
    graphql_max_body_bytes: Count = Field(256 * 1024, description="size of a GraphQL request at most")
    graphql_timeout_seconds: Count = Field(10, description="time of a GraphQL request at most")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load` was given counts: no second source that a reader would have to know."""
        return (init_settings,)

    @classmethod
    def load(cls, environ: Mapping[str, str]) -> Self:
        """The settings in `environ` (usually `os.environ`). Raises SettingsRefused, which names all that is wrong.

        In development it makes the secret in the dev folder when there is none.
        """
        known = {variable_of(field) for field in cls.model_fields}
        given = {name: value for name, value in environ.items() if name in known and value}
        problems = unknown_variables(environ, known=known, prefix=PREFIX)
        try:
            settings = cls.model_validate(given)
        except ValidationError as error:
            raise SettingsRefused([*problems, *explain(error)]) from None
        problems += half_set_bucket(settings, given=given.keys())
        if settings.environment is Environment.PRODUCTION:
            problems += unsafe_in_production(settings, given=given.keys())
        elif given.keys() & {"STEMME_SECRET"} and len(settings.secret) < 32:
            problems.append(Problem("STEMME_SECRET", "is shorter than 32 bytes", "take the output of `stemme secret`"))
        if problems:
            raise SettingsRefused(problems)
        return settings if settings.is_production else settings.completed_for_development(given)

    @property
    def is_production(self) -> bool:
        """Whether real people's data may be here."""
        return self.environment is Environment.PRODUCTION

    def completed_for_development(self, given: Collection[str]) -> Self:
        """These settings with the values that only development may make up, but for the variables in `given`."""
        everywhere = {"127.0.0.1", "0.0.0.0", "::", "::1"}  # noqa: S104 (compared, not bound)
        values: dict[str, object] = {
            "log_format": LogFormat.CONSOLE,
            "public_url": f"http://{'localhost' if self.host in everywhere else self.host}:{self.port}",
            "mail_folder": self.dev_folder / "mail",
            "media_folder": self.dev_folder / "media",
        }
        chosen = {name: value for name, value in values.items() if variable_of(name) not in given}
        return self.model_copy(
            update=chosen if self.secret else {**chosen, "secret": development_secret(self.dev_folder)}
        )
