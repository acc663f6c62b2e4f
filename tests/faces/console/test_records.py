"""Plain records: a table from its declaration — list, history, forms that foretell, what two people change at once, retiring."""

# ruff: noqa: F811
from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from numaru.domains.billing import api as billing
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.catalogue.models import LegalEntity, Service
from numaru.kernel.errors import Refused
from numaru.kernel.models import AuditRecord
from tests.domains.billing.world import HOUSE, SLUG, World
from tests.screens import SignIn, naru, shared, sign_in  # noqa: F401

ENTITIES, SERVICES = "/records/entities/", "/records/services/"
NEW = {"slug": "second", "name_ko": "둘째 법인", "name_en": "Second house", "registration": "123-45-67890"}


def text(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found[1] if found else ""


def foretold(client: Client, path: str, data: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The preview, and the data with which its button is pressed."""
    page = client.get(path).content.decode()
    data = data | {"mark": hidden(page, "mark")}
    answer = client.post(path, data)
    return answer, data | {"seen": hidden(answer.content.decode(), "seen")}


def test_the_tables_are_listed_with_what_is_in_use(sign_in: SignIn) -> None:
    page = text(sign_in("billing_clerk", "basic"), "/records/")
    assert "발행 법인" in page and "서비스" in page and "기준 자료" in page
    assert sign_in("privacy_officer").get("/records/").status_code == 403
    assert sign_in("billing_clerk").get("/records/nothing/").status_code == 404


def test_a_row_is_added_after_its_effects_were_shown(sign_in: SignIn) -> None:
    client = sign_in("administrator")
    answer, data = foretold(client, "/records/new/entities/", NEW)
    assert (
        answer.status_code == 200
        and "발행 법인은 둘째 법인입니다." in answer.content.decode()
        and not LegalEntity.objects.filter(slug="second").exists()
    )
    assert client.post("/records/new/entities/", data | {"name_ko": "다른 이름"}).status_code == 200  # typed on: foretold again, not done
    assert not LegalEntity.objects.filter(slug="second").exists()
    done = client.post("/records/new/entities/", data)
    assert done["Location"] == "/records/entities/second/"
    page = text(client, done["Location"])
    assert "123-45-67890" in page and "한누리" in page  # and in its history who wrote it
    again, _ = foretold(client, "/records/new/entities/", NEW)
    assert again.status_code == 422 and "이미 쓰입니다" in again.content.decode()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [("slug", "둘 째", "식별자로 쓸 수 없습니다"), ("name_ko", "", "id_name_ko"), ("name_en", " ", "id_name_en")],
)
def test_what_does_not_fit_comes_back_with_what_was_typed(sign_in: SignIn, field: str, value: str, said: str) -> None:
    answer, _ = foretold(sign_in("administrator"), "/records/new/entities/", NEW | {field: value})
    page = answer.content.decode()
    assert answer.status_code == 422 and said in page and "123-45-67890" in page and not LegalEntity.objects.filter(slug="second").exists()


def test_a_change_shows_before_and_after_and_stands_in_the_history(sign_in: SignIn) -> None:
    client = sign_in("administrator")
    answer, data = foretold(client, SERVICES + SLUG + "/change/", {"name_ko": "나루 극장", "name_en": "Naru Theatre"})
    page = answer.content.decode()
    assert "<s>" in page and "<b>나루 극장</b>" in page and "2개 항목 바꾸기" in page
    assert client.post(SERVICES + SLUG + "/change/", data)["Location"] == SERVICES + SLUG + "/"
    assert Service.objects.get(slug=SLUG).name_ko == "나루 극장"
    assert AuditRecord.objects.filter(object="catalogue.service", key=SLUG, after__name_ko="나루 극장").count() == 1
    assert "나루 극장" in text(client, SERVICES + SLUG + "/").split("이력")[1]
    nothing, _ = foretold(client, SERVICES + SLUG + "/change/", {"name_ko": "나루 극장", "name_en": "Naru Theatre"})
    assert nothing.status_code == 422 and "바뀐 것이 없습니다." in nothing.content.decode()


def test_what_somebody_else_changed_meanwhile_is_shown_beside_and_nothing_is_written(sign_in: SignIn) -> None:
    client = sign_in("administrator")
    _, data = foretold(client, SERVICES + SLUG + "/change/", {"name_ko": "내 이름", "name_en": "Mine"})
    catalogue.name_service.do(HOUSE, slug=SLUG, name_ko="남의 이름", name_en="Theirs")
    answer = client.post(SERVICES + SLUG + "/change/", data)
    page = answer.content.decode()
    assert answer.status_code == 409 and "남의 이름" in page and "내 이름" in page and "그사이 다른 사람이 바꾸었습니다" in page
    assert Service.objects.get(slug=SLUG).name_ko == "남의 이름"
    after, sure = data | {"mark": hidden(page, "mark"), "seen": ""}, None
    sure = client.post(SERVICES + SLUG + "/change/", after).content.decode()  # compared, and wanted all the same
    client.post(SERVICES + SLUG + "/change/", after | {"seen": hidden(sure, "seen")})
    assert Service.objects.get(slug=SLUG).name_ko == "내 이름"


def test_what_decides_days_and_money_cannot_be_changed(sign_in: SignIn) -> None:
    client = sign_in("administrator")
    page = text(client, SERVICES + SLUG + "/change/")
    assert 'name="zone"' not in page and 'name="currency"' not in page and "Asia/Seoul" in page
    _, data = foretold(client, SERVICES + SLUG + "/change/", {"name_ko": "가", "name_en": "A", "currency": "USD", "zone": "UTC"})
    client.post(SERVICES + SLUG + "/change/", data)
    assert (Service.objects.get(slug=SLUG).currency, Service.objects.get(slug=SLUG).zone) == ("KRW", "Asia/Seoul")


def test_a_row_in_use_is_not_retired_and_says_why(naru: World, sign_in: SignIn) -> None:
    client = sign_in("administrator")
    page = client.get(SERVICES + SLUG + "/retire/").content.decode()
    assert "아직 쓰입니다: 끝나지 않은 계약" in page and 'form="turn"' not in page
    assert client.post(SERVICES + SLUG + "/retire/", {"reason": "정리"}).status_code == 409
    entity = LegalEntity.objects.get(pk=Service.objects.get(slug=SLUG).entity_id)
    assert client.post(f"{ENTITIES}{entity.slug}/retire/", {"reason": "정리"}).status_code == 409
    assert not Service.objects.exclude(retired_at=None).exists()


def test_a_retired_row_stays_makes_nothing_new_and_can_come_back(sign_in: SignIn) -> None:
    client = sign_in("administrator")
    catalogue.add_service.do(HOUSE, slug="short", name_ko="짧은 영상", name_en="Shorts", zone="Asia/Seoul", currency="KRW")
    assert client.post(SERVICES + "short/retire/", {"reason": ""}).status_code == 422
    assert client.post(SERVICES + "short/retire/", {"reason": "통합"}).status_code == 302
    assert "은퇴" in text(client, SERVICES + "short/") and "짧은 영상" in text(client, SERVICES + "?state=retired")
    assert "짧은 영상" not in text(client, SERVICES + "?state=used")
    for attempt in (
        lambda: catalogue.open_service.do(HOUSE, slug="short", name_ko="짧은 영상", name_en="Shorts", zone="Asia/Seoul", currency="KRW"),
        lambda: billing.publish_offer.do(HOUSE, service="short", slug="a", name_ko="가", name_en="A", valid_from=naru_day(), charges=[]),
    ):
        with pytest.raises(Refused):
            attempt()
    assert client.post(SERVICES + "short/restore/", {"reason": "다시 열기"}).status_code == 302
    row = Service.objects.get(slug="short")
    assert row.retired_at is None
    seen = AuditRecord.objects.filter(object="catalogue.service", key="short").order_by("id").values_list("after__state", "reason")
    assert list(seen)[1:] == [("retired", "통합"), ("in use", "다시 열기")]


def naru_day() -> Any:
    from numaru.kernel import clock

    return clock.today()


def test_who_may_look_changes_nothing(sign_in: SignIn) -> None:
    client = sign_in("billing_clerk", "basic")
    page = text(client, SERVICES + SLUG + "/")
    assert "/change/" not in page and "/retire/" not in page and SLUG in page
    for path in ("/records/new/services/", SERVICES + SLUG + "/change/", SERVICES + SLUG + "/retire/"):
        assert client.get(path).status_code == 403 and client.post(path, {"reason": "x"}).status_code == 403


def test_a_field_is_looked_at_when_it_is_left(sign_in: SignIn) -> None:
    client = sign_in("administrator")
    answer = client.post("/records/new/services/", {"check": "name_ko", "name_ko": "가" * 121}, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert answer.status_code == 200 and 'id="id_name_ko_said"' in page and 'class="err"' in page and "<form" not in page
    empty = client.post("/records/new/services/", {"check": "name_ko", "name_ko": ""}, headers={"HX-Request": "true"}).content.decode()
    assert 'class="err"' not in empty  # not told on the way through


def test_the_list_of_records_has_what_every_list_has(sign_in: SignIn) -> None:
    client = sign_in("administrator")
    assert client.get(SERVICES + "?format=xlsx")["Content-Type"].endswith("sheet")
    made = client.post(SERVICES + "?state=used", {"desk": "save", "name": "쓰는 것"})
    assert "쓰는 것" in text(client, made["Location"])
    assert SLUG in text(client, SERVICES + "?q=naru")
