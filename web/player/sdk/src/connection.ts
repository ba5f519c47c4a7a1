/** The embedding page's end of the conversation with the player in a frame. */

import { isOpening, VERSION, type Answer, type Call, type Happening, type Target } from '../../src/embed/protocol';
import { Listeners } from './listeners';

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export class Connection {
  readonly video = new Listeners();
  readonly api = new Listeners();
  #port: MessagePort | null = null;
  #arrivals: (() => void)[] = [];
  #last = 0;
  /** Calls that were made before the frame could answer. */
  #unsent: Call[] = [];
  readonly #waiting = new Map<number, Waiting>();

  constructor(private readonly frame: HTMLIFrameElement) {
    window.addEventListener('message', (event) => {
      // A page that loads anew (loadVideo, a retry) says so again, and gets another port.
      if (event.source === frame.contentWindow && event.origin === this.#origin && isOpening(event.data, 'here')) this.#open();
    });
    // Said before this script was there, perhaps.
    if (hasLeftBlank(frame)) this.#open();
  }

  async call(target: Target, op: Call['op'], name: string, ...args: unknown[]): Promise<unknown> {
    this.#last += 1;
    const call: Call = { id: this.#last, target, op, name, args };
    return new Promise((resolve, reject) => {
      this.#waiting.set(call.id, { resolve, reject });
      if (this.#port === null) this.#unsent.push(call);
      else this.#port.postMessage(call);
    });
  }

  /** Resolves when the page in the frame has loaded anew. Ask before it does. */
  async arrival(): Promise<void> {
    return new Promise((resolve) => this.#arrivals.push(resolve));
  }

  get #origin(): string {
    return new URL(this.frame.src, window.location.href).origin;
  }

  #open(): void {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => (isOpening(data, 'welcome') ? this.#use(port1) : this.#hear(data as Answer | Happening));
    this.frame.contentWindow?.postMessage({ sealcast: VERSION, kind: 'hello' }, this.#origin, [port2]);
  }

  #use(port: MessagePort): void {
    this.#port?.close();
    this.#port = port;
    for (const call of this.#unsent.splice(0)) port.postMessage(call);
    for (const arrived of this.#arrivals.splice(0)) arrived();
  }

  #hear(message: Answer | Happening): void {
    if ('event' in message) return this[message.target].tell(message.event, message.detail);
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.error === undefined) waiting?.resolve(message.value);
    else waiting?.reject(new Error(message.error));
  }
}

/** Before that, its window is of our own origin, and a message for the player's would be refused with an error. */
function hasLeftBlank(frame: HTMLIFrameElement): boolean {
  try {
    return frame.contentWindow !== null && frame.contentWindow.location.href !== 'about:blank';
  } catch {
    return true; // another origin's
  }
}
