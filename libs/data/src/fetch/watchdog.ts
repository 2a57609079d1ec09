/** Aborts when nothing comes for a while, or when the caller's signal does. */
export class Watchdog implements Disposable {
  readonly #controller = new AbortController();
  readonly #stallMs: number;
  readonly signal: AbortSignal;
  #timer: NodeJS.Timeout;

  constructor(stallMs: number, outer: AbortSignal | undefined) {
    this.#stallMs = stallMs;
    this.signal = outer === undefined ? this.#controller.signal : AbortSignal.any([this.#controller.signal, outer]);
    this.#timer = this.#start();
  }

  get hasStalled(): boolean {
    return this.#controller.signal.aborted;
  }

  feed(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #start(): NodeJS.Timeout {
    return setTimeout(() => this.#controller.abort(new Error(`nothing came for ${this.#stallMs} ms`)), this.#stallMs);
  }
}
