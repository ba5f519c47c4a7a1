"""Time-based one-time passwords as a second factor (RFC 6238), and recovery codes for a lost device."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime

import pyotp

from core.db.models import User, UserTotp
from core.db.unit_of_work import UnitOfWork
from core.domain.drm.associated_data import totp_binding
from core.domain.errors import Conflict, Unauthenticated
from core.ports import KeyUnavailable, RootKeyVault
from core.services.audit.signed_by import SignedBy
from core.services.key_server.sealing import seal, unseal
from core.services.keys.envelope import active_tenant_key, open_tenant_key

_STEP = 30
_DRIFT = 1
"""Codes of the step before and after are taken, too: clocks differ, and people type."""
_RECOVERY_CODES = 10


@dataclass(frozen=True)
class Enrolment:
    """Base 32, and the same as an `otpauth:` address for a QR code. Shown this once."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


async def enrol(uow: UnitOfWork, vault: RootKeyVault, user: User, now: datetime) -> Enrolment:
    """A secret that counts once it is confirmed. Raises Conflict (TOTP_ACTIVE), KeyUnavailable. The caller commits."""
    existing = await uow.totp.get(user.organisation_id, user.id)
    if existing is not None and existing.confirmed_at is not None:
        raise Conflict("You have an authenticator already. Remove it first.", code="TOTP_ACTIVE")
    secret = pyotp.random_base32()
    tenant, key = await active_tenant_key(uow.keys, vault, user.organisation_id)
    binding = totp_binding(user.organisation_id, user.id, tenant.id)
    await uow.totp.put(
        UserTotp(
            user_id=user.id,
            organisation_id=user.organisation_id,
            wrapped_secret=seal(key, secret.encode(), binding),
            tenant_key_id=tenant.id,
            recovery_hashes=[],
            created_at=now,
        )
    )
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name="Sealcast"))


async def confirm(uow: UnitOfWork, vault: RootKeyVault, user: User, code: str, by: SignedBy) -> tuple[str, ...]:
    """From now on the factor counts. Returns the recovery codes, this once. The caller commits.

    Raises Conflict (TOTP_ACTIVE, TOTP_MISSING), Unauthenticated (CODE_REFUSED), KeyUnavailable.
    """
    totp = await uow.totp.get(user.organisation_id, user.id)
    if totp is None:
        raise Conflict("Ask for a secret first.", code="TOTP_MISSING")
    if totp.confirmed_at is not None:
        raise Conflict("Your authenticator is confirmed already.", code="TOTP_ACTIVE")
    await _take_code(uow, vault, totp, code, by.at)
    codes = tuple(_recovery_code() for _ in range(_RECOVERY_CODES))
    totp.recovery_hashes = [_hash(each) for each in codes]
    totp.confirmed_at = by.at
    await by.note(uow, user.organisation_id, "totp.confirm", f"user:{user.id}")
    return codes


async def remove(uow: UnitOfWork, vault: RootKeyVault, user: User, code: str, by: SignedBy) -> None:
    """Raises Unauthenticated (CODE_REQUIRED, CODE_REFUSED). The caller commits."""
    await check_second_factor(uow, vault, user, code, by.at)
    await uow.totp.drop(user.organisation_id, user.id)
    await by.note(uow, user.organisation_id, "totp.remove", f"user:{user.id}")


async def check_second_factor(
    uow: UnitOfWork, vault: RootKeyVault, user: User, code: str | None, now: datetime
) -> None:
    """Nothing to check without a confirmed one. What is taken is taken once, when the caller commits.

    Raises Unauthenticated (CODE_REQUIRED, CODE_REFUSED), KeyUnavailable.
    """
    totp = await uow.totp.get(user.organisation_id, user.id)
    if totp is None or totp.confirmed_at is None:
        return
    if not code:
        raise Unauthenticated("Send the code of your authenticator, too.", code="CODE_REQUIRED")
    spent = _hash(code)
    if any(hmac.compare_digest(spent, kept) for kept in totp.recovery_hashes):
        totp.recovery_hashes = [kept for kept in totp.recovery_hashes if kept != spent]
        return
    await _take_code(uow, vault, totp, code, now)


async def _take_code(uow: UnitOfWork, vault: RootKeyVault, totp: UserTotp, code: str, now: datetime) -> None:
    """Only a step behind the last one taken: a code that somebody saw is not taken twice (RFC 6238, 5.2)."""
    generator = pyotp.TOTP(await _secret(uow, vault, totp))
    given = code.strip().encode()
    current = int(now.timestamp()) // _STEP
    for step in range(current - _DRIFT, current + _DRIFT + 1):
        if step > totp.last_step and hmac.compare_digest(generator.generate_otp(step).encode(), given):
            totp.last_step = step
            return
    raise Unauthenticated("The code is wrong, or it was used before.", code="CODE_REFUSED")


async def _secret(uow: UnitOfWork, vault: RootKeyVault, totp: UserTotp) -> str:
    tenant = await uow.keys.tenant_key(totp.organisation_id, totp.tenant_key_id)
    if tenant is None:
        raise KeyUnavailable(f"organisation {totp.organisation_id} has no tenant key {totp.tenant_key_id}")
    binding = totp_binding(totp.organisation_id, totp.user_id, tenant.id)
    return unseal(await open_tenant_key(vault, tenant), totp.wrapped_secret, binding).decode()


def _recovery_code() -> str:
    """80 random bits in four groups."""
    text = pyotp.random_base32()[:16].lower()
    return "-".join(text[at : at + 4] for at in range(0, 16, 4))


def _hash(code: str) -> str:
    """As people type it."""
    return hashlib.sha256(code.strip().lower().replace("-", "").encode()).hexdigest()
