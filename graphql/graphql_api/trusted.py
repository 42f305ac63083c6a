"""The documents that apps send: anyone may run these in production, free-form ones only staff."""

import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path

from backend.core.policy import STAFF_ROLES
from backend.core.viewer import Viewer


def document_id(text: str) -> str:
    """The SHA-256 of the text as it is sent, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def published_folder() -> Path:
    """Where the published documents lie: in the installed package, or beside it in a checkout."""
    package = Path(__file__).parent
    packed = package / "operations"
    return packed if packed.is_dir() else package.parent / "operations"


class TrustedDocuments:
    """The documents of a folder by id. A document counts with and without the white space around it."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._by_id = {
            document_id(spelling): text.strip() for text in texts.values() for spelling in (text, text.strip())
        }
        self._texts = frozenset(self._by_id.values())

    @classmethod
    def load(cls, folder: Path) -> "TrustedDocuments":
        """Every `.graphql` file in the folder. Raises FileNotFoundError when there is none."""
        if not any(folder.glob("*.graphql")):
            raise FileNotFoundError(f"no published documents in {folder}")
        return cls({path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.graphql"))})

    def text(self, sha256: str) -> str | None:
        """The document with this id (a `sha256:` prefix is allowed), None if there is none."""
        return self._by_id.get(sha256.lower().removeprefix("sha256:"))

    def __contains__(self, text: str) -> bool:
        return text.strip() in self._texts


def may_send_any(viewer: Viewer, *, is_production: bool) -> bool:
    """Whether the viewer may send documents of their own and ask for the schema."""
    return not is_production or any(grant.role in STAFF_ROLES for grant in viewer.grants)


def is_partner(key: str | None, digests: Collection[str]) -> bool:
    """Whether this is the key of a partner, who may send any document too; it says nothing about who is signed in."""
    return key is not None and hashlib.sha256(key.encode()).hexdigest() in digests
