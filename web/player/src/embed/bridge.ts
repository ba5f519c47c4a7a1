/** The frame's end of the conversation with the page that embeds it. */

import { isCall, isOpening, VERSION, type Answer, type Call, type Happening, type Target } from './protocol';

export type Serve = (call: Call) => unknown;

export class Bridge {
  #ports: MessagePort[] = [];

  /** `origin` is the embedding page's where the browser tells it, else empty: who may embed, the page's CSP says. */
  constructor(
    private readonly view: Window,
    private readonly origin: string,
    private readonly serve: Serve,
  ) {
    if (view.parent === view) return;
    view.addEventListener('message', (event) => this.#onMessage(event));
    view.parent.postMessage({ sealcast: VERSION, kind: 'here' }, origin === '' ? '*' : origin);
  }

  tell(target: Target, event: string, detail?: unknown): void {
    const happening: Happening = { target, event, detail };
    for (const port of this.#ports) port.postMessage(happening);
  }

  #onMessage(event: MessageEvent): void {
    const [port] = event.ports;
    const ofParent = event.source === this.view.parent && (this.origin === '' || event.origin === this.origin);
    if (!ofParent || port === undefined || !isOpening(event.data, 'hello')) return;
    port.onmessage = ({ data }) => void this.#answer(port, data);
    this.#ports.push(port);
    port.postMessage({ sealcast: VERSION, kind: 'welcome' });
  }

  async #answer(port: MessagePort, data: unknown): Promise<void> {
    if (!isCall(data)) return;
    const { id } = data;
    let answer: Answer;
    try {
      answer = { id, value: await this.serve(data) };
    } catch (thrown) {
      answer = { id, error: thrown instanceof Error ? thrown.message : String(thrown) };
    }
    port.postMessage(answer);
  }
}
