"""The bucket, with the cross-origin rule that lets browsers and tools upload to presigned addresses."""

from __future__ import annotations

import base64
import hashlib
from xml.etree import ElementTree as ET

from minio import Minio
from minio.error import S3Error

_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
#: ETag is what a multipart client must report back; without exposing it a browser cannot finish an upload.
_RULE = (
    ("AllowedOrigin", "*"),
    *(("AllowedMethod", method) for method in ("GET", "HEAD", "PUT", "POST")),
    ("AllowedHeader", "*"),
    ("ExposeHeader", "ETag"),
    ("MaxAgeSeconds", "3600"),
)


def ensure_bucket(client: Minio, bucket: str) -> None:
    """Create the bucket and its CORS rule where they are missing; a rule that is there is kept. Blocking."""
    if not client.bucket_exists(bucket):
        client.make_bucket(bucket)
    # minio-py has no calls for a bucket's CORS, but its signed request serves any subresource.
    request = client._execute  # noqa: SLF001
    try:
        request("GET", bucket, query_params={"cors": ""})
    except S3Error as error:
        if error.code != "NoSuchCORSConfiguration":
            raise
        body = cors_document()
        digest = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
        request("PUT", bucket, body=body, headers={"Content-MD5": digest}, query_params={"cors": ""})


def cors_document() -> bytes:
    """PutBucketCors' body (S3 API reference). The origin is open: what authorises an upload is its signed address."""
    root = ET.Element("CORSConfiguration", xmlns=_NAMESPACE)
    rule = ET.SubElement(root, "CORSRule")
    for name, value in _RULE:
        ET.SubElement(rule, name).text = value
    document: bytes = ET.tostring(root, xml_declaration=True, encoding="utf-8")
    return document
