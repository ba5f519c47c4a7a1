/**
 * What the player page and the scripts on customers' pages say to each other. The frame says `here` to its parent; the
 * parent answers with `hello` and a port, and hears `welcome` on it; from then on only the port is used. A version that is not ours is ignored.
 */

export const VERSION = 1;

export interface Here {
  readonly sealcast: typeof VERSION;
  readonly kind: 'here' | 'hello' | 'welcome';
}

export type Target = 'video' | 'api';

export interface Call {
  readonly id: number;
  readonly target: Target;
  readonly op: 'get' | 'set' | 'call';
  readonly name: string;
  readonly args: readonly unknown[];
}

export interface Answer {
  readonly id: number;
  readonly value?: unknown;
  /** A stable code where there is one, else a sentence. */
  readonly error?: string;
}

export interface Happening {
  readonly event: string;
  readonly target: Target;
  readonly detail?: unknown;
}

/** A message of the opening, of our version. */
export function isOpening(data: unknown, kind: Here['kind']): boolean {
  const message = data as Partial<Here> | null;
  return typeof message === 'object' && message?.sealcast === VERSION && message.kind === kind;
}

export function isCall(data: unknown): data is Call {
  const call = data as Partial<Call> | null;
  return (
    typeof call === 'object' &&
    typeof call?.id === 'number' &&
    (call.target === 'video' || call.target === 'api') &&
    (call.op === 'get' || call.op === 'set' || call.op === 'call') &&
    typeof call.name === 'string' &&
    Array.isArray(call.args)
  );
}
