"""Settings: read from the environment, refused at once with everything that is wrong, silent about values."""

from pathlib import Path

import pytest

from backend.settings import Environment, LogFormat, Settings
from backend.settings_checks import SettingsRefused
from media.blobs.folder import FolderStore
from media.blobs.s3 import S3Store
from media.config import Media

SAFE = {
    "STEMME_ENVIRONMENT": "production",
    "STEMME_SECRET": "S8q-zGk2TtYxu0wVb4nLr7cJd1mPe9HfAaOiXsQy",
    "STEMME_PUBLIC_URL": "https://api.example.org",
    "STEMME_SMTP_URL": "smtp://stemme:hidden-word@mail.example.org:587?starttls=1",
    "STEMME_MAIL_FROM": "Stemme <post@example.org>",
    "STEMME_MEDIA_FOLDER": "/srv/media",
    "DATABASE_URL": "postgresql://stemme:hidden-word@db.example.org/stemme",
}


def refusal(environ: dict[str, str]) -> SettingsRefused:
    """Why these settings are refused."""
    with pytest.raises(SettingsRefused) as refused:
        Settings.load(environ)
    return refused.value


def test_settings_nothing_set_gives_development_with_a_kept_secret(tmp_path: Path) -> None:
    environ = {"STEMME_DEV_FOLDER": str(tmp_path), "PORT": "8123", "HOME": "/ignored"}
    first, second = Settings.load(environ), Settings.load(environ)
    assert first.environment is Environment.DEVELOPMENT
    assert first.log_format is LogFormat.CONSOLE
    assert first.public_url == "http://localhost:8123"
    assert first.mail_folder == tmp_path / "mail"
    assert len(first.secret) >= 32
    assert first.secret == second.secret
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0


def test_settings_lists_are_read_from_commas_and_spaces(tmp_path: Path) -> None:
    settings = Settings.load(
        {
            "STEMME_DEV_FOLDER": str(tmp_path),
            "STEMME_TRUSTED_PROXIES": "10.0.0.0/8, fd00::/8",
            "STEMME_ALLOWED_ORIGINS": "http://localhost:3000",
        }
    )
    assert [str(network) for network in settings.trusted_proxies] == ["10.0.0.0/8", "fd00::/8"]
    assert settings.allowed_origins == ("http://localhost:3000",)


def test_settings_once_loaded_cannot_change(tmp_path: Path) -> None:
    settings = Settings.load({"STEMME_DEV_FOLDER": str(tmp_path)})
    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1


def test_settings_several_wrong_are_all_named_without_their_values() -> None:
    wrong = {
        "PORT": "seventy",
        "DATABASE_URL": "mysql://u:hidden-word@h/d",
        "STEMME_LOG_FORMAT": "hidden-word",
        "STEMME_TRUSTED_PROXIES": "hidden-word",
        "STEMME_SECRT": "hidden-word",
    }
    refused = refusal(wrong)
    assert [problem.variable for problem in refused.problems] == sorted(wrong)
    assert "perhaps STEMME_SECRET is meant" in str(refused)
    assert "hidden-word" not in str(refused)


def test_settings_production_with_nothing_set_names_all_that_is_needed() -> None:
    refused = refusal({"STEMME_ENVIRONMENT": "production"})
    needed = SAFE.keys() - {"STEMME_ENVIRONMENT"}
    assert {problem.variable for problem in refused.problems} == needed


def test_settings_safe_production_is_accepted_and_shows_no_secret() -> None:
    settings = Settings.load(SAFE)
    assert settings.is_production
    assert settings.log_format is LogFormat.JSON
    assert "hidden-word" not in repr(settings)
    assert SAFE["STEMME_SECRET"] not in repr(settings)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("STEMME_SECRET", "short"),
        ("STEMME_SECRET", "development-S8q-zGk2TtYxu0wVb4nLr7cJd1mPe9Hf"),
        ("STEMME_SECRET", "a" * 64),
        ("STEMME_PUBLIC_URL", "http://api.example.org"),
        ("STEMME_ALLOWED_ORIGINS", "*"),
        ("STEMME_ALLOWED_ORIGINS", "https://app.example.org http://app.example.org"),
        ("STEMME_SMTP_URL", ""),
        ("STEMME_LOG_LEVEL", "debug"),
        ("STEMME_ARGON2_MEMORY_KIB", "1024"),
        ("STEMME_MEDIA_FOLDER", "media"),
        ("DATABASE_URL", ""),
        ("STEMME_PARTNER_KEYS", "the-key-itself"),
        ("STEMME_TRUSTED_PROXIES", "0.0.0.0/0"),
        ("STEMME_TRUSTED_PROXIES", "10.0.0.0/8 ::/0"),
        ("STEMME_CONSENT_DELAY_HOURS", "0"),
        ("STEMME_RESET_SEAL_HOURS", "0"),
    ],
)
def test_settings_production_with_one_unsafe_value_is_refused(variable: str, value: str) -> None:
    refused = refusal({**SAFE, variable: value})
    assert [problem.variable for problem in refused.problems] == [variable]
    assert not value or len(value) < 6 or value not in str(refused)


BUCKET = {
    **{name: value for name, value in SAFE.items() if name != "STEMME_MEDIA_FOLDER"},
    "STEMME_S3_BUCKET": "stemme-media",
    "STEMME_S3_ENDPOINT": "https://s3.example.org",
    "STEMME_S3_ACCESS_KEY": "hidden-key",
    "STEMME_S3_SECRET_KEY": "hidden-word",
    "STEMME_MEDIA_PUBLIC_URL": "https://media.example.org/pictures",
}


def test_settings_with_a_bucket_make_its_store_and_show_no_keys() -> None:
    settings = Settings.load(BUCKET)
    assert "hidden" not in repr(settings)
    media = Media.of(settings)
    assert isinstance(media.blobs, S3Store)
    assert media.copies_url == "https://media.example.org/pictures"
    assert media.blobs.place.public_bucket == "stemme-media"
    assert "hidden" not in repr(media.blobs.place)
    assert isinstance(Media.of(Settings.load(SAFE)).blobs, FolderStore)


@pytest.mark.parametrize(
    ("changed", "variable"),
    [
        ({"STEMME_S3_SECRET_KEY": ""}, "STEMME_S3_SECRET_KEY"),
        ({"STEMME_S3_ACCESS_KEY": ""}, "STEMME_S3_ACCESS_KEY"),
        ({"STEMME_S3_ENDPOINT": "http://s3.example.org"}, "STEMME_S3_ENDPOINT"),
        ({"STEMME_MEDIA_PUBLIC_URL": "http://media.example.org"}, "STEMME_MEDIA_PUBLIC_URL"),
        ({"STEMME_S3_PUBLIC_PREFIX": "private/copies/"}, "STEMME_S3_PUBLIC_PREFIX"),
        ({"STEMME_S3_PRIVATE_PREFIX": "public/"}, "STEMME_S3_PUBLIC_PREFIX"),
        ({"STEMME_S3_PRIVATE_PREFIX": "/"}, "STEMME_S3_PRIVATE_PREFIX"),
        ({"STEMME_S3_BUCKET": "UPPER/../case"}, "STEMME_S3_BUCKET"),
        ({"STEMME_MEDIA_FOLDER": "/srv/media"}, "STEMME_MEDIA_FOLDER"),
        ({"STEMME_UPLOAD_PART_BYTES": "1000"}, "STEMME_UPLOAD_PART_BYTES"),
    ],
)
def test_settings_of_a_bucket_that_are_half_set_or_unsafe_are_refused(changed: dict[str, str], variable: str) -> None:
    refused = refusal({**BUCKET, **changed})
    assert [problem.variable for problem in refused.problems] == [variable]
    assert "hidden" not in str(refused)


def test_settings_of_a_bucket_without_a_bucket_are_refused(tmp_path: Path) -> None:
    refused = refusal({"STEMME_DEV_FOLDER": str(tmp_path), "STEMME_S3_ENDPOINT": "https://s3.example.org"})
    assert [problem.variable for problem in refused.problems] == ["STEMME_S3_ENDPOINT"]
    same = {"STEMME_S3_PUBLIC_BUCKET": "stemme-public", "STEMME_S3_PUBLIC_PREFIX": "private/"}
    assert Settings.load({**BUCKET, **same}).s3_public_bucket == "stemme-public"


def test_settings_development_secret_that_is_too_short_is_refused(tmp_path: Path) -> None:
    refused = refusal({"STEMME_DEV_FOLDER": str(tmp_path), "STEMME_SECRET": "short"})
    assert [problem.variable for problem in refused.problems] == ["STEMME_SECRET"]
