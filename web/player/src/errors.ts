/** Everything that can end playback. Codes are part of the page's interface (`data-error-code`): added, never renamed. */

import { explain, type ErrorCode } from './i18n/messages';

export type { ErrorCode } from './i18n/messages';

export interface Explanation {
  readonly title: string;
  readonly advice: string;
  /** Whether trying again without a new link can help. */
  readonly retry: boolean;
}

const WORTH_ANOTHER_TRY: ReadonlySet<ErrorCode> = new Set([
  'WATERMARK_TAMPERED',
  'WATERMARK_MISSING',
  'LICENCE_UNAVAILABLE',
  'NETWORK',
  'OFFLINE',
  'STALLED',
  'SEGMENT_MISSING',
  'SERVICE_UNAVAILABLE',
  'DECODING_FAILED',
  'PLAYBACK_FAILED',
]);

/** `detail` is for support: numbers and status codes only, never addresses or tokens. */
export class PlayerError extends Error {
  constructor(
    readonly code: ErrorCode,
    readonly detail = '',
  ) {
    super(detail === '' ? code : `${code} (${detail})`);
    this.name = 'PlayerError';
  }

  get explanation(): Explanation {
    return { ...explain(this.code), retry: WORTH_ANOTHER_TRY.has(this.code) };
  }
}

/** What the API calls the same as this page: why a session was refused, or ended early. */
export const STOP_CODES = [
  'ENDED',
  'TAKEN_OVER',
  'TOO_MANY_STREAMS',
  'DEVICE_LIMIT',
  'DEVICE_BLOCKED',
  'DEVICE_RESET',
  'WATERMARK_MISSING',
] as const satisfies readonly ErrorCode[];

export type StopCode = (typeof STOP_CODES)[number];

/** The API's code for a session that was ended before its token expired. */
const SESSION_ENDED = 'SESSION_ENDED';

/** The stable code of an RFC 9457 problem; null when the body is something else. */
function problemCode(body: unknown): string | null {
  if (typeof body !== 'string') return null;
  try {
    const problem = JSON.parse(body) as { code?: unknown } | null;
    return typeof problem?.code === 'string' ? problem.code : null;
  } catch {
    return null;
  }
}

/** The answer of the session route, other than 200; `body` is its text. */
export function sessionError(status: number, body = ''): PlayerError {
  const detail = `HTTP ${status}`;
  const problem = problemCode(body);
  if (status === 401 || problem === SESSION_ENDED) return new PlayerError('SESSION_EXPIRED', detail);
  const stop = STOP_CODES.find((code) => code === problem);
  if (stop !== undefined) return new PlayerError(stop, detail);
  if (status === 403) return new PlayerError('SESSION_REFUSED', detail);
  if (status === 404 || status === 409 || status === 410) return new PlayerError('TITLE_UNAVAILABLE', detail);
  return new PlayerError('SERVICE_UNAVAILABLE', detail);
}

/** What the API's refusals of an OTP are called here; DEVICE_UNKNOWN cannot happen to this page. */
const REFUSALS = new Map<string | null, ErrorCode>([
  ['OTP_INVALID', 'OTP_INVALID'],
  ['OTP_EXPIRED', 'OTP_EXPIRED'],
  ['OTP_USED', 'OTP_USED'],
  ['DOMAIN_NOT_ALLOWED', 'DOMAIN_NOT_ALLOWED'],
  ['LOCATION_NOT_ALLOWED', 'LOCATION_NOT_ALLOWED'],
  ['GEOIP_UNAVAILABLE', 'LOCATION_NOT_ALLOWED'],
]);

/** The answer of the redeeming route, other than 200; `body` is its text. */
export function redemptionError(status: number, body: string): PlayerError {
  // What is in the link is all that we sent of our own accord: a request that is not valid is a link that is not.
  const refusal = status === 422 ? 'OTP_INVALID' : REFUSALS.get(problemCode(body));
  return refusal === undefined ? sessionError(status, body) : new PlayerError(refusal, `HTTP ${status}`);
}

/** What we read of a `shaka.util.Error`; see its Code enum for the numbers. */
export interface ShakaFault {
  readonly code: number;
  readonly category: number;
  readonly data: readonly unknown[];
}

const BAD_HTTP_STATUS = 1001;
const LICENCE_REQUEST_FAILED = 6007;
const NO_KEY_SYSTEM = new Set([4032, 4042, 6000, 6001, 6002, 6020]);
const DECODING = new Set([3014, 3015, 3016]);
const NO_KEY_FOR_ANY_TRACK = 4012;
const KEYS_EXPIRED = 6014;
const TIMEOUT = 1003;
const NETWORK_CATEGORY = 1;

function isFault(value: unknown): value is ShakaFault {
  return typeof value === 'object' && value !== null && 'code' in value && 'category' in value && 'data' in value;
}

/** HTTP status of a network fault; null when no answer came at all. Its data are address, status, body, headers. */
function statusOf(fault: ShakaFault): number | null {
  const status = fault.code === BAD_HTTP_STATUS ? fault.data[1] : null;
  return typeof status === 'number' ? status : null;
}

function licenceError(fault: ShakaFault): PlayerError {
  const cause = fault.data[0];
  const status = isFault(cause) ? statusOf(cause) : null;
  const ended = isFault(cause) && problemCode(cause.data[2]) === SESSION_ENDED;
  const detail = status === null ? String(fault.code) : `${fault.code}, HTTP ${status}`;
  if (status === 401 || ended) return new PlayerError('SESSION_EXPIRED', detail);
  if (status !== null && status < 500) return new PlayerError('LICENCE_REFUSED', detail);
  return new PlayerError('LICENCE_UNAVAILABLE', detail);
}

function mediaError(fault: ShakaFault): PlayerError {
  const status = statusOf(fault);
  if (status === null) return new PlayerError(fault.code === TIMEOUT ? 'STALLED' : 'NETWORK', String(fault.code));
  const detail = `${fault.code}, HTTP ${status}`;
  // Manifests and segments carry their permission, with its expiry, in the signed path.
  if (status === 401 || status === 403) return new PlayerError('SESSION_EXPIRED', detail);
  if (status === 404 || status === 410) return new PlayerError('TITLE_UNAVAILABLE', detail);
  return new PlayerError('SERVICE_UNAVAILABLE', detail);
}

/** Translate anything thrown or reported by Shaka Player, or by us. */
export function playbackError(thrown: unknown): PlayerError {
  if (thrown instanceof PlayerError) return thrown;
  if (!isFault(thrown)) return new PlayerError('PLAYBACK_FAILED', thrown instanceof Error ? thrown.name : '');
  const { code } = thrown;
  if (code === LICENCE_REQUEST_FAILED) return licenceError(thrown);
  if (code === NO_KEY_FOR_ANY_TRACK) return new PlayerError('LICENCE_REFUSED', String(code));
  if (code === KEYS_EXPIRED) return new PlayerError('SESSION_EXPIRED', String(code));
  if (NO_KEY_SYSTEM.has(code)) return new PlayerError('UNSUPPORTED_BROWSER', String(code));
  if (DECODING.has(code)) return new PlayerError('DECODING_FAILED', String(code));
  if (thrown.category === NETWORK_CATEGORY) return mediaError(thrown);
  return new PlayerError('PLAYBACK_FAILED', String(code));
}
