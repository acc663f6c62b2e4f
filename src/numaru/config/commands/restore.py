"""``./numaru restore BACKUP|ARCHIVE …``: put a house back into an empty home. Nothing runs before, so this starts the database itself."""

from __future__ import annotations

import argparse
import json
import os
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pyrage import x25519

from numaru.config import world
from numaru.config.home import alone, database, place
from numaru.config.words import Stop, language, say
from numaru.kernel.backup import archive, folder, restoring
from numaru.kernel.backup.steps import Restored
from numaru.values.text import Text


def main(argv: list[str]) -> int:
    """Restore and return the exit status: 0 restored (what is missing is said), 1 refused; then the home stays closed or untouched."""
    words = argparse.ArgumentParser(prog="./numaru restore")
    words.add_argument(
        "source",
        type=Path,
        help=Text("백업 폴더, --to-time이면 보관 폴더", "folder of the backup; of the archive with --to-time").pick(language()),
    )
    words.add_argument("--into", type=Path, metavar="HOME")
    words.add_argument("--identity", type=Path, metavar="FILE")
    words.add_argument("--keys", type=Path, metavar="BACKUP", help=Text("키 백업 폴더", "folder of the backup of keys").pick(language()))
    words.add_argument("--without-keys", action="store_true", help=Text("키 백업 없이", "without a backup of keys").pick(language()))
    words.add_argument(
        "--destroyed",
        type=Path,
        metavar="FOLDER",
        help=Text("옛 집의 destroyed 폴더", "the folder destroyed of the old home").pick(language()),
    )
    words.add_argument("--to-time", type=_instant, metavar="YYYY-MM-DDTHH:MM:SS")
    words.add_argument("--json", action="store_true")
    chosen = words.parse_args(argv)
    home = (chosen.into or place()).resolve()
    os.environ["NUMARU_HOME"] = str(home)
    tell = (lambda text: None) if chosen.json else (lambda text: say(text))
    with ExitStack() as stack:
        identity = chosen.identity.resolve() if chosen.identity else None
        opened_by = restoring.identities(home, identity)
        if chosen.to_time is not None and os.environ.get("DATABASE_URL"):
            raise archive.external()
        seen = None if chosen.to_time is not None else _inspected(chosen, opened_by, tell)
        if os.environ.get("DATABASE_URL"):
            stack.enter_context(database(home))
            restoring.empty_database(os.environ["DATABASE_URL"])
        restoring.claim(home)
        (home / "log").mkdir(exist_ok=True)
        stack.enter_context(alone(home))
        if seen is None:
            restored = restoring.put_back_to(chosen.to_time, chosen.source.resolve(), opened_by, home, tell)
            stack.enter_context(database(home))
        else:
            url = os.environ.get("DATABASE_URL") or stack.enter_context(database(home))
            world.set_up()
            restoring.check_migrations(seen.contents["migrations"])
            restored = restoring.put_back(seen, opened_by, home, url, tell)
        if chosen.destroyed:  # newer than any backup: the old home's own list
            shutil.copytree(chosen.destroyed, home / "destroyed", dirs_exist_ok=True)
        missing = _settle(restored, tell)
    if chosen.json:
        said = {
            "source": restored.source,
            "keys": restored.keys,
            "made_at": restored.made_at.isoformat(),
            "missing": [m.en for m in missing],
        }
        print(json.dumps(said, ensure_ascii=False))
        return 0
    say(
        Text("되돌렸습니다: {h}, {t}까지의 데이터.", "Restored: {h}, with the data up to {t}.").fill(
            h=home, t=f"{restored.made_at:%Y-%m-%d %H:%M:%S%z}"
        )
    )
    for text in missing:
        say(Text("알아 둘 것: {w}", "Take note: {w}").fill(w=text), error=True)
    say(
        Text(
            "NUMARU_HOME={h} 로 켜십시오. 관리자가 백업 화면에서 확인할 때까지 모든 화면에 알립니다.",
            "Start it with NUMARU_HOME={h}. Every page says that it was restored until an administrator takes note on the page of backups.",
        ).fill(h=home)
    )
    return 0


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(os.environ.get("NUMARU_ZONE", "Asia/Seoul")))


def _inspected(chosen: argparse.Namespace, opened_by: list[x25519.Identity], tell: Callable[[Text], None]) -> restoring.Inspected:
    """The backup and the backup of keys that goes with it, looked at before anything is touched."""
    source = _backup(chosen.source)
    keys = None if chosen.without_keys else _backup(chosen.keys) if chosen.keys else restoring.keys_for(source)
    tell(Text("백업의 모든 바이트를 확인합니다.", "Comparing every byte of the backup."))
    return restoring.inspect(source, keys, opened_by)


def _backup(path: Path) -> folder.Backup:
    if not path.exists():
        raise Stop(
            Text("{p} 폴더가 없습니다.", "There is no folder {p}.").fill(p=path),
            Text("백업이 있는 폴더의 경로를 확인하세요.", "Check the path of the backup."),
        )
    return folder.read(path.resolve())


def _settle(restored: Restored, tell: Callable[[Text], None]) -> list[Text]:
    from django.utils import translation

    world.set_up()
    try:
        world.migrate()
        with translation.override(language()):
            return restoring.settle(restored, tell)
    finally:
        world.forget_connections()
