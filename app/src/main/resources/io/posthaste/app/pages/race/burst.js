// The burst: the server's own feed publishes so many messages a second, as long as somebody asks for
// it. The wish has to be renewed, so that a page which is closed, or hidden, ends it.

const RENEW_MILLIS = 2000;

export class Burst {
  #rate = 0;
  #timer = 0;
  #hidden = false;
  #failed;

  /** @param failed told when the server cannot be asked */
  constructor(failed) {
    this.#failed = failed;
  }

  set rate(rate) {
    this.#rate = rate;
    this.#renew();
  }

  set hidden(hidden) {
    if (hidden !== this.#hidden) {
      this.#hidden = hidden;
      if (this.#rate > 0) {
        this.#renew();
      }
    }
  }

  async #renew() {
    clearTimeout(this.#timer);
    const rate = this.#hidden ? 0 : this.#rate;
    if (rate > 0) {
      this.#timer = setTimeout(() => this.#renew(), RENEW_MILLIS);
    }
    try {
      // The tab may be on its way out.
      await fetch(`/demo/burst?rate=${rate}`, { method: 'POST', keepalive: true });
    } catch {
      this.#failed();
    }
  }
}
