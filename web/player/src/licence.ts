/** Licence requests carry the playback token; no other request of the player does. */

export interface OutgoingRequest {
  readonly uris: readonly string[];
  headers: Record<string, string>;
}

/**
 * A Shaka request filter. `licenceType` is Shaka's request type for licences. The token is only ever sent to the
 * licence server that the session named: a manifest could name another one.
 */
export function licenceAuthorisation(
  licenceUrl: string,
  token: string,
  licenceType: number,
): (type: number, request: OutgoingRequest) => void {
  return (type, request) => {
    if (type !== licenceType || !request.uris.every((uri) => uri === licenceUrl)) return;
    request.headers['Authorization'] = `Bearer ${token}`;
    request.headers['Content-Type'] = 'application/json';
  };
}
