"""The development secret: made once, kept in the dev folder, marked so that production refuses it."""

import os
import secrets
from pathlib import Path

from backend.settings_checks import DEVELOPMENT_MARK


def development_secret(folder: Path) -> bytes:
    """The secret kept in `folder`, made when there is none; two processes that start together get the same."""
    path = folder / "secret"
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = folder / f".secret-{os.getpid()}-{secrets.token_hex(4)}"
        draft.touch(mode=0o600)
        draft.write_bytes(DEVELOPMENT_MARK + secrets.token_urlsafe(48).encode())
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes()
