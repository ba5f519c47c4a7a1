"""Who may do what: one table, roles against permissions. What is not in it is forbidden."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Permission(StrEnum):
    """`resource:action`. Every route asks for exactly one."""

    VIDEO_READ = "video:read"
    VIDEO_UPLOAD = "video:upload"
    VIDEO_EDIT = "video:edit"
    OTP_ISSUE = "otp:issue"
    VIEWER_READ = "viewer:read"
    VIEWER_EDIT = "viewer:edit"
    CONTENT_KEY_USE = "content-key:use"
    CONTENT_KEY_EDIT = "content-key:edit"
    SETTINGS_EDIT = "settings:edit"
    WEBHOOK_EDIT = "webhook:edit"
    USAGE_READ = "usage:read"
    BILLING_READ = "billing:read"
    BILLING_EDIT = "billing:edit"
    API_KEY_READ = "api-key:read"
    API_KEY_EDIT = "api-key:edit"
    MEMBER_READ = "member:read"
    MEMBER_EDIT = "member:edit"
    AUDIT_READ = "audit:read"
    SSO_EDIT = "sso:edit"
    OWNER_EDIT = "owner:edit"


class Role(StrEnum):
    """The first four are VdoCipher's, spelled as there: every one includes `viewer`, and `editor` is the highest."""

    VIEWER = "viewer"
    OTP_CREATOR = "otpCreator"
    UPLOADER = "uploader"
    EDITOR = "editor"
    BILLING = "billing"
    ADMIN = "admin"
    OWNER = "owner"


#: "Read everything, no playback, cannot read keys" (VdoCipher, blog client-secret-key).
_VIEWER = frozenset({Permission.VIDEO_READ, Permission.VIEWER_READ, Permission.USAGE_READ})
_UPLOADER = _VIEWER | {Permission.VIDEO_UPLOAD}
_OTP_CREATOR = _VIEWER | {Permission.OTP_ISSUE}
#: All that an API key could do before there were roles.
_EDITOR = (
    _UPLOADER
    | _OTP_CREATOR
    | {
        Permission.VIDEO_EDIT,
        Permission.VIEWER_EDIT,
        Permission.CONTENT_KEY_USE,
        Permission.CONTENT_KEY_EDIT,
        Permission.SETTINGS_EDIT,
        Permission.WEBHOOK_EDIT,
    }
)
_BILLING = frozenset({Permission.USAGE_READ, Permission.BILLING_READ, Permission.BILLING_EDIT})
_OWNER = frozenset(Permission)

GRANTS: Mapping[Role, frozenset[Permission]] = {
    Role.VIEWER: _VIEWER,
    Role.OTP_CREATOR: _OTP_CREATOR,
    Role.UPLOADER: _UPLOADER,
    Role.EDITOR: _EDITOR,
    Role.BILLING: _BILLING,
    Role.ADMIN: _OWNER - {Permission.OWNER_EDIT},
    Role.OWNER: _OWNER,
}

KEY_ROLES = frozenset({Role.VIEWER, Role.OTP_CREATOR, Role.UPLOADER, Role.EDITOR, Role.BILLING, Role.ADMIN})
"""What a machine may be. Nobody can make a machine an owner: it could not be asked."""


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """Of somebody with several roles: what any of them grants."""
    return frozenset().union(*(GRANTS[role] for role in roles))


def known_roles(names: Iterable[str]) -> frozenset[Role]:
    """Those of `names` that are roles: one that this version does not know grants nothing."""
    return frozenset(role for role in Role if role.value in set(names))
