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
import { say, speak } from './i18n/messages';
import { translatePage } from './i18n/page';
import { Notice } from './notice';
import { Playback } from './playback';
import { rememberPosition, resumePosition } from './resume';
import type { Session } from './session';
import { Status } from './status';
import { pressed } from './lite';
import { applyTheme } from './theme';
import { StreamingFaults } from './streaming-faults';
import { inItsPlace } from './surroundings';
import { clock } from './time';
import { Transport } from './transport';
import { Mark } from './watermark/mark';

const asked = parameters(window.location.search);
const video = element('#video', HTMLVideoElement);
const stage = region('#stage');
const status = new Status(document.documentElement);
const playback = new Playback();
const transport = new Transport(video);
const coverage = new Coverage();
const notice = new Notice();
const mark = new Mark(stage, video, tampered);
const lite = pressed(asked.lite);
const language = speak(asked.language === null ? navigator.languages : [asked.language]);
const ready = Promise.all([language, lite]).then(run);
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

function fail(cause: PlayerError): void {
  const error = inItsPlace(cause, navigator.onLine, window.isSecureContext);
  // Also when it failed before: what is buffered must not go on playing.
  video.pause();
  if (status.failed) return;
  status.fail(error);
  showError(error);
  embed.failed(error);
}

function tampered(error: PlayerError): void {
  fail(error);
  // Who can take the mark away can press play again, too.
  void playback.stop();
}

/** While the video plays, the server hears of it; when it says stop, or refuses media, the viewer reads why. */
function keepAlive(token: string): void {
  const heartbeat = new Heartbeat(token, window.location.origin, () => ({ position: video.currentTime, ...mark.report() }));
  heartbeat.onStop = fail;
  mark.onTampering = () => void heartbeat.report();
  const giveUp = (error: PlayerError): void => {
    video.pause();
    void heartbeat.explain(error).then(fail);
  };
  playback.onFault = new StreamingFaults(video, notice, () => playback.retry(), giveUp).handle;
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

/** Go on where this browser left the video, and remember where it leaves it now. */
function resume(videoId: string): void {
  const seconds = resumePosition(videoId, video.duration);
  if (seconds !== null) {
    transport.seekTo(seconds);
    notice.show(say('resumed', { time: clock(seconds) }), () => transport.seekTo(0));
  }
  const remember = (): void => rememberPosition(videoId, video.ended ? 0 : video.currentTime, video.duration);
  for (const moment of ['pause', 'ended']) video.addEventListener(moment, remember);
  window.addEventListener('pagehide', remember);
}

async function start(): Promise<void> {
  if (asked.captions !== null) playback.tracks.showCaptions(asked.captions);
  // Who pressed play in lite mode has asked for sound; else browsers let a page start only without.
  if (asked.autoplay && !asked.lite) video.muted = true;
  if (asked.autoplay || asked.lite) await transport.play();
}

async function run(): Promise<Session> {
  status.set('loading');
  const { token, session, videoId } = await admission(window);
  describe(session);
  await playback.attach(video, region('#captions-layer'));
  followVideo();
  keepAlive(token);
  await playback.load(session, token, asked.drm);
  const controls = new Controls(video, playback, transport, notice);
  playback.onTracks = () => {
    controls.renderTracks();
    embed.onTracks();
  };
  await mark.show(session.watermark);
  video.controls = asked.controls === 'native' && !mark.shown;
  await metadata();
  playback.onTracks();
  if (videoId !== null) resume(videoId);
  status.set('ready');
  void start();
  return session;
}

void language.then(() => translatePage(document.documentElement));
applyTheme(asked, document.documentElement);
video.loop = asked.loop;
status.publish(() => playback.keyStatuses());
// Another link opened in the same tab differs in its fragment only, which does not load the page again.
window.addEventListener('hashchange', () => window.location.reload());
ready.catch((thrown: unknown) => fail(playbackError(thrown)));
