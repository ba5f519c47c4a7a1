"""All tables. Importing this package fills `metadata`, which migrations compare with the database."""

from sqlmodel import SQLModel

from core.db.models.api_key import ApiKey
from core.db.models.audit_row import AuditRow
from core.db.models.content_key import ContentKey
from core.db.models.drm_license import DrmLicense
from core.db.models.external_key import ExternalKey
from core.db.models.folder import Folder
from core.db.models.idempotent_request import IdempotentRequest
from core.db.models.key_audit_row import KeyAuditRow
from core.db.models.key_delivery import KeyDelivery
from core.db.models.key_signer import KeySigner
from core.db.models.licence_callback import LicenceCallback
from core.db.models.member_session import MemberSession
from core.db.models.offline_licence import OfflineLicence
from core.db.models.one_time_token import OneTimeToken
from core.db.models.organisation import Organisation
from core.db.models.otp import Otp
from core.db.models.otp_redemption import OtpRedemption
from core.db.models.outbox_event import OutboxEvent
from core.db.models.playback_session import PlaybackSession
from core.db.models.publish_step import PublishStep
from core.db.models.refresh_token import RefreshToken
from core.db.models.resumable_upload import ResumableUpload
from core.db.models.sso_connection import SsoConnection
from core.db.models.tenant_key import TenantKey
from core.db.models.token_key import TokenKey
from core.db.models.user import User
from core.db.models.user_totp import UserTotp
from core.db.models.video import Video
from core.db.models.video_file import VideoFile
from core.db.models.video_import import VideoImport
from core.db.models.video_variant import VideoVariant
from core.db.models.video_version import VideoVersion
from core.db.models.viewer_device import ViewerDevice
from core.db.models.webhook_attempt import WebhookAttempt
from core.db.models.webhook_delivery import WebhookDelivery
from core.db.models.webhook_endpoint import WebhookEndpoint
from core.db.models.webhook_secret import WebhookSecret

metadata = SQLModel.metadata

__all__ = [
    "ApiKey",
    "AuditRow",
    "ContentKey",
    "DrmLicense",
    "ExternalKey",
    "Folder",
    "IdempotentRequest",
    "KeyAuditRow",
    "KeyDelivery",
    "KeySigner",
    "LicenceCallback",
    "MemberSession",
    "OfflineLicence",
    "OneTimeToken",
    "Organisation",
    "Otp",
    "OtpRedemption",
    "OutboxEvent",
    "PlaybackSession",
    "PublishStep",
    "RefreshToken",
    "ResumableUpload",
    "SsoConnection",
    "TenantKey",
    "TokenKey",
    "User",
    "UserTotp",
    "Video",
    "VideoFile",
    "VideoImport",
    "VideoVariant",
    "VideoVersion",
    "ViewerDevice",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookSecret",
    "metadata",
]
