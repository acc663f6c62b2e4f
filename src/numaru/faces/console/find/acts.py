"""What everyone may do from anywhere: how the pages look and speak, the own account, and the way out."""

from __future__ import annotations

from numaru.kernel.staff.permissions import ACCOUNT_USE
from numaru.ui import search, shell
from numaru.ui.search import Act
from numaru.values.text import LANGUAGES, Text

SPEAK = {"ko": Text("한국어로 보기", "Show in Korean"), "en": Text("영어로 보기", "Show in English")}
LIGHT = {
    "auto": Text("화면 밝기: 기기 설정대로", "Appearance: as the device"),
    "light": Text("화면 밝기: 밝게", "Appearance: light"),
    "dark": Text("화면 밝기: 어둡게", "Appearance: dark"),
}
KEYS = {"on": Text("글자 단축키 켜기", "Turn single-letter keys on"), "off": Text("글자 단축키 끄기", "Turn single-letter keys off")}

for _n, _code in enumerate(LANGUAGES):
    search.acts.add(
        f"prefer.{_code}",
        Act(SPEAK[_code], "world", "console:prefer", None, "언어 한글 korean english language", form=("language", _code), order=80 + _n),
    )
for _n, (_theme, (_, _icon)) in enumerate(shell.THEMES.items()):
    search.acts.add(
        f"prefer.{_theme}",
        Act(LIGHT[_theme], _icon, "console:prefer", None, "다크 모드 테마 theme dark light mode", form=("theme", _theme), order=84 + _n),
    )
for _n, (_way, _label) in enumerate(KEYS.items()):
    search.acts.add(
        f"prefer.keys-{_way}",
        Act(_label, "keyboard", "console:prefer", None, "글쇠 키보드 keyboard shortcuts", form=("keys", _way), order=88 + _n),
    )
search.acts.add(
    "account.own",
    Act(Text("내 계정과 보안", "My account and security"), "user", "mfa_index", ACCOUNT_USE, "비밀번호 2단계 인증 password", order=92),
)
search.acts.add(
    "account.out", Act(Text("로그아웃", "Sign out"), "logout", "console:sign-out", None, "나가기 log out", form=("go", "out"), order=99)
)
