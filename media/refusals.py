"""What is refused of any file, picture or movie, by its size and its headers alone."""

from backend.core.errors import ValidationFailed


def unknown() -> ValidationFailed:
    """The refusal of everything that is in none of the formats that are read."""
    return ValidationFailed("media_type_unknown", path=("file",))


def check_file_size(size: int, most: int, *, path: tuple[str, ...] = ("file",)) -> None:
    """Raises ValidationFailed file_too_large; `megabytes` names the limit."""
    if size > most:
        raise ValidationFailed("file_too_large", path=path, megabytes=most // 1024**2)
