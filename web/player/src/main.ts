/** The page's only entry: OTP or token → session → playback → controls. */

import './styles.css';

import { admission } from './admission';
import { Controls } from './controls';
import { Coverage } from './coverage';
import { element, region } from './dom';
import { Embed } from './embed/embed';
import { parameters } from './embed/parameters';
import { showError } from './error-screen';
import { playbackError, type PlayerError } from './errors';
import { Heartbeat } from './heartbeat';
import { Playback } from './playback';
import type { Session } from './session';
import { Status } from './status';
import { pressed } from './lite';
import { applyTheme } from './theme';
import { Transport } from './transport';
import { Mark } from './watermark/mark';

const asked = parameters(window.location.search);
const video = element('#video', HTMLVideoElement);
const stage = region('#stage');
const status = new Status(document.documentElement);
const playback = new Playback();
const transport = new Transport(video);
const coverage = new Coverage();
const mark = new Mark(stage, video, fail);
const lite = pressed(asked.lite);
const ready = lite.then(run);
const embed = new Embed({
  video,
  stage,
  playback,
  coverage,
  status,
  ready,
  play: async () => {
    lite.press();
    await ready;
    await transport.play();
  },
  addWatermark: (items) => mark.add(items),
});

function fail(error: PlayerError): void {
  // Also when it failed before: what is buffered must not go on playing.
  video.pause();
  if (status.failed) return;
  status.fail(error);
  showError(error);
  embed.failed(error);
}

/** While the video plays, the server hears of it; when it says stop, or refuses media, the viewer reads why. */
function keepAlive(token: string): void {
  const heartbeat = new Heartbeat(token, window.location.origin, () => ({ position: video.currentTime, ...mark.report() }));
  heartbeat.onStop = fail;
  mark.onTampering = () => void heartbeat.report();
  playback.onFault = (error) => {
    video.pause();
    void heartbeat.explain(error).then(fail);
  };
  video.addEventListener('playing', () => heartbeat.start());
  for (const stop of ['pause', 'ended']) video.addEventListener(stop, () => heartbeat.pause());
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
  video.addEventListener('timeupdate', () => coverage.at(video.currentTime));
  for (const cut of ['seeking', 'pause']) video.addEventListener(cut, () => coverage.interrupt());
  playback.onBuffering = (buffering) => stage.classList.toggle('buffering', buffering);
}

/** Before this, the duration is not known and seeking does nothing. */
async function metadata(): Promise<void> {
  if (video.readyState >= HTMLMediaElement.HAVE_METADATA) return;
  await new Promise((resolve) => video.addEventListener('loadedmetadata', resolve, { once: true }));
}

async function start(): Promise<void> {
  if (asked.captions !== null) playback.showCaptions(asked.captions);
  // Who pressed play in lite mode has asked for sound; else browsers let a page start only without.
  if (asked.autoplay && !asked.lite) video.muted = true;
  if (asked.autoplay || asked.lite) await transport.play();
}

async function run(): Promise<Session> {
  status.set('loading');
  const { token, session } = await admission(window);
  describe(session);
  await playback.attach(video, region('#captions-layer'));
  followVideo();
  keepAlive(token);
  await playback.load(session, token, asked.drm);
  const controls = new Controls(video, playback, transport);
  playback.onTracks = () => {
    controls.renderTracks();
    embed.onTracks();
  };
  await mark.show(session.watermark);
  video.controls = asked.controls === 'native' && !mark.shown;
  await metadata();
  playback.onTracks();
  status.set('ready');
  void start();
  return session;
}

applyTheme(asked, document.documentElement);
video.loop = asked.loop;
status.publish(() => playback.keyStatuses());
// Another link opened in the same tab differs in its fragment only, which does not load the page again.
window.addEventListener('hashchange', () => window.location.reload());
ready.catch((thrown: unknown) => fail(playbackError(thrown)));
