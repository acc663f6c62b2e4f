"""Who may do what, where: grants by role and service, clients by the hash of a token."""

from __future__ import annotations

import pytest

from numaru.kernel import clock
from numaru.kernel.access import ROLES, Actor, authenticate_client, hash_token, new_token, permission, permissions
from numaru.kernel.models import ApiClient, Staff, StaffGrant
from numaru.values.text import Text

RUN, VIEW, CANCEL = "billing.run.start", "billing.run.view", "billing.run.cancel"


def staff(*grants: tuple[str, str | None]) -> Actor:
    return Actor("staff", 1, "x", grants)


@pytest.mark.parametrize(
    ("actor", "name", "service", "may"),
    [
        (staff(), RUN, None, False),
        (staff(("billing_clerk", None)), RUN, None, True),
        (staff(("billing_clerk", None)), RUN, "video", True),
        (staff(("billing_clerk", "video")), RUN, "video", True),
        (staff(("billing_clerk", "video")), RUN, "books", False),
        (staff(("billing_clerk", "video")), RUN, None, False),
        (staff(("billing_clerk", None)), CANCEL, None, False),
        (staff(("administrator", None)), CANCEL, None, True),
        (staff(("auditor", None)), RUN, None, False),
        (staff(("auditor", "books"), ("billing_clerk", "video")), VIEW, "books", True),
        (Actor("client", 1, "p", (("billing_clerk", "video"),)), RUN, "books", False),
        (Actor.system("worker"), CANCEL, None, True),
    ],
)
def test_a_grant_carries_a_permission_for_its_services(actor: Actor, name: str, service: str | None, may: bool) -> None:
    assert actor.may(name, service) is may


def test_the_services_in_sight_are_those_of_the_grants_that_count() -> None:
    assert staff(("billing_clerk", "video"), ("auditor", "books"), ("subscriber_clerk", "games")).services(VIEW) == {"video", "books"}
    assert staff(("billing_clerk", "video"), ("auditor", None)).services(VIEW) is None
    assert staff().services(VIEW) == frozenset() and not staff().may_somewhere(VIEW)
    assert staff(("billing_clerk", "video")).may_somewhere(VIEW)
    assert Actor.system("x").services(VIEW) is None


def test_a_typing_error_is_not_a_refusal() -> None:
    with pytest.raises(KeyError):
        staff(("administrator", None)).may("billing.run.strat")
    with pytest.raises(KeyError):
        Actor.system("x").may("billing.run.strat")


def test_permissions_are_said_in_both_languages_and_shipped_to_known_roles() -> None:
    for name, one in permissions:
        assert name.count(".") == 2 and one.text.ko and one.text.en
        assert one.roles <= set(ROLES)
    with pytest.raises(ValueError, match="unknown roles"):
        permission("test.x.y", Text("가", "a"), "janitor")
    assert "test.x.y" not in permissions


@pytest.mark.django_db
def test_a_client_is_known_by_its_token_alone_and_only_the_hash_is_kept() -> None:
    token = new_token()
    client = ApiClient.objects.create(
        name="shop", token_hash=hash_token(token), roles=["billing_clerk"], service="video", created_at=clock.now()
    )
    found = authenticate_client(token)
    assert found == Actor("client", client.pk, "shop", (("billing_clerk", "video"),)) and found.staff_id is None
    assert token not in str(ApiClient.objects.values().get())
    assert authenticate_client(token + "x") is None and authenticate_client("") is None and authenticate_client(client.token_hash) is None
    ApiClient.objects.update(active=False)
    assert authenticate_client(token) is None
    assert new_token() != token and len(token) > 40


@pytest.mark.django_db
def test_a_member_of_staff_acts_with_the_grants_that_stand(django_assert_num_queries: object) -> None:
    person = Staff.objects.create(login="kim", name="김하늘", created_at=clock.now())
    StaffGrant.objects.create(staff=person, role="billing_clerk", service="video", granted_at=clock.now())
    StaffGrant.objects.create(staff=person, role="auditor", granted_at=clock.now())
    person = Staff.objects.get_by_natural_key("  KIM ")
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert person.actor.grants == (("billing_clerk", "video"), ("auditor", None)) and person.actor.staff_id == person.pk
