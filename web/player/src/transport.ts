/** The acts of a viewer on the <video>, within its bounds. */

const HARMLESS = new Set(['AbortError', 'NotAllowedError']);

export class Transport {
  constructor(private readonly video: HTMLVideoElement) {}

  /** A refused or interrupted start leaves the video paused, with its big button; that is not a fault. */
  async play(): Promise<void> {
    try {
      await this.video.play();
    } catch (thrown) {
      if (!(thrown instanceof DOMException && HARMLESS.has(thrown.name))) throw thrown;
    }
  }

  togglePlay(): void {
    if (this.video.paused) void this.play();
    else this.video.pause();
  }

  seekTo(seconds: number): void {
    if (!Number.isFinite(this.video.duration)) return;
    this.video.currentTime = Math.min(this.video.duration, Math.max(0, seconds));
  }

  seekBy(seconds: number): void {
    this.seekTo(this.video.currentTime + seconds);
  }

  seekToFraction(fraction: number): void {
    this.seekTo(fraction * this.video.duration);
  }

  toggleMute(): void {
    this.video.muted = !this.video.muted;
  }

  /** 0 to 1. */
  setVolume(volume: number): void {
    this.video.volume = Math.min(1, Math.max(0, volume));
    this.video.muted = this.video.volume === 0;
  }

  changeVolume(step: number): void {
    this.setVolume(this.video.volume + step);
  }
}
