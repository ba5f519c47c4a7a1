"""Answer one SPEKE request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from core.adapters.cpix.answer import fill_in
from core.adapters.cpix.document import parse_document, write_document
from core.adapters.cpix.encryption import DocumentCipher, recipient_key
from core.adapters.cpix.request import read_request
from core.db.models import KeyDelivery
from core.db.unit_of_work import UnitOfWork
from core.domain.drm.content_key import ContentKey
from core.domain.drm.encryption_contract import UNSUPPORTED, label_of
from core.domain.drm.external_key import ServedKey, WantedKey
from core.domain.drm.key_audit import KeyPurpose, KeyUse
from core.domain.drm.speke import SpekeRefused, SpekeRequest, SpekeVersion
from core.domain.errors import Conflict
from core.domain.media.plan import KeyLabel
from core.ports import RootKeyVault
from core.request_id import current_request_id
from core.services.key_server.external_keys import external_keys
from core.services.key_server.video_keys import video_keys
from core.services.organisations.principal import Principal


async def serve_speke(
    uow: UnitOfWork, vault: RootKeyVault, caller: Principal, body: bytes, version: SpekeVersion, now: datetime
) -> bytes:
    """The CPIX document, filled in. Raises SpekeRefused, KeyUnavailable. The caller commits before it answers."""
    root = parse_document(body)
    request = read_request(root, version)
    recipients = [recipient_key(certificate, now) for certificate in request.recipients]
    use = KeyUse(KeyPurpose.KEY_SERVER, caller.actor, current_request_id())
    try:
        keys = await _keys(uow, vault, caller.organisation_id, request, use)
    except Conflict as conflict:
        raise SpekeRefused(conflict.detail) from None
    uow.external_keys.record_delivery(_delivery(caller, request, keys, now))
    fill_in(root, request, keys, DocumentCipher(recipients) if recipients else None)
    return write_document(root)


async def _keys(
    uow: UnitOfWork, vault: RootKeyVault, organisation_id: str, request: SpekeRequest, use: KeyUse
) -> Mapping[str, ServedKey]:
    """By the KID that was asked for."""
    content_id = request.content_id.encode()
    ours = await video_keys(uow, vault, organisation_id, content_id, use)
    if ours is not None:
        return _of_video(request, ours)
    wanted = [
        WantedKey(key.kid, request.rule_of(key.kid).track_type, request.crypto_period_of(key.kid), key.iv)
        for key in request.keys
    ]
    return await external_keys(uow, vault, organisation_id, content_id, wanted, use)


def _of_video(request: SpekeRequest, keys: Mapping[KeyLabel, ContentKey]) -> dict[str, ServedKey]:
    """Keys under their own KIDs, which the answer puts in the place of those that were asked for."""
    if any(key.scheme is not request.scheme for key in keys.values()) or len(set(request.periods.values())) > 1:
        raise SpekeRefused(UNSUPPORTED)
    labels = {rule.kid: label_of(rule, keys) for rule in request.rules}
    if len(set(labels.values())) != len(labels):
        raise SpekeRefused(UNSUPPORTED)
    return {kid: ServedKey(keys[label].kid, keys[label].key, keys[label].iv) for kid, label in labels.items()}


def _delivery(caller: Principal, request: SpekeRequest, keys: Mapping[str, ServedKey], now: datetime) -> KeyDelivery:
    return KeyDelivery(
        id=uuid4().hex,
        organisation_id=caller.organisation_id,
        protocol="speke",
        caller=caller.key_id,
        content_id=request.content_id.encode(),
        kids=[key.kid for key in keys.values()],
        delivered_at=now,
    )
