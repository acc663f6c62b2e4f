"""Sealing and signing held to the examples of RFC 8188, RFC 8291 and RFC 8292."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from numaru.adapters.push.sealing import MOST, b64, coded, decoded, opened, point, public, sealed, unb64
from numaru.adapters.push.services import callable_
from numaru.adapters.push.vapid import authorization

WALRUS = b"I am the walrus"
ONE = "I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg"
TWO = "uNCkWiNYzKTnBN9ji3-qWAAAABkCYTHOG8chz_gnvgOqdGYovxyjuqRyJFjEDyoF1Fvkj6hQPdPHI51OEUKEpgz3SsLWIqS_uA"


def key(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(unb64(text), "big"), ec.SECP256R1())


def test_rfc_8188_one_record_and_several() -> None:
    secret = unb64("yqdlZ-tYemfogSmv7Ws5PQ")
    assert b64(coded(WALRUS, secret, salt=unb64("I1BsxtFttlv3u_Oo94xnmw"))) == ONE and decoded(unb64(ONE), secret) == WALRUS
    assert decoded(unb64(TWO), unb64("BO3ZVPxUlnLORbVGMpbT1Q")) == WALRUS, "padded records of 25 octets with a key's name"
    salt = bytes(16)
    for record, size in ((18, 0), (18, 5), (25, 8), (25, 16), (25, 17)):
        assert decoded(coded(b"x" * size, secret, salt=salt, record=record), secret) == b"x" * size


def test_rfc_8188_what_was_changed_or_cut_is_refused() -> None:
    secret, salt = bytes(16), bytes(16)
    body = coded(b"x" * 20, secret, salt=salt, record=25)
    with pytest.raises(ValueError, match="last record"):
        decoded(body[: 21 + 25], secret)
    with pytest.raises(InvalidTag):
        decoded(body[:-1] + bytes([body[-1] ^ 1]), secret)
    with pytest.raises(InvalidTag):
        decoded(body, b"\1" * 16)


def test_rfc_8291_appendix_a() -> None:
    ours, theirs = key("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), key("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")
    auth, salt = unb64("BTBZMqHH6r4Tts7J_aSIgg"), unb64("DGv6ra1nlYgDCS1FRnbzlw")
    browser = unb64("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")
    assert point(theirs.public_key()) == browser
    body = sealed(b"When I grow up, I want to be a watermelon", browser, auth, salt=salt, key=ours)
    assert b64(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )
    assert opened(body, theirs, auth) == b"When I grow up, I want to be a watermelon"
    assert len(sealed(b"x" * MOST, browser, auth)) == 4096
    with pytest.raises(ValueError, match="too long"):
        sealed(b"x" * (MOST + 1), browser, auth)


def verified(said: str) -> dict[str, object]:
    given = dict(part.strip().split("=", 1) for part in said.removeprefix("vapid ").split(","))
    head, _, signature = given["t"].rpartition(".")
    raw = unb64(signature)
    dss = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public(unb64(given["k"])).verify(dss, head.encode(), ec.ECDSA(SHA256()))
    return dict(json.loads(unb64(head.partition(".")[2])))


def test_rfc_8292_its_example_and_ours_are_verified_alike() -> None:
    example = (
        "vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0"
        ".i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA, k=BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs"
    )
    assert verified(example) == {"aud": "https://push.example.net", "exp": 1453523768, "sub": "mailto:push@example.com"}
    with pytest.raises(InvalidSignature):
        verified(example.replace("i3CYb7t4", "i3CYb7t5"))
    now = datetime(2026, 11, 27, tzinfo=UTC)
    ours = verified(
        authorization(
            "https://fcm.googleapis.com/fcm/send/abc", key("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"), "mailto:a@naru.kr", now
        )
    )
    assert ours == {"aud": "https://fcm.googleapis.com", "exp": int(now.timestamp()) + 12 * 3600, "sub": "mailto:a@naru.kr"}


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/x", "https://127.0.0.1/x", "https://[::1]/x", "https://localhost/x", "https://169.254.169.254/latest/meta-data",
        "https://fcm.googleapis.com:8443/x", "https://fcm.googleapis.com@10.0.0.1/x", "https://10.0.0.1#.notify.windows.com", "https://evil.example/?.push.apple.com",
        "https://xpush.apple.com/x", "https://fcm.googleapis.com\\@evil.example/", "https://fcm.googleapis.com\n.evil.example/", "file:///etc/passwd", "",
        "https://fcm.googleapis.com/" + "x" * 1000, "https://ｆcm.googleapis.com/x", "https://fcm.googleapis.com:x/",
    ],
)  # fmt: skip
def test_an_address_of_anybody_else_is_never_called(endpoint: str) -> None:
    assert not callable_(endpoint, ("http://127.0.0.1:9",))


def test_the_services_of_browsers_are_called() -> None:
    for endpoint in (
        "https://fcm.googleapis.com/fcm/send/a:b",
        "https://wns2-par02p.notify.windows.com/w/?token=x",
        "https://web.push.apple.com/x",
    ):
        assert callable_(endpoint)
    assert callable_("http://127.0.0.1:9/push/a", ("http://127.0.0.1:9",)) and not callable_(
        "http://127.0.0.1:90/push/a", ("http://127.0.0.1:9",)
    )
