// Asks the demo's own small applications.

const PATIENCE_MILLIS = 10_000;

/** What went wrong; `status` is HTTP's, 0 if there was no answer. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Posts fields as JSON and gives the answer's. */
export async function post(address, fields) {
  let response;
  let told;
  try {
    response = await fetch(address, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(fields),
      signal: AbortSignal.timeout(PATIENCE_MILLIS),
    });
    told = await response.json();
  } catch {
    throw new Refused(0, 'the server gives no answer');
  }
  if (!response.ok) {
    throw new Refused(response.status, told.detail ?? `the server answered ${response.status}`);
  }
  return told;
}
