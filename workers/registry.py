"""Queue → workflows, activities and limits. Every worker of a queue registers exactly this."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.housekeeping import HousekeepingActivities
from activities.importing import ImportActivities
from activities.ingest import IngestActivities
from activities.inspection import InspectionActivities
from activities.keys import KeyActivities
from activities.lifecycle import LifecycleActivities
from activities.packaging import PackagingActivities
from activities.planning import PlanningActivities
from activities.publishing import PublishingActivities
from activities.rekeying import RekeyingActivities
from activities.transcoding import TranscodingActivities
from activities.uploads import UploadActivities
from activities.webhooks import WebhookActivities
from core.adapters.egress.policy import import_policy
from core.contracts import queues
from core.services.webhooks.tools import DeliveryTools
from workers.interceptors import TranslateErrors
from workers.services import Services
from workflows.delete_video import DeleteVideo
from workflows.deliver_webhook import DeliverWebhook
from workflows.housekeeping import Housekeeping
from workflows.import_video import ImportVideo
from workflows.publish_video import PublishVideo
from workflows.rekey_video import RekeyVideo
from workflows.replace_video import ReplaceVideo
from workflows.rotate_keys import RotateKeys
from workflows.sweep_uploads import SweepUploads

ORCHESTRATED: tuple[type, ...] = (
    ImportVideo,
    PublishVideo,
    ReplaceVideo,
    RekeyVideo,
    DeleteVideo,
    RotateKeys,
    Housekeeping,
    SweepUploads,
)
DELIVERED: tuple[type, ...] = (DeliverWebhook,)
WORKFLOWS: tuple[type, ...] = (*ORCHESTRATED, *DELIVERED)


@dataclass(frozen=True)
class Fleet:
    """One kind of worker process. `slots` bounds activities at once; `grace` is given to them at shutdown."""

    queue: str
    workflows: Sequence[type]
    activities: Sequence[Callable[..., Any]]
    slots: int
    grace: timedelta


def orchestration(services: Services) -> Fleet:
    ingest = IngestActivities(services.uow, services.storage)
    planning = PlanningActivities(services.uow, services.storage, services.settings.encoder_preset)
    publishing = PublishingActivities(services.uow, services.storage, services.vault, services.key_source)
    lifecycle = LifecycleActivities(services.uow, services.storage, services.gateway, services.clock)
    keys = KeyActivities(services.uow, services.vault)
    housekeeping = HousekeepingActivities(services.uow, services.storage, services.gateway, services.clock)
    uploads = UploadActivities(services.uow, services.storage, services.gateway, services.clock, services.upload_limits)
    return Fleet(
        queue=queues.ORCHESTRATION,
        workflows=ORCHESTRATED,
        activities=(
            ingest.begin_publish,
            ingest.confirm_upload,
            planning.plan_video,
            planning.plan_rekey,
            publishing.issue_keys,
            publishing.publish_version,
            publishing.remove_work,
            publishing.discard_version,
            publishing.note_failure,
            lifecycle.sessions_left,
            lifecycle.retire_version,
            lifecycle.stop_processing,
            lifecycle.purge_video,
            keys.next_tenant_key_version,
            keys.activate_tenant_key,
            keys.rewrap_secrets,
            keys.rewrap_tenant_keys,
            housekeeping.redrive,
            uploads.sweep_uploads,
        ),
        slots=20,
        grace=timedelta(seconds=10),
    )


def media(services: Services) -> Fleet:
    inspection = InspectionActivities(services.uow, services.tools, services.limits, services.antivirus)
    transcoding = TranscodingActivities(services.uow, services.tools)
    packaging = PackagingActivities(services.uow, services.tools, services.vault)
    rekeying = RekeyingActivities(services.uow, services.tools, services.vault)
    return Fleet(
        queue=queues.MEDIA,
        workflows=(),
        activities=(
            inspection.inspect_source,
            transcoding.index_source,
            transcoding.transcode_chunk,
            transcoding.transcode_audio,
            transcoding.extract_subtitle,
            transcoding.assemble,
            transcoding.make_storyboard,
            packaging.package,
            packaging.verify,
            rekeying.regain_tracks,
        ),
        slots=services.settings.media_slots,
        # Chunks are short and their retry is cheap: a deploy need not wait for them.
        grace=timedelta(seconds=5),
    )


def egress(services: Services) -> Fleet:
    """Deliveries have a queue for their workflows too: a flood of them does not delay publishing."""
    webhooks = WebhookActivities(
        DeliveryTools(services.uow, services.vault, services.outbound, services.places, services.clock)
    )
    return Fleet(
        queue=queues.EGRESS,
        workflows=DELIVERED,
        activities=(webhooks.attempt_delivery, webhooks.close_delivery),
        # Each waits for somebody else's server most of the time.
        slots=50,
        grace=timedelta(seconds=20),
    )


def imports(services: Services) -> Fleet:
    importing = ImportActivities(
        services.uow,
        services.storage,
        services.sources,
        services.clock,
        import_policy(services.settings),
        services.import_limits,
    )
    return Fleet(
        queue=queues.IMPORTS,
        workflows=(),
        activities=(importing.fetch_source,),
        # Each holds one part of a source in memory.
        slots=20,
        grace=timedelta(seconds=5),
    )


FLEETS: dict[str, Callable[[Services], Fleet]] = {
    queues.ORCHESTRATION: orchestration,
    queues.MEDIA: media,
    queues.EGRESS: egress,
    queues.IMPORTS: imports,
}


def build_worker(client: Client, fleet: Fleet) -> Worker:
    return Worker(
        client,
        task_queue=fleet.queue,
        workflows=list(fleet.workflows),
        activities=list(fleet.activities),
        interceptors=[TranslateErrors()],
        workflow_runner=SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default),
        max_concurrent_activities=fleet.slots,
        graceful_shutdown_timeout=fleet.grace,
        # A cancel reaches an activity with the answer to a heartbeat; throttled, it would come late.
        max_heartbeat_throttle_interval=timedelta(milliseconds=500),
        default_heartbeat_throttle_interval=timedelta(milliseconds=500),
    )
