/** What the server refused, or what kept a request from being answered. */
export class PosthasteError extends Error {
  /**
   * @param {string} message what is wrong, and what would be right
   * @param {object} [facts]
   * @param {number} [facts.status] HTTP's; 0 if there was no answer
   * @param {string} [facts.code] the server's word for it
   * @param {string} [facts.latest] where a condition failed: the latest's id
   * @param {number} [facts.retryAfter] milliseconds that the server asks to wait
   * @param {unknown} [facts.cause]
   */
  constructor(message, { status = 0, code, latest, retryAfter, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'PosthasteError';
    this.status = status;
    this.code = code;
    this.latest = latest;
    this.retryAfter = retryAfter;
  }

  /** Whether the same request may succeed later. */
  get isTemporary() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** The error that an answer tells of; its body is read. */
export async function refusal(response) {
  const text = await response.text().catch(() => '');
  const type = response.headers.get('Content-Type') ?? '';
  const problem = type.startsWith('application/problem+json') ? parsed(text) : undefined;
  const seconds = Number(response.headers.get('Retry-After') ?? NaN);
  return new PosthasteError(problem?.detail ?? `the server answered ${response.status} (expected: a success)`, {
    status: response.status,
    code: problem?.code,
    latest: unquoted(response.headers.get('ETag')),
    retryAfter: seconds >= 0 ? seconds * 1000 : undefined,
    cause: problem === undefined ? text.slice(0, 500) || undefined : problem,
  });
}

/** Whether whoever refused was a Posthaste, and not something on the way to it. */
export function isOurs(error) {
  return error.code !== undefined || typeof error.cause?.detail === 'string';
}

/** An entity tag without its quotes. */
export function unquoted(etag) {
  return etag === null ? undefined : etag.replace(/^(W\/)?"(.*)"$/, '$2');
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
