"""What is kept of the browser somebody signed in with: its family, for the list of one's own sessions."""

from __future__ import annotations


def device(agent: str) -> str:
    """The family of browser and system, and nothing that tells two machines apart.

    >>> device("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0")
    'Edge · Windows'
    """
    browsers = {"Edg": "Edge", "Whale": "Whale", "SamsungBrowser": "Samsung", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
    systems = {"Windows": "Windows", "Android": "Android", "iPhone": "iOS", "iPad": "iOS", "Mac OS": "macOS", "Linux": "Linux"}
    found = [next((name for mark, name in names.items() if mark in agent), "") for names in (browsers, systems)]
    return " · ".join(filter(None, found))
