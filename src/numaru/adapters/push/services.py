"""Push services that the house calls: those of the browsers, by name, and what the operator adds. An endpoint comes from a browser, so that it is never
simply called: anything else would let a subscriber point the house at its own network."""

from __future__ import annotations

from urllib.parse import urlsplit

KNOWN = ("fcm.googleapis.com", "updates.push.services.mozilla.com", "web.push.apple.com")  # Chrome and kin, Firefox, Safari
WITHIN = (".notify.windows.com", ".push.services.mozilla.com", ".push.apple.com")  # Edge by region, and newer hosts of the others
LONGEST = 1000


def callable_(endpoint: str, more: tuple[str, ...] = ()) -> bool:
    """Whether the house may call ``endpoint``: https on the usual port of a known service, or an origin of ``more``.

    >>> callable_("https://fcm.googleapis.com/fcm/send/x"), callable_("https://fcm.googleapis.com.evil.example/x")
    (True, False)
    >>> callable_("https://user@fcm.googleapis.com/"), callable_("https://169.254.169.254/"), callable_("http://fcm.googleapis.com/")
    (False, False, False)
    """
    if len(endpoint) > LONGEST or not endpoint.isascii() or any(c <= " " or c == "\\" for c in endpoint):
        return False
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError:
        return False
    if parts.username is not None or parts.password is not None or parts.fragment:
        return False
    if f"{parts.scheme}://{parts.netloc}" in more:
        return True
    host = parts.hostname or ""
    return parts.scheme == "https" and port in (None, 443) and (host in KNOWN or any(host.endswith(end) for end in WITHIN))
