"""Answers of the upload-credentials route, in VdoCipher's spelling."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from core.services.uploads.start_form_upload import StartedForm


class ClientPayload(BaseModel):
    """POST all but `uploadLink` to `uploadLink` as multipart/form-data, and `file` last."""

    model_config = ConfigDict(populate_by_name=True)

    policy: str
    key: str
    signature: str = Field(alias="x-amz-signature")
    algorithm: str = Field(alias="x-amz-algorithm")
    date: str = Field(alias="x-amz-date")
    credential: str = Field(alias="x-amz-credential")
    upload_link: str = Field(alias="uploadLink")


class CredentialsOut(BaseModel):
    client_payload: ClientPayload = Field(alias="clientPayload")
    video_id: str = Field(alias="videoId")


def credentials_of(started: StartedForm, link: str | None = None) -> CredentialsOut:
    """`link` is where the form goes instead of to the store."""
    payload = ClientPayload.model_validate({**started.form.fields, "uploadLink": link or started.form.url})
    return CredentialsOut(clientPayload=payload, videoId=started.video_id)
