"""The address tree of the one origin."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from numaru.faces.rest.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("numaru.faces.console.urls")),
    path("", include("numaru.faces.console.account.urls")),
    path("help/", include("numaru.faces.console.help.urls")),
    path("access/", include("numaru.faces.console.access.urls")),
    path("subscribers/", include("numaru.domains.subscribers.web.urls")),
    path("billing/", include("numaru.domains.billing.web.urls")),
    path("imports/", include("numaru.faces.console.imports.urls")),
    path("notices/", include("numaru.faces.console.notices.urls")),
    path("approvals/", include("numaru.faces.console.approvals.urls")),
    path("audit/", include("numaru.faces.console.audit.urls")),
    path("backups/", include("numaru.faces.console.backups.urls")),
    path("policies/", include("numaru.faces.console.policies.urls")),
    path("leaks/", include("numaru.faces.console.leaks.urls")),
    path("privacy/exports/", include("numaru.faces.console.privacy.openings.urls")),
    path("privacy/", include("numaru.faces.console.privacy.retention.urls")),
    path("privacy/", include("numaru.faces.console.privacy.destruction.urls")),
    path("privacy/", include("numaru.faces.console.privacy.subject.urls")),
    path("records/", include("numaru.faces.console.records.urls")),
    path("consents/", include("numaru.faces.console.consents.urls")),
    path("letters/", include("numaru.faces.console.letters.urls")),
    path("desk/", include("numaru.faces.console.desk.urls")),
    path("gallery/", include("numaru.faces.console.gallery.urls")),
    path("system/", include("numaru.faces.console.system.urls")),
    path("faces/", include("numaru.config.stage.urls")),
    path("boards/", include("numaru.facilities.indicators.web.urls")),
    path("", include("numaru.facilities.work.web.urls")),
    path("", include("numaru.facilities.messaging.web.urls")),
    path("", include("numaru.facilities.clocks.web.urls")),
    path("my/", include("numaru.faces.portal.urls")),
    path("api/v1/", api.urls),
]

handler400 = "numaru.config.troubles.bad_request"
handler403 = "numaru.config.troubles.forbidden"
handler404 = "numaru.config.troubles.not_found"
handler500 = "numaru.config.troubles.broken"
