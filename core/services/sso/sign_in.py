"""Single sign-on: to the organisation's provider and back, as a member who may be new."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from core.db.models import SsoConnection, User
from core.db.unit_of_work import UnitOfWork, UnitOfWorkFactory
from core.domain.auth.permissions import Role
from core.domain.errors import Conflict, NotFound
from core.ports import CustomerServer, RootKeyVault
from core.services.accounts.start_session import SessionTokens, SignIn, TokenIssuer, start_session
from core.services.audit.signed_by import SignedBy
from core.services.members.invite_member import normal_email
from core.services.sso.connection import client_secret
from core.services.sso.provider import Provider, refused
from core.services.sso.ticket import Ticket


@dataclass(frozen=True)
class Departure:
    """Where the browser goes, and what the page keeps until it is back."""

    authorization_url: str
    ticket: str = field(repr=False)


@dataclass(frozen=True)
class Return:
    """What the provider sent the browser back with, and what the page kept."""

    ticket: str = field(repr=False)
    state: str = field(repr=False)
    code: str = field(repr=False)
    issuer: str | None = None


@dataclass(frozen=True)
class SsoDoor:
    """What single sign-on works with. `redirect_uri` is the dashboard's page, registered at the provider."""

    uow: UnitOfWorkFactory
    vault: RootKeyVault
    server: CustomerServer
    issuer: TokenIssuer
    ticket_key: bytes = field(repr=False)
    redirect_uri: str = ""

    async def leave(self, slug: str, by: SignedBy) -> Departure:
        """Raises NotFound for an unknown organisation and for one without single sign-on alike, Unavailable."""
        async with self.uow() as uow:
            organisation = await uow.organisations.by_slug(slug)
            connection = await uow.sso.get(organisation.id) if organisation else None
        if connection is None:
            raise NotFound("There is no single sign-on for this organisation.")
        provider = await Provider.discover(self.server, connection.issuer)
        ticket = Ticket.new(connection.organisation_id, by.at)
        url = provider.authorization_url(connection.client_id, self.redirect_uri, ticket)
        return Departure(url, ticket.sealed(self.ticket_key))

    async def come_back(self, back: Return, sign_in: SignIn, by: SignedBy) -> SessionTokens:
        """Raises Unauthenticated (SSO_REFUSED), Conflict (MEMBER_EXISTS), Unavailable (SSO_UNAVAILABLE)."""
        ticket = Ticket.opened(self.ticket_key, back.ticket, by.at)
        if ticket is None or not hmac.compare_digest(ticket.state.encode(), back.state.encode()):
            raise refused("this sign-in did not begin here, or took too long")
        connection, secret = await self._connection(ticket.organisation_id)
        provider = await Provider.discover(self.server, connection.issuer)
        if back.issuer is not None and back.issuer != provider.issuer:
            raise refused("another provider answered")  # RFC 9207
        client = (connection.client_id, secret)
        token = await provider.exchange(self.server, client, self.redirect_uri, back.code, ticket)
        claims = await provider.identity(self.server, token, connection.client_id, ticket.nonce, by.at)
        async with self.uow() as uow:
            user = await _member(uow, connection, claims, by)
            tokens = await start_session(uow, self.issuer, user, sign_in)
            signed = SignedBy(f"user:{user.id}", by.at, by.address, by.request_id)
            await signed.note(uow, user.organisation_id, "session.start", f"session:{tokens.session_id}", {"by": "sso"})
            await uow.commit()
        return tokens

    async def _connection(self, organisation_id: str) -> tuple[SsoConnection, str]:
        async with self.uow() as uow:
            connection = await uow.sso.get(organisation_id)
            if connection is None:
                raise refused("it was switched off meanwhile")
            return connection, await client_secret(uow, self.vault, connection)


async def _member(uow: UnitOfWork, connection: SsoConnection, claims: Mapping[str, Any], by: SignedBy) -> User:
    """By issuer and subject. New ones come with a verified address, and never take over an account that is there."""
    await uow.organisations.lock(connection.organisation_id)
    role = role_of(connection, claims)
    known = await uow.sso.member(connection.organisation_id, connection.issuer, claims["sub"])
    if known is not None:
        if known.role not in (role.value, Role.OWNER.value):
            details = {"from": known.role, "to": role.value, "by": "sso"}
            await by.note(uow, connection.organisation_id, "member.role", f"user:{known.id}", details)
            known.role = role.value
        return known
    email = claims.get("email")
    if not isinstance(email, str) or claims.get("email_verified") is not True:
        raise refused("the provider does not vouch for an e-mail address")
    address = normal_email(email)
    if await uow.members.by_email(address) is not None:
        raise Conflict("Somebody with this address is a member already. They sign in as before.", code="MEMBER_EXISTS")
    user = User(
        id=uuid4().hex,
        organisation_id=connection.organisation_id,
        email=address,
        role=role.value,
        sso_issuer=connection.issuer,
        sso_subject=claims["sub"],
        created_at=by.at,
    )
    await uow.members.add(user)
    details = {"role": role.value, "issuer": connection.issuer}
    await by.note(uow, connection.organisation_id, "member.create-sso", f"user:{user.id}", details)
    return user


def role_of(connection: SsoConnection, claims: Mapping[str, Any]) -> Role:
    """Of the first entry of the map that the claim has, a text or a list of texts; the default without one."""
    given = claims.get(connection.role_claim) if connection.role_claim else None
    values = given if isinstance(given, list) else [given]
    found = [role for value, role in connection.role_map.items() if value in values]
    return Role(found[0] if found else connection.default_role)
