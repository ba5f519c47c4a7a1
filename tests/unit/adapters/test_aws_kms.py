"""Against a double that recomputes every signature; no real AWS takes part."""

from __future__ import annotations

import base64
import secrets
import traceback
from collections.abc import Iterator

import pytest

from core.adapters import aws_kms
from core.adapters.aws_kms import AwsKms
from core.ports import KeyServiceUnavailable, KeyUnavailable
from tests.fixtures.aws_kms_double import REGION, AwsKmsDouble
from tests.fixtures.loopback import loopback

KEY = secrets.token_bytes(32)


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsKmsDouble]:
    kms = AwsKmsDouble()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", kms.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", kms.secret_key)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    yield kms
    assert kms.faults == []


@pytest.fixture
def endpoint(double: AwsKmsDouble) -> Iterator[str]:
    with loopback(double.answer) as url:
        yield url


@pytest.fixture
def kms(double: AwsKmsDouble, endpoint: str) -> AwsKms:
    return AwsKms(double.arn, REGION, endpoint=endpoint)


async def test_a_key_comes_back_with_its_context_only(kms: AwsKms) -> None:
    wrapped = await kms.wrap(KEY, b"tenant \x00 one")
    assert KEY not in wrapped
    assert await kms.unwrap(wrapped, b"tenant \x00 one", kms.key_id) == KEY
    for wrong in (b"tenant two", b""):
        with pytest.raises(KeyUnavailable, match="InvalidCiphertext") as caught:
            await kms.unwrap(wrapped, wrong, kms.key_id)
        assert not isinstance(caught.value, KeyServiceUnavailable)


async def test_a_key_that_another_key_wrapped_does_not_open(kms: AwsKms, double: AwsKmsDouble, endpoint: str) -> None:
    double.keys[other := double.arn + "0"] = secrets.token_bytes(32)
    wrapped = await AwsKms(other, REGION, endpoint=endpoint).wrap(KEY, b"x")
    with pytest.raises(KeyUnavailable, match="IncorrectKey"):
        await kms.unwrap(wrapped, b"x", kms.key_id)
    before = double.requests
    with pytest.raises(KeyUnavailable, match="is not known here"):
        await kms.unwrap(wrapped, b"x", f"aws-kms:{other}")
    assert double.requests == before


@pytest.mark.parametrize(
    "code",
    [
        "KMSInternalException",
        "DependencyTimeoutException",
        "ThrottlingException",
        "KeyUnavailableException",
        "DisabledException",
        "AccessDeniedException",
        "NotFoundException",
    ],
)
async def test_what_is_not_about_the_ciphertext_is_worth_another_try(
    kms: AwsKms, double: AwsKmsDouble, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
    wrapped = await kms.wrap(KEY, b"x")
    double.refuse = code
    with pytest.raises(KeyServiceUnavailable, match=code):
        await kms.unwrap(wrapped, b"x", kms.key_id)
    double.refuse = None
    assert await kms.unwrap(wrapped, b"x", kms.key_id) == KEY


async def test_a_wrong_secret_is_caught_by_the_doubles_own_signature(
    double: AwsKmsDouble, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-the-secret")
    with pytest.raises(KeyServiceUnavailable, match="InvalidSignature") as caught:
        await AwsKms(double.arn, REGION, endpoint=endpoint).wrap(KEY, b"x")
    shown = "".join(traceback.format_exception(caught.value))
    assert "not-the-secret" not in shown
    assert base64.b64encode(KEY).decode() not in shown


async def test_no_credentials_and_nobody_listening_are_outages(
    double: AwsKmsDouble, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws_kms, "_CONFIG", aws_kms._CONFIG.merge(aws_kms.Config(retries={"total_max_attempts": 1})))
    with pytest.raises(KeyServiceUnavailable, match="EndpointConnection"):
        await AwsKms(double.arn, REGION, endpoint="http://127.0.0.1:9").wrap(KEY, b"x")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    with pytest.raises(KeyServiceUnavailable, match="NoCredentials"):
        await AwsKms(double.arn, REGION, endpoint=endpoint).wrap(KEY, b"x")
