// Publishers of the demo number the messages of each of their runs. So whoever reads can tell by himself that one was
// heard twice, out of order or never: counted, and not just hoped to be absent.

export class Numbers {
  repeated = 0;
  lost = 0;
  #last = new Map(); // run -> the number of its last message

  /** @param data what a message says; one without numbers tells nothing */
  check(data) {
    if (!data?.run || !data.n) {
      return;
    }
    const last = this.#last.get(data.run);
    if (last !== undefined && data.n <= last) {
      this.repeated += 1;
      return;
    }
    if (last !== undefined) {
      this.lost += data.n - last - 1;
    }
    this.#last.set(data.run, data.n);
  }

  /** What comes next may follow anything. */
  forget() {
    this.#last.clear();
  }

  get faulty() {
    return this.repeated > 0 || this.lost > 0;
  }

  get text() {
    return this.faulty ? `${this.lost} lost, ${this.repeated} repeated or out of order` : 'none lost, none twice';
  }
}
