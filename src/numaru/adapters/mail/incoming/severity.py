"""Whether an address is gone for good, by its status code and, where codes say nothing, by the words of those who wrote none."""

from __future__ import annotations

import re

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")

GONE = re.compile(
    r"user (?:is )?unknown|unknown (?:user|recipient|local|address|mailbox)|no such (?:user|mailbox|recipient|address|person|domain)|(?:user|recipient|mailbox|account|address|alias)[^.\n]{0,60}"
    r"(?:does ?n[o']t exist|not found|unknown|no longer|disabled|inactive|invalid|unavailable permanently|been (?:deactivated|suspended|discontinued|closed))"
    r"|(?:does ?n[o']t|not) (?:exist|have (?:a|an|this) [^\n]{0,20}(?:account|mailbox|user))|invalid (?:recipient|mailbox|address|user)|address rejected|couldn't be found|wasn't found|not a valid (?:user|mailbox)|"
    r"host (?:or domain name )?not found|domain[^.\n]{0,20}not found|unrouteable address|not our customer|mailbox unavailable|account (?:is )?disabled|no mailbox here|nobody here|"
    r"존재하지 ?않는 ?(?:사용자|계정|메일|주소|아이디|수신자)|(?:사용자|계정|아이디|주소|수신자)[^\n]{0,12}(?:존재하지|없는|없습니다|찾을 수 없)|없는 (?:사용자|계정|아이디|메일)|휴면|탈퇴|해지된 (?:계정|메일)|이용(?:이 )?(?:정지|중지)|사용이 중지|알 수 없는 (?:사용자|수신자)",
    re.I,
)  # fmt: skip
FULL = re.compile(r"(?:mailbox|quota|inbox|storage|disk)[^.\n]{0,40}(?:full|exceed|over|out of)|over ?quota|quota exceeded|(?:용량|편지함|메일함|사서함)[^\n]{0,20}(?:초과|가득|부족|꽉|찼)|(?:is|mailbox) full", re.I)  # fmt: skip
LATER = re.compile(
    r"grey ?list|try again (?:later|in)|temporar(?:y|ily)|deferred|too many (?:connections|messages)|rate limit|timed? ?out|connection refused|could not connect|will (?:continue|keep) (?:to )?(?:try|be)|일시적|잠시 후|나중에 다시|연결할 수 없|응답 시간 초과",
    re.I,
)  # fmt: skip
POLICY = re.compile(
    r"spam|blocked|black ?list|block ?list|reputation|\brbl\b|dnsbl|spamhaus|policy|dmarc|\bspf\b|dkim|content (?:rejected|filter)|virus|스팸|차단|정책|too (?:large|big)|size limit|exceeds (?:the )?(?:maximum|size)|message size|loop|hop count|too many hops|용량이 커|크기 제한",
    re.I,
)  # fmt: skip
STANDING = re.compile(r"members? only|not (?:allowed|permitted|authori[sz]ed) to (?:post|send)|restricted (?:to|group)|only (?:accepts?|members)|subscribers? only|senders? (?:must|not) be", re.I)  # fmt: skip


def statuses(text: str) -> list[str]:
    """Enhanced status codes in a text, in their order."""
    return [f"{a}.{int(b)}.{int(c)}" for a, b, c in _STATUS.findall(text)]


def finest(status: str, said: str) -> str:
    """The code that says most: a general one gives way to one among the words."""
    if status and not status.endswith(".0.0"):
        return status
    return next((s for s in statuses(said) if not s.endswith(".0.0") and s[0] in "45"), status)


def hard(status: str, said: str) -> bool:
    """Whether nothing should go to this address again. ``said``: diagnostic words, which decide where the code does not."""
    status = finest(status, said)
    kind, _, rest = status.partition(".")
    if kind == "4" or kind == "2":
        return False
    subject, _, detail = rest.partition(".")
    if FULL.search(said) or (subject, detail) in {("2", "2"), ("2", "3")}:
        return False
    if subject == "1":
        return detail not in ("7", "8")  # bad sender
    if subject == "2":
        return detail in ("0", "1") or bool(GONE.search(said))
    if subject == "4":
        return detail in ("1", "4") or bool(GONE.search(said))
    if subject == "7" and re.fullmatch(r"12\d|13\d", detail):
        return True  # a group that takes nothing from outside
    if GONE.search(said):
        return True
    if POLICY.search(said) or LATER.search(said):
        return False
    return bool(STANDING.search(said))
