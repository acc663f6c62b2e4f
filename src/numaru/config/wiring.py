"""Which implementation answers which port. The one place that knows both sides."""

from __future__ import annotations

from django.conf import settings

from numaru.adapters.carrying import MessageReports
from numaru.adapters.drivers import ChosenAddresses, ChosenCarriers
from numaru.adapters.mail.ports import ReportTaker
from numaru.adapters.storage.local import FolderStore
from numaru.domains.billing import api as billing
from numaru.domains.subscribers import api as subscribers
from numaru.domains.subscribers.persons import Persons
from numaru.faces.console.privacy.destruction.papers import Papers
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.messaging import api as messaging
from numaru.facilities.metering import api as metering
from numaru.facilities.parties import api as parties
from numaru.kernel import ports
from numaru.kernel.audit import api as audit
from numaru.kernel.backup import api as backup
from numaru.kernel.desk import api as desk
from numaru.kernel.files import FileStore
from numaru.kernel.leaks.ports import PersonDirectory
from numaru.kernel.retention import api as retention
from numaru.kernel.vault import api as vault
from numaru.ui.downloads import Writer


def wire() -> None:
    """Bind every port. Called once when the house starts."""
    ports.bind(FileStore, FolderStore(settings.HOME / "files"))  # type: ignore[type-abstract]
    ports.bind(PersonDirectory, Persons())  # type: ignore[type-abstract]
    ports.bind(metering.SubjectDirectory, subscribers.Directory())  # type: ignore[type-abstract]
    ports.bind(metering.ServiceZones, catalogue.Zones())  # type: ignore[type-abstract]
    ports.bind(subscribers.PlanDirectory, billing.Plans())  # type: ignore[type-abstract]
    ports.bind(subscribers.SubscriberStory, billing.Story())  # type: ignore[type-abstract]
    ports.bind(vault.MasterKeys, vault.ChosenMasters())  # type: ignore[type-abstract]
    ports.bind(parties.PartyScope, subscribers.Scope())  # type: ignore[type-abstract]
    ports.bind(messaging.Carriers, ChosenCarriers())  # type: ignore[type-abstract]
    ports.bind(ReportTaker, MessageReports())  # type: ignore[type-abstract]
    ports.bind(messaging.Addresses, ChosenAddresses())  # type: ignore[type-abstract]
    ports.bind(messaging.Customers, billing.Customers())  # type: ignore[type-abstract]
    ports.bind(audit.PersonTokens, parties.Kin())  # type: ignore[type-abstract]
    ports.bind(desk.ListWriter, Writer())  # type: ignore[type-abstract]
    ports.bind(retention.PackagePaper, Papers())  # type: ignore[type-abstract]
    ports.bind(retention.BackupHorizon, backup.KeptBackups())  # type: ignore[type-abstract]
