/** The session's watermark and what an embedding page adds to it, as the rest of the player sees them. */

import { PlayerError } from '../errors';
import type { Finding } from './computed';
import { watermarkItems, type WatermarkItem } from './items';
import { Watermark, type WatermarkReport } from './watermark';

export class Mark {
  /** Called once, after playback has ended. */
  onTampering: () => void = () => {};

  #session: readonly WatermarkItem[] = [];
  #added: readonly WatermarkItem[] = [];
  #watermark: Watermark | null = null;

  constructor(
    private readonly stage: HTMLElement,
    private readonly video: HTMLVideoElement,
    private readonly fail: (error: PlayerError) => void,
  ) {}

  get shown(): boolean {
    return this.#watermark !== null;
  }

  /** Before anything plays. Raises WATERMARK_MISSING. */
  async show(items: readonly WatermarkItem[]): Promise<void> {
    this.#session = items;
    await this.#draw();
  }

  /** Items of `annotate` beside the session's own, in place of those that were added before. Raises WATERMARK_MISSING. */
  async add(items: unknown): Promise<void> {
    this.#added = watermarkItems(items);
    await this.#draw();
  }

  /** For a heartbeat. */
  report(): { readonly watermark?: WatermarkReport } {
    return this.#watermark === null ? {} : { watermark: this.#watermark.report() };
  }

  async #draw(): Promise<void> {
    const items = [...this.#session, ...this.#added];
    if (items.length === 0 && this.#watermark === null) return;
    const onTampering = (finding: Finding): void => {
      this.fail(new PlayerError('WATERMARK_TAMPERED', finding));
      this.onTampering();
    };
    try {
      this.#watermark = await Watermark.over(this.stage, this.video, items, onTampering, this.#watermark);
    } catch {
      throw new PlayerError('WATERMARK_MISSING', 'image');
    }
  }
}
