export type ApiErrorType =
  'invalid_request_error' | 'permission_error' | 'rate_limit_error' | 'insufficient_quota' | 'api_error';

export interface ApiErrorBody {
  error: { message: string; type: ApiErrorType; param: string | null; code: string };
}

export interface ApiErrorOptions {
  /** The field of the request that is at fault. */
  param?: string;
  /** Response headers that belong to this refusal, such as `retry-after`. */
  headers?: Record<string, string>;
  /** What led here; logged, never sent. */
  cause?: unknown;
}

/** The one error that crosses a module's boundary: what a caller is told, as a status and the contract's body. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly param: string | null;
  readonly headers: Record<string, string>;

  constructor(
    readonly status: number,
    readonly type: ApiErrorType,
    readonly code: string,
    message: string,
    options: ApiErrorOptions = {},
  ) {
    super(message, { cause: options.cause });
    this.param = options.param ?? null;
    this.headers = options.headers ?? {};
  }

  toBody(): ApiErrorBody {
    return { error: { message: this.message, type: this.type, param: this.param, code: this.code } };
  }
}
