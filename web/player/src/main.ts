/** The page's only entry: OTP or token → session → playback → controls. */

import './styles.css';

import { Controls } from './controls';
import { element, region } from './dom';
import { showError } from './error-screen';
import { PlayerError, playbackError } from './errors';
import { deviceName, embeddingPage, playbackCode, randomName, redeem, type Redeemed } from './otp';
import { Heartbeat } from './heartbeat';
import { Playback } from './playback';
import { openSession, playbackToken, type Session } from './session';
import { Status } from './status';
import { Transport } from './transport';
import { Watermark } from './watermark/watermark';

const video = element('#video', HTMLVideoElement);
const status = new Status(document.documentElement);
const playback = new Playback();
const transport = new Transport(video);
let watermark: Watermark | null = null;

function fail(error: PlayerError): void {
  // Also when it failed before: what is buffered must not go on playing.
  video.pause();
  if (status.failed) return;
  status.fail(error);
  showError(error);
}

/** While the video plays, the server hears of it; when it says stop, or refuses media, the viewer reads why. */
function keepAlive(token: string): Heartbeat {
  const heartbeat = new Heartbeat(token, window.location.origin, () => ({
    position: video.currentTime,
    ...(watermark === null ? {} : { watermark: watermark.report() }),
  }));
  heartbeat.onStop = fail;
  playback.onFault = (error) => {
    video.pause();
    void heartbeat.explain(error).then(fail);
  };
  video.addEventListener('playing', () => heartbeat.start());
  for (const stop of ['pause', 'ended']) video.addEventListener(stop, () => heartbeat.pause());
  return heartbeat;
}

/** Before anything plays. The server is told of tampering, and the page must be loaded again after it. */
async function mark(session: Session, heartbeat: Heartbeat): Promise<void> {
  if (session.watermark.length === 0) return;
  const onTampering = (finding: string): void => {
    fail(new PlayerError('WATERMARK_TAMPERED', finding));
    void heartbeat.report();
  };
  try {
    watermark = await Watermark.over(region('#stage'), video, session.watermark, onTampering);
  } catch {
    throw new PlayerError('WATERMARK_MISSING', 'image');
  }
}

function describe(session: Session): void {
  document.title = session.title;
  region('#title').textContent = session.title;
  region('#audio-title').textContent = session.title;
  if (session.posterUrl !== null) video.poster = session.posterUrl;
}

function followVideo(): void {
  video.addEventListener('playing', () => status.set('playing'));
  video.addEventListener('pause', () => status.set('paused'));
  video.addEventListener('ended', () => status.set('ended'));
  playback.onBuffering = (buffering) => region('#stage').classList.toggle('buffering', buffering);
}

/** Before this, the duration is not known and seeking does nothing. */
async function metadata(): Promise<void> {
  if (video.readyState >= HTMLMediaElement.HAVE_METADATA) return;
  await new Promise((resolve) => video.addEventListener('loadedmetadata', resolve, { once: true }));
}

/** `?autoplay=muted` starts by itself; browsers let a page do so only without sound. */
async function start(): Promise<void> {
  if (new URLSearchParams(window.location.search).get('autoplay') !== 'muted') return;
  video.muted = true;
  await transport.play();
}

/** With an OTP in the query, or with a token in the fragment. */
async function admission(): Promise<Redeemed> {
  const { location, document, history } = window;
  const code = playbackCode(location.search);
  if (code === null) {
    const token = playbackToken(location.hash);
    return { token, session: await openSession(token, location.origin) };
  }
  const asker = {
    device: deviceName(() => window.localStorage),
    nonce: randomName(),
    href: embeddingPage({ location, document, framed: window.parent !== window }),
  };
  const redeemed = await redeem(code, asker, location.origin);
  // The OTP may be used up now: loading the page again goes on with the session, and the history keeps no OTP.
  history.replaceState(null, '', `${location.pathname}${withoutCode(location.search)}#${redeemed.token}`);
  return redeemed;
}

function withoutCode(query: string): string {
  const parameters = new URLSearchParams(query);
  for (const name of ['otp', 'playbackInfo']) parameters.delete(name);
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
}

async function run(): Promise<void> {
  const { token, session } = await admission();
  describe(session);
  await playback.attach(video, region('#captions-layer'));
  followVideo();
  const heartbeat = keepAlive(token);
  await playback.load(session, token);
  const controls = new Controls(video, playback, transport);
  await mark(session, heartbeat);
  playback.onTracks = () => controls.renderTracks();
  await metadata();
  status.set('ready');
  await start();
}

status.publish(() => playback.keyStatuses());
// Another link opened in the same tab differs in its fragment only, which does not load the page again.
window.addEventListener('hashchange', () => window.location.reload());
run().catch((thrown: unknown) => fail(playbackError(thrown)));
