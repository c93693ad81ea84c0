const ANTHROPIC_TYPES = new Map([
  [401, 'authentication_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [529, 'overloaded_error'],
]);

/** An error of the API. */
export class SimulatorError extends Error {
  override readonly name = 'SimulatorError';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly param: string | null = null,
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
  }

  /** In OpenAI's shape. */
  get body() {
    const type = this.status >= 500 ? 'api_error' : this.status === 429 ? 'rate_limit_error' : 'invalid_request_error';
    return { error: { message: this.message, type, param: this.param, code: this.code } };
  }

  /** In Anthropic's shape, which has neither a field's name nor a code. */
  get anthropicBody() {
    const general = this.status >= 500 ? 'api_error' : 'invalid_request_error';
    return { type: 'error', error: { type: ANTHROPIC_TYPES.get(this.status) ?? general, message: this.message } };
  }
}
