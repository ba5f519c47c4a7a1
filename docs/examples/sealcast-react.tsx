// A React component around @sealcast/player (React 18 or later).
import { useEffect, useRef, useState } from 'react';
import { SealcastPlayer } from '@sealcast/player';

interface Props {
  /** Where Sealcast's API is. */
  readonly server: string;
  readonly videoId: string;
  /** From your backend, which asks Sealcast for it. One OTP is good for one viewing. */
  readonly otp: string;
  readonly onEnded?: () => void;
}

export function Video({ server, videoId, otp, onEnded }: Props) {
  const container = useRef<HTMLDivElement>(null);
  const [error, setError] = useState<string | null>(null);

  useEffect(() => {
    const element = container.current;
    if (element === null) return;
    const player = new SealcastPlayer();
    let gone = false;
    const ended = () => onEnded?.();
    player.on('ended', ended);
    player
      .init({ server, container: element })
      .then(() => (gone ? undefined : player.load(videoId, otp)))
      .catch((reason: Error) => !gone && setError(reason.message));
    return () => {
      gone = true;
      player.off('ended', ended);
      element.replaceChildren();
    };
    // `onEnded` is left out on purpose: a new function must not load the video again.
  }, [server, videoId, otp]);

  return (
    <>
      <div ref={container} style={{ width: '100%', aspectRatio: '16 / 9' }} />
      {error !== null && <p role="alert">{error}</p>}
    </>
  );
}
