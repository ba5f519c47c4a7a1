"""Access tokens against whoever would make their own, by another library than the one that reads them."""

from __future__ import annotations

import base64
import hmac
import json
import warnings
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import KeySet, OKPKey

from core.services.accounts.impersonate import impersonate
from core.services.audit.signed_by import SignedBy
from core.services.tokens.token_keys import TokenKeys
from tests.fixtures.api_site import ApiSite
from tests.fixtures.database import new_organisation
from tests.fixtures.members import Person, new_member

pytestmark = pytest.mark.stack


def encoded(header: dict[str, Any], claims: dict[str, Any], key: Any, algorithm: str = "EdDSA") -> str:
    with warnings.catch_warnings():
        # RFC 9864 has a new name for the same algorithm.
        warnings.simplefilter("ignore", SecurityWarning)
        return jwt.encode(header, claims, key, algorithms=[algorithm])


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, payload, _ = (base64.urlsafe_b64decode(part + "==") for part in token.split("."))
    return json.loads(header), json.loads(payload)


async def member(site: ApiSite) -> Person:
    return await new_member(site, await new_organisation(site.services.uow))


async def status(site: ApiSite, token: str) -> int:
    answer = await site.http.get("/auth/verify", headers={"Authorization": f"Bearer {token}"})
    if answer.status_code != 200:
        assert answer.json()["detail"] == "The access token is not valid, or it has expired."
    return answer.status_code


async def test_another_library_reads_them_by_the_published_keys(site: ApiSite) -> None:
    person = await member(site)
    published = await site.http.get("/.well-known/jwks.json")
    assert published.headers["cache-control"] == "public, max-age=300"
    assert all(set(key) == {"kty", "crv", "alg", "use", "kid", "x"} for key in published.json()["keys"])
    keys = KeySet.import_key_set(published.json())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        read = jwt.decode(person.tokens["access_token"], keys, algorithms=["EdDSA"])
    now = int(site.clock.now().timestamp())
    assert read.header == {"alg": "EdDSA", "typ": "at+jwt", "kid": read.header["kid"]}
    assert read.claims["iss"] == "http://api.test"
    assert read.claims["aud"] == "sealcast-api"
    assert (read.claims["sub"], read.claims["sid"]) == (person.id, person.tokens["session_id"])
    assert (read.claims["iat"], read.claims["exp"]) == (now, now + 600)


Change = tuple[dict[str, Any], dict[str, Any]]
#: What differs from a good token: header, claims. None takes something away, and numbers are seconds from now.
ATTACKS: dict[str, Change] = {
    "wrong kid": ({"kid": "0" * 16}, {}),
    "kid of another form": ({"kid": "../../dev/null"}, {}),
    "no kid": ({"kid": None}, {}),
    "wrong typ": ({"typ": "JWT"}, {}),
    "no typ": ({"typ": None}, {}),
    "embedded jwk": ({"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "AA"}}, {}),
    "jku": ({"jku": "https://evil.test/jwks.json"}, {}),
    "x5u": ({"x5u": "https://evil.test/cert.pem"}, {}),
    "unknown critical header": ({"crit": ["b64"], "b64": True}, {}),
    "wrong audience": ({}, {"aud": "sealcast-playback"}),
    "audience among others": ({}, {"aud": ["sealcast-api", "other"]}),
    "no audience": ({}, {"aud": None}),
    "wrong issuer": ({}, {"iss": "http://evil.test"}),
    "no issuer": ({}, {"iss": None}),
    "expired": ({}, {"exp": -1}),
    "expires this instant": ({}, {"exp": 0}),
    "no expiry": ({}, {"exp": None}),
    "expiry that is none": ({}, {"exp": "tomorrow"}),
    "expiry that is a float": ({}, {"exp": "float"}),
    "issued in the future": ({}, {"iat": 120, "exp": 500}),
    "longer than ours": ({}, {"exp": 601}),
    "not before": ({}, {"nbf": 0}),
    "no session": ({}, {"sid": None}),
    "session of another form": ({}, {"sid": "1 OR 1=1"}),
    "subject that is a number": ({}, {"sub": 7}),
    "organisation that is a list": ({}, {"org": ["x"]}),
    "actor of another form": ({}, {"act": "root"}),
    "far too long": ({}, {"pad": "x" * 4000}),
}


def changed(token: str, change: Change, now: int) -> tuple[dict[str, Any], dict[str, Any]]:
    header, claims = parts(token)
    for target, changes in ((header, change[0]), (claims, change[1])):
        for name, value in changes.items():
            if value is None:
                target.pop(name)
            elif value == "float":
                target[name] = now + 60.5
            else:
                target[name] = now + value if isinstance(value, int) and name in {"exp", "iat", "nbf"} else value
    return header, claims


async def test_even_with_our_own_key_nothing_else_passes(site: ApiSite) -> None:
    person = await member(site)
    now = site.clock.now()
    _, private = await site.services.tokens.keys.signing(now)
    token = person.tokens["access_token"]
    assert await status(site, signed(*parts(token), private)) == 200
    for attack, change in ATTACKS.items():
        header, claims = changed(token, change, int(now.timestamp()))
        assert await status(site, signed(header, claims, private)) == 401, attack


def signed(header: dict[str, Any], claims: dict[str, Any], private: Ed25519PrivateKey, raw: str | None = None) -> str:
    """By hand: the libraries refuse to make some of these."""
    payload = raw or json.dumps(claims)
    signing_input = f"{b64(json.dumps(header).encode())}.{b64(payload.encode())}"
    return f"{signing_input}.{b64(private.sign(signing_input.encode()))}"


Forge = Callable[[dict[str, Any], dict[str, Any], Ed25519PrivateKey], str]


def _none(algorithm: str) -> Forge:
    return lambda header, claims, _: (
        f"{b64(json.dumps(header | {'alg': algorithm}).encode())}.{b64(json.dumps(claims).encode())}."
    )


def _hmac(form: Callable[[Ed25519PrivateKey], bytes]) -> Forge:
    """The public key, which anybody can have, as if it were a shared secret."""

    def forge(header: dict[str, Any], claims: dict[str, Any], private: Ed25519PrivateKey) -> str:
        head = json.dumps(header | {"alg": "HS256"}).encode()
        signing_input = f"{b64(head)}.{b64(json.dumps(claims).encode())}"
        return f"{signing_input}.{b64(hmac.digest(form(private), signing_input.encode(), 'sha256'))}"

    return forge


def _own_jwk(header: dict[str, Any], claims: dict[str, Any], _: Ed25519PrivateKey) -> str:
    own = OKPKey.generate_key("Ed25519")
    return encoded(header | {"jwk": own.as_dict(private=False)}, claims, own)


FORGERIES: dict[str, Forge] = {
    "none": _none("none"),
    "None": _none("None"),
    "NONE": _none("NONE"),
    "no signature": _none("EdDSA"),
    "HS256 with the raw public key": _hmac(lambda key: key.public_key().public_bytes_raw()),
    "HS256 with the PEM": _hmac(
        lambda key: key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    ),
    "another key": lambda header, claims, _: encoded(header, claims, OKPKey.generate_key("Ed25519")),
    "own key in the header": _own_jwk,
    "claims said twice": lambda header, claims, key: signed(
        header, claims, key, json.dumps(claims)[:-1] + ', "sub": "' + "0" * 32 + '"}'
    ),
    "a list of claims": lambda header, _, key: signed(header, {}, key, "[]"),
    "deep claims": lambda header, _, key: signed(header, {}, key, "[" * 900 + "]" * 900),
    "not JSON": lambda header, _, key: signed(header, {}, key, "sub=x"),
}


async def test_forgeries_are_refused(site: ApiSite) -> None:
    person = await member(site)
    _, private = await site.services.tokens.keys.signing(site.clock.now())
    header, claims = parts(person.tokens["access_token"])
    for forgery, forge in FORGERIES.items():
        assert await status(site, forge(header, claims, private)) == 401, forgery


async def test_what_is_no_token_is_refused(site: ApiSite) -> None:
    for token in ("x", "a.b", "a.b.c", "a.b.c.d", "..", "é.é.é", "eyJhbGciOiJub25lIn0.e30."):
        answer = await site.http.get("/auth/verify", headers={"Authorization": f"Bearer {token}".encode()})
        assert answer.status_code == 401, token


async def test_one_changed_character_is_noticed(site: ApiSite) -> None:
    token = (await member(site)).tokens["access_token"]
    for at in range(0, len(token), 37):
        if token[at] != "." and at != len(token) - 1:
            other = "A" if token[at] != "A" else "B"
            assert await status(site, token[:at] + other + token[at + 1 :]) == 401


async def test_a_playback_token_is_no_access_token_and_the_reverse(site: ApiSite) -> None:
    tenant = await site.tenant()
    session = await site.session(tenant, (await site.published(tenant)).target.video_id)
    assert await status(site, session["token"]) == 401
    person = await member(site)
    assert (await site.http.get("/api/playback/session", headers=person.headers)).status_code == 401


async def test_a_token_ends_after_ten_minutes(site: ApiSite) -> None:
    person = await member(site)
    site.clock.ahead += timedelta(seconds=599)
    assert await status(site, person.tokens["access_token"]) == 200
    site.clock.ahead += timedelta(seconds=1)
    assert await status(site, person.tokens["access_token"]) == 401


async def test_another_members_session_in_the_token_opens_nothing(site: ApiSite) -> None:
    """Only we can sign this; should we ever do it by mistake, nobody gets in."""
    one, other = await member(site), await member(site)
    _, private = await site.services.tokens.keys.signing(site.clock.now())
    header, claims = parts(one.tokens["access_token"])
    for change in ({"sub": other.id}, {"org": other.organisation_id}, {"sid": uuid4().hex}):
        token = signed(header, claims | change, private)
        answer = await site.http.get("/auth/verify", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401


async def test_keys_rotate_with_overlap(site: ApiSite) -> None:
    person = await member(site)
    keys, clock = site.services.tokens.keys, site.clock
    old = parts(person.tokens["access_token"])[0]["kid"]
    clock.ahead += timedelta(days=30)
    await person.log_in()
    published = [key.kid for key in await keys.published(clock.now())]
    assert len(published) >= 2
    assert old in published
    # The next one is published before it signs: others have time to learn of it.
    assert parts(person.tokens["access_token"])[0]["kid"] != published[-1]
    clock.ahead += timedelta(minutes=10)
    before = person.tokens["access_token"]
    await person.log_in()
    assert parts(person.tokens["access_token"])[0]["kid"] == published[-1]
    assert await status(site, before) == 401  # by its age
    clock.ahead += timedelta(minutes=12)
    assert old not in [key.kid for key in await keys.published(clock.now())]


async def test_processes_agree_on_one_key(site: ApiSite) -> None:
    now = site.clock.now()
    others = [TokenKeys(site.services.uow, site.services.vault) for _ in range(3)]
    kids = {(await keys.signing(now))[0] for keys in others} | {(await site.services.tokens.keys.signing(now))[0]}
    assert len(kids) == 1
    token = (await member(site)).tokens["access_token"]
    kid = parts(token)[0]["kid"]
    assert all([await keys.verifying(kid, now) is not None for keys in others])


async def test_support_acts_in_a_members_place_marked_noted_and_not_for_long(site: ApiSite) -> None:
    person = await member(site)
    by = SignedBy("operator:ada", site.clock.now())
    async with site.services.uow() as uow:
        token = await impersonate(uow, site.services.tokens, person.email, "ticket 7", "ada", by)
        await uow.commit()
    assert parts(token)[1]["act"] == {"sub": "ada"}
    headers = {"Authorization": f"Bearer {token}"}
    seen = (await site.http.get("/auth/verify", headers=headers)).json()
    assert (seen["id"], seen["impersonator"]) == (person.id, "ada")
    created = await site.http.post("/v1/api-keys", json={"name": "x"}, headers=headers)
    assert created.status_code == 201
    for refused in ("/auth/sessions",):
        answer = await site.http.get(refused, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "MEMBERS_ONLY")
    log = (await site.http.get("/v1/audit-log", headers=person.headers)).json()["entries"]
    assert [(each["action"], each["actor"]) for each in log[:2]] == [
        ("api-key.create", f"support:ada as user:{person.id}"),
        ("session.impersonate", "operator:ada"),
    ]
    assert log[1]["details"] == {"user": person.id, "reason": "ticket 7"}
    site.clock.ahead += timedelta(minutes=10)
    assert (await site.http.get("/auth/verify", headers=headers)).status_code == 401
