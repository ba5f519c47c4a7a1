/** Tells the server that the video plays, and learns when it must stop. */

import { PlayerError, STOP_CODES, sessionError, type StopCode } from './errors';
import type { WatermarkReport } from './watermark/watermark';

/** Until the server says how often. */
const FIRST_INTERVAL = 10_000;
const TIMEOUT = 5_000;

/** What a beat says. `position` is seconds; a session that must show a watermark says how that is. */
export interface Pulse {
  readonly position: number;
  readonly watermark?: WatermarkReport;
}

interface Answer {
  readonly stop: StopCode | null;
  /** Milliseconds. */
  readonly interval: number;
}

/** Read the answer of the heartbeat route. A reason that a newer server gives is an ending all the same. */
export function parseAnswer(body: unknown): Answer | null {
  if (typeof body !== 'object' || body === null) return null;
  const { action, interval, reason } = body as Record<string, unknown>;
  if ((action !== 'continue' && action !== 'stop') || typeof interval !== 'number' || !(interval > 0)) return null;
  const known = STOP_CODES.find((code) => code === reason) ?? 'ENDED';
  return { stop: action === 'stop' ? known : null, interval: interval * 1000 };
}

export class Heartbeat {
  /** Called once, with the reason why playing must end. */
  onStop: (error: PlayerError) => void = () => {};

  #interval = FIRST_INTERVAL;
  #due = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly token: string,
    private readonly base: string,
    private readonly pulse: () => Pulse,
    private readonly fetcher: typeof fetch = fetch.bind(globalThis),
  ) {}

  /** While it plays: beat as soon as an interval has passed since the last time, and go on. */
  start(): void {
    if (this.#timer === null) this.#schedule(Math.max(0, this.#due - Date.now()));
  }

  /** Who pauses keeps the place for a while only. */
  pause(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Media are refused without a reason; ask for it, and keep `error` when there is no better one. */
  async explain(error: PlayerError): Promise<PlayerError> {
    return error.code === 'SESSION_EXPIRED' ? ((await this.#beat()) ?? error) : error;
  }

  /** Say it now: something happened that the server has to know, whatever it answers. */
  async report(): Promise<void> {
    await this.#beat();
  }

  #schedule(wait: number): void {
    const timer = setTimeout(() => void this.#tick(timer), wait);
    this.#timer = timer;
  }

  async #tick(timer: ReturnType<typeof setTimeout>): Promise<void> {
    this.#due = Date.now() + this.#interval;
    const stop = await this.#beat();
    // Paused, and perhaps started again, in the meantime.
    if (this.#timer !== timer) return;
    if (stop === null) return this.#schedule(this.#interval);
    this.pause();
    this.onStop(stop);
  }

  /** Why to stop; null to go on. A server that cannot be reached, or fails, stops nobody: its grace decides. */
  async #beat(): Promise<PlayerError | null> {
    try {
      const response = await this.fetcher(new URL('/api/playback/heartbeat', this.base).href, {
        method: 'POST',
        headers: { Authorization: `Bearer ${this.token}`, 'Content-Type': 'application/json' },
        body: JSON.stringify(this.pulse()),
        cache: 'no-store',
        signal: AbortSignal.timeout(TIMEOUT),
      });
      if (response.status === 401 || response.status === 403) {
        return sessionError(response.status, await response.text());
      }
      const answer = response.ok ? parseAnswer(await response.json()) : null;
      if (answer === null) return null;
      this.#interval = answer.interval;
      return answer.stop === null ? null : new PlayerError(answer.stop, 'heartbeat');
    } catch {
      return null;
    }
  }
}
