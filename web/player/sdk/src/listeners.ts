/** Who wants to hear of what. */

export type Listener = (event: { readonly type: string; readonly detail: unknown }) => void;

export class Listeners {
  readonly #all = new Map<string, Set<Listener>>();

  readonly add = (type: string, listener: Listener): void => {
    const listening = this.#all.get(type) ?? new Set();
    this.#all.set(type, listening.add(listener));
  };

  readonly remove = (type: string, listener: Listener): void => {
    this.#all.get(type)?.delete(listener);
  };

  tell(type: string, detail: unknown): void {
    for (const listener of [...(this.#all.get(type) ?? [])]) listener({ type, detail });
  }
}
