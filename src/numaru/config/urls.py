"""The address tree of the one origin."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from numaru.faces.rest.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("numaru.faces.console.urls")),
    path("", include("numaru.faces.console.account.urls")),
    path("access/", include("numaru.faces.console.access.urls")),
    path("subscribers/", include("numaru.domains.subscribers.web.urls")),
    path("billing/", include("numaru.domains.billing.web.urls")),
    path("imports/", include("numaru.faces.console.imports.urls")),
    path("approvals/", include("numaru.faces.console.approvals.urls")),
    path("audit/", include("numaru.faces.console.audit.urls")),
    path("backups/", include("numaru.faces.console.backups.urls")),
    path("policies/", include("numaru.faces.console.policies.urls")),
    path("leaks/", include("numaru.faces.console.leaks.urls")),
    path("privacy/exports/", include("numaru.faces.console.privacy.openings.urls")),
    path("privacy/", include("numaru.faces.console.privacy.retention.urls")),
    path("privacy/", include("numaru.faces.console.privacy.destruction.urls")),
    path("privacy/", include("numaru.faces.console.privacy.subject.urls")),
    path("system/", include("numaru.faces.console.system.urls")),
    path("api/v1/", api.urls),
]

handler400 = "numaru.faces.console.errors.bad_request"
handler403 = "numaru.faces.console.errors.forbidden"
handler404 = "numaru.faces.console.errors.not_found"
handler500 = "numaru.faces.console.errors.broken"
