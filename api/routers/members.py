"""Members of an organisation: invite, look, change roles, remove."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from api.dependencies import Cursor, Limit, MemberEditor, MemberReader, Services, Signed
from api.errors import responses
from api.idempotent_route import IdempotentRoute
from api.schemas.members import MemberIn, RoleIn
from core.services.accounts.letters import invitation_letter
from core.services.members.change_role import change_role
from core.services.members.invite_member import invite_member
from core.services.members.list_members import MemberPage, list_members
from core.services.members.member_view import MemberView
from core.services.members.remove_member import remove_member

router = APIRouter(
    prefix="/v1/members", tags=["access"], responses=responses(401, 403, 422, 503), route_class=IdempotentRoute
)

MemberId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="32 lower-case hex digits.")]


@router.post("", status_code=201, responses=responses(409))
async def create_member(body: MemberIn, caller: MemberEditor, services: Services, signed: Signed) -> MemberView:
    """Invite somebody by mail. Nobody is invited when the mail server does not take the letter."""
    async with services.uow() as uow:
        invitation = await invite_member(
            uow, caller.organisation_id, body.email, body.role, caller.permissions, signed(caller)
        )
        organisation = await uow.organisations.get(caller.organisation_id)
        name = organisation.name if organisation else ""
        letter = invitation_letter(invitation.member.email, services.dashboard_url, name, invitation.token)
        await services.mailer.send(letter)
        await uow.commit()
    return invitation.member


@router.get("")
async def read_members(
    caller: MemberReader, services: Services, limit: Limit = 20, cursor: Cursor = None
) -> MemberPage:
    """Newest first."""
    async with services.uow() as uow:
        return await list_members(uow, caller.organisation_id, limit, cursor)


@router.patch("/{member_id}", responses=responses(404, 409))
async def update_member(
    member_id: MemberId, body: RoleIn, caller: MemberEditor, services: Services, signed: Signed
) -> MemberView:
    """Another role, which holds within seconds. The last owner stays one."""
    async with services.uow() as uow:
        member = await change_role(
            uow, caller.organisation_id, member_id, body.role, caller.permissions, signed(caller)
        )
        await uow.commit()
    return member


@router.delete("/{member_id}", status_code=204, responses=responses(404, 409))
async def delete_member(member_id: MemberId, caller: MemberEditor, services: Services, signed: Signed) -> None:
    """Their sessions end within seconds. The last owner cannot go."""
    async with services.uow() as uow:
        await remove_member(uow, caller.organisation_id, member_id, caller.permissions, signed(caller))
        await uow.commit()
