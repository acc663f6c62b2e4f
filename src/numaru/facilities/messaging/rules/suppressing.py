"""When an address is given up: by what a carrier says of it, once or again and again."""

from __future__ import annotations

HARD = ("5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1")  # RFC 3463: the address, its domain or its mailbox is no more
REASONS = ("hard", "soft", "complaint", "hand")


def hard(kind: str, code: str, permanent: bool) -> bool:
    """Whether a refusal or a bounce says that the address itself is gone. A refusal for content, size or reputation is not the address's end; of telephone
    numbers and subscriptions only the carrier's word ``gone`` says so.

    >>> hard("email", "5.1.1", True), hard("email", "5.7.1", True), hard("email", "5.1.1", False), hard("push", "gone", True)
    (True, False, False, True)
    """
    if not permanent:
        return False
    if kind == "email":
        return code in HARD
    return code == "gone"


def soft_is_enough(times: int, most: int) -> bool:
    """Whether soft bounces within the window give an address up.

    >>> soft_is_enough(2, 3), soft_is_enough(3, 3)
    (False, True)
    """
    return times >= most
