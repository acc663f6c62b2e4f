"""An attempt in vain stays on record, whatever becomes of the transaction in which it was made."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from numaru.facilities.parties import api as parties
from numaru.kernel.access import Actor
from numaru.kernel.errors import NotAllowed, NotFound, Refused
from numaru.kernel.vault.models import VaultOpening

STRANGER = Actor("staff", 7, "stranger")
HOUSE = Actor.system("test")
WHY = parties.Why("caller")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("actor", "kind", "outcome", "refusal"), [(STRANGER, "phone", "refused", NotAllowed), (HOUSE, "email", "missing", NotFound)]
)
def test_it_outlives_the_rollback_of_its_caller(actor: Actor, kind: str, outcome: str, refusal: type[Refused]) -> None:
    party = parties.register([parties.Person("김하늘", "010-1234-2201")])
    with pytest.raises(refusal), transaction.atomic():
        parties.open_contact(actor, party=party, kind=kind, why=WHY)
    (row,) = VaultOpening.objects.all()
    assert (row.person, row.kind, row.outcome, row.code) == (party, kind, outcome, "caller")


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_no_second_connection_is_needed() -> None:
    party = parties.register([parties.Person("김하늘", "010-1234-2201")])
    with pytest.raises(NotAllowed):
        parties.open_contact(STRANGER, party=party, kind="name", why=WHY)
    assert VaultOpening.objects.get().outcome == "refused" and not connection.in_atomic_block
