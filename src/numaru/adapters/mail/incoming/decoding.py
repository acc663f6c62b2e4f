"""Words out of a mail, whatever its labels say: EUC-KR under the name of something else, base64 where none may be, parts of no kind."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from email.header import decode_header
from email.message import Message

KOREAN = {"euc-kr", "euc_kr", "ks_c_5601-1987", "ksc5601", "ks_c_5601", "cp949", "ms949", "uhc", "windows-949", "x-windows-949"}
ANY_BYTES = {
    "",
    "us-ascii",
    "ascii",
    "iso-8859-1",
    "latin-1",
    "latin1",
    "windows-1252",
    "cp1252",
    "unknown-8bit",
    "x-unknown",
    "8bit",
    "utf-8",
}
_HANGUL = re.compile("[가-힣]")


def words(raw: bytes, label: str = "") -> str:
    """``raw`` as text. UTF-8 when it is; else the label, unless that takes any byte whatever; else CP949 when it gives Hangul."""
    label = label.strip().strip("\"'").lower()
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    tries = ["cp949"] if label in KOREAN or label in ANY_BYTES else [label, "cp949"]
    for name in tries:
        try:
            text = raw.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
        if name != "cp949" or label in KOREAN or _HANGUL.search(text):
            return text
    return raw.decode("cp949" if label in KOREAN else "latin-1", "replace")


def header(message: Message, name: str) -> str:
    """A header with its encoded words opened; empty when it is not there. Never raises."""
    text = next((str(value) for given, value in message.raw_items() if given.lower() == name.lower()), "")
    try:
        if "=?" in text:
            parts = [words(p, c or "") if isinstance(p, bytes) else p for p, c in decode_header(text)]
            return re.sub(r"\s+", " ", "".join(parts)).strip()
    except Exception:  # a broken encoded word is read as it stands
        pass
    if not text.isascii():  # bytes in the clear: surrogates stand for them
        text = words(text.encode("utf-8", "surrogateescape"))
    return re.sub(r"\s+", " ", text).strip()


def body(part: Message) -> str:
    """The text of one part that holds no others."""
    try:
        raw = part.get_payload(decode=True)
    except Exception:
        raw = None
    if not isinstance(raw, bytes):
        return ""
    return words(raw, str(part.get_param("charset", "") or ""))


def attached(part: Message) -> str:
    """The text of a part that is a mail or a report itself, opened from base64 or quoted-printable where somebody wrapped it against the rules."""
    payload = part.get_payload()
    if not isinstance(payload, list):
        return body(part)
    text = "\n".join(str(one) for one in payload)
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64":
        try:
            return words(base64.b64decode(re.sub(r"\s+", "", text), validate=True))
        except (binascii.Error, ValueError):
            return text
    return text


def texts(message: Message, most: int = 200_000) -> str:
    """Every readable text in the mail, the mails within it included, at most ``most`` characters."""
    out: list[str] = []
    size = 0
    for part in leaves(message):
        kind = part.get_content_type()
        if readable(part):
            text = body(part)
            if kind == "text/html":
                text = re.sub(r"<[^>]{0,2000}>", " ", text)
        elif kind.startswith("message/"):
            text = attached(part)
        else:
            continue
        out.append(text[: most - size])
        size += len(out[-1])
        if size >= most:
            break
    return "\n".join(out)


def readable(part: Message) -> bool:
    """Whether a part holds words: a text, or a multipart whose boundaries are broken."""
    return part.get_content_maintype() in ("text", "multipart") and not isinstance(part.get_payload(), list)


def leaves(message: Message, depth: int = 0) -> Iterator[Message]:
    """The parts that are not multiparts, no deeper than anybody has a reason to nest; a part that is a mail comes whole."""
    payload = message.get_payload()
    if message.get_content_maintype() == "multipart" and isinstance(payload, list) and depth < 20:
        for part in payload:
            if isinstance(part, Message):
                yield from leaves(part, depth + 1)
    else:
        yield message
