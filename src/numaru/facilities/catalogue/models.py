"""What is sold: legal entities, services, offers and their immutable versions. Price terms are billing's, keyed by offer version."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from numaru.kernel.declare import Holds, plain
from numaru.values.text import Text


class LegalEntity(models.Model):
    """An issuer of documents, with its number series and tax settings."""

    declared: ClassVar[dict[str, Holds]] = plain("id slug name_ko name_en registration address_ko address_en contact retired_at")

    slug = models.SlugField(unique=True)
    name_ko = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    registration = models.CharField(max_length=40, blank=True, default="")
    address_ko = models.CharField(max_length=200, blank=True, default="")
    address_en = models.CharField(max_length=200, blank=True, default="")
    contact = models.CharField(max_length=120, blank=True, default="")
    retired_at = models.DateTimeField(null=True)  # issues nothing new from then on; what it issued stays

    @property
    def name(self) -> Text:
        return Text(self.name_ko, self.name_en)


class Service(models.Model):
    """A content service being operated. ``zone`` decides its days and months."""

    declared: ClassVar[dict[str, Holds]] = plain("id slug name_ko name_en zone currency entity created_at retired_at")

    slug = models.SlugField(unique=True)
    name_ko = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    zone = models.CharField(max_length=60, default="Asia/Seoul")
    currency = models.CharField(max_length=3)
    entity = models.ForeignKey(LegalEntity, models.PROTECT)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)  # sells and enrols nothing new from then on

    @property
    def name(self) -> Text:
        return Text(self.name_ko, self.name_en)


class Offer(models.Model):
    """What a subscriber can take: a plan of one service. What it costs and grants stands in its versions."""

    declared: ClassVar[dict[str, Holds]] = plain("id service slug name_ko name_en")

    service = models.ForeignKey(Service, models.PROTECT, related_name="offers")
    slug = models.SlugField()
    name_ko = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["service", "slug"], name="catalogue_offer_once")]

    @property
    def name(self) -> Text:
        return Text(self.name_ko, self.name_en)


class OfferVersion(models.Model):
    """One immutable version of an offer; a change is a new version."""

    declared: ClassVar[dict[str, Holds]] = plain("id offer number valid_from recorded_at terms_digest")

    offer = models.ForeignKey(Offer, models.PROTECT, related_name="versions")
    number = models.SmallIntegerField()
    valid_from = models.DateField()
    recorded_at = models.DateTimeField()
    terms_digest = models.CharField(max_length=64)  # hash of the price terms it was made with: the same terms make no new version

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["offer", "number"], name="catalogue_version_once")]
