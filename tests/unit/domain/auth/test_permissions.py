"""The table of roles and permissions."""

from __future__ import annotations

from core.domain.auth.permissions import GRANTS, KEY_ROLES, Permission, Role, known_roles, permissions_of

READ = {Permission.VIDEO_READ, Permission.VIEWER_READ, Permission.USAGE_READ}


def test_every_role_has_a_row_and_every_permission_somebody() -> None:
    assert set(GRANTS) == set(Role)
    assert permissions_of(Role) == set(Permission)


def test_vdociphers_roles_include_what_its_contract_says() -> None:
    assert GRANTS[Role.VIEWER] == READ
    assert GRANTS[Role.OTP_CREATOR] == READ | {Permission.OTP_ISSUE}
    assert GRANTS[Role.UPLOADER] == READ | {Permission.VIDEO_UPLOAD}
    assert GRANTS[Role.EDITOR] >= GRANTS[Role.OTP_CREATOR] | GRANTS[Role.UPLOADER]


def test_roles_add_up_and_nothing_else_appears() -> None:
    both = permissions_of([Role.UPLOADER, Role.BILLING])
    assert both == GRANTS[Role.UPLOADER] | GRANTS[Role.BILLING]
    assert permissions_of([]) == frozenset()


def test_only_owners_make_owners_and_no_machine_is_one() -> None:
    assert [role for role in Role if Permission.OWNER_EDIT in GRANTS[role]] == [Role.OWNER]
    assert Role.OWNER not in KEY_ROLES


def test_a_role_that_nobody_knows_grants_nothing() -> None:
    assert known_roles(["viewer", "superuser", "Admin", ""]) == {Role.VIEWER}
