"""The API's application object."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from api import errors
from api.ended_feed import following
from api.middleware import BodyLimit, OpenToPages, RequestContext
from api.openapi import describe
from api.refusal_feed import telling
from api.routers import (
    account,
    api_keys,
    audit_log,
    auth,
    documentation,
    drm_licences,
    health,
    imports,
    jwks,
    key_signers,
    keys,
    licence_callback,
    licences,
    media,
    members,
    oauth,
    offline_licences,
    otps,
    playback,
    player,
    posters,
    progress,
    redemptions,
    sessions,
    speke_keys,
    sso,
    storage_events,
    tus,
    unfinished_uploads,
    uploads,
    vdocipher,
    videos,
    viewers,
    webhook_deliveries,
    webhook_endpoints,
    widevine_keys,
)
from api.routers.vdocipher import upload_form
from api.routers.vdocipher.files import takes_files
from api.services import ApiServices
from api.tus_protocol import TusProtocol, is_tus
from api.upload_slots import UploadSlots
from core.adapters.clock import SystemClock
from core.adapters.geoip import MaxMindCountries
from core.adapters.licences.backends import open_licence_servers
from core.adapters.mail import open_mailer
from core.adapters.redis_attempts import open_attempts
from core.adapters.redis_leases import open_leases
from core.adapters.root_key import open_root_key
from core.adapters.s3 import S3Storage
from core.adapters.signing_key_file import read_signing_key
from core.db.unit_of_work import open_database
from core.ports import Clock, KeyUnavailable, ObjectStorage, WorkflowGateway
from core.services.accounts.passwords import Passwords
from core.services.accounts.start_session import TokenIssuer
from core.services.files.picture_tools import PictureTools
from core.services.licences.ask_customer import AskCustomerServer
from core.services.licences.grant_licence import LicenceFront
from core.services.licences.licence_records import LicenceRecords
from core.services.organisations.known_credentials import KnownCredentials
from core.services.playback.ended_sessions import EndedSessions
from core.services.playback.signing_keys import SigningKeys
from core.services.tokens.token_keys import TokenKeys
from core.services.webhooks.refused_licences import RefusedLicences
from core.settings import Settings

_MOST_BYTES = 1024 * 1024
_POOL_SIZE = 10

_FOR_PAGES = ("/media/", "/api/licences/", "/api/meta/", "/api/playback/", "/posters/", upload_form.PATH)

#: Routes are tried in this order: first those that every viewer asks again and again.
_ROUTERS = (
    media,
    licences,
    drm_licences,
    playback,
    redemptions,
    otps,
    health,
    *vdocipher.AREAS,
    uploads,
    unfinished_uploads,
    tus,
    storage_events,
    imports,
    videos,
    progress,
    sessions,
    viewers,
    keys,
    key_signers,
    widevine_keys,
    speke_keys,
    licence_callback,
    offline_licences,
    webhook_endpoints,
    webhook_deliveries,
    posters,
    auth,
    account,
    jwks,
    oauth,
    sso,
    api_keys,
    members,
    audit_log,
    player,
    documentation,
)


def create_app(
    settings: Settings,
    *,
    gateway: WorkflowGateway,
    storage: ObjectStorage | None = None,
    clock: Clock | None = None,
) -> FastAPI:
    """Opens database and store when it starts serving, closes them when it ends.

    Raises KeyUnavailable at once when a key file is missing, or who holds the root key is not set: an API that cannot
    sign or unwrap must not start; and CountriesUnavailable when the database that the settings name cannot be read.
    """
    if settings.signing_key_file is None:
        raise KeyUnavailable("SEALCAST_SIGNING_KEY_FILE must name a file with a key")
    signing_keys = SigningKeys.derive(read_signing_key(settings.signing_key_file))
    countries = MaxMindCountries.open(settings.geoip_database) if settings.geoip_database else None
    time = clock or SystemClock()
    vault = open_root_key(settings)
    passwords = Passwords()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with (
            open_database(settings.database_url, pool_size=_POOL_SIZE) as uow,
            _store(settings, storage) as store,
            open_leases(settings) as leases,
            open_attempts(settings) as attempts,
            following(
                EndedSessions(uow, time, timedelta(seconds=settings.ended_sessions_outage_seconds))
            ) as ended_sessions,
            open_licence_servers(settings.licences, time) as licence_servers,
            telling(RefusedLicences(uow)) as refused_licences,
        ):
            app.state.services = ApiServices(
                settings=settings,
                uow=uow,
                storage=store,
                gateway=gateway,
                vault=vault,
                signing_keys=signing_keys,
                clock=time,
                countries=countries,
                leases=leases,
                ended_sessions=ended_sessions,
                credentials=KnownCredentials(timedelta(seconds=settings.api_key_cache_seconds)),
                tokens=TokenIssuer(TokenKeys(uow, vault), settings.public_url),
                passwords=passwords,
                attempts=attempts,
                mailer=open_mailer(settings),
                customers=licence_servers.customers,
                licence_front=LicenceFront(
                    vault,
                    AskCustomerServer(licence_servers.customers, signing_keys.licence_callback),
                    LicenceRecords(uow),
                ),
                licence_backends=licence_servers.backends,
                refused_licences=refused_licences,
                upload_slots=UploadSlots(settings.upload_slots),
                pictures=PictureTools(settings.scratch_dir),
            )
            yield

    app = FastAPI(title="Sealcast", docs_url=None, redoc_url=None, lifespan=lifespan)
    errors.install(app)
    for module in _ROUTERS:
        app.include_router(module.router)
    app.mount("/player", StaticFiles(directory=player.STATIC, check_dir=False), name="player-assets")
    app.add_middleware(BodyLimit, limit=_MOST_BYTES, streams=_takes_media)
    app.add_middleware(TusProtocol, max_size=settings.max_source_bytes)
    app.add_middleware(OpenToPages, prefixes=_FOR_PAGES)
    app.add_middleware(RequestContext, https=settings.public_url.startswith("https:"))
    describe(app)
    return app


def _takes_media(path: str) -> bool:
    return is_tus(path) or path == upload_form.PATH or takes_files(path)


@asynccontextmanager
async def _store(settings: Settings, given: ObjectStorage | None) -> AsyncIterator[ObjectStorage]:
    if given is not None:
        yield given
        return
    storage = S3Storage.from_settings(settings)
    try:
        yield storage
    finally:
        await storage.close()
