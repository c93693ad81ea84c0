export interface CallOptions {
  method?: string;
  /** Sent as `Authorization: Bearer`. */
  token?: string;
  /** Sent as JSON; a string is sent as it is. */
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** A whole answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  json<T>(): T;
}

export interface ErrorBody {
  error: { message: string; type: string; param: string | null; code: string };
}

/** Sends a request and hands out the answer at its headers. */
export function open(url: string, options: CallOptions = {}): Promise<Response> {
  const { token, body, headers, signal } = options;
  return fetch(url, {
    method: options.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    signal,
  });
}

export async function call(url: string, options: CallOptions = {}): Promise<Answer> {
  const response = await open(url, options);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: <T>() => JSON.parse(text) as T };
}

/** What the contract says of every error: its status, its one body shape, and the id under which the log has it. */
export function expectError(answer: Answer, status: number, error: Partial<ErrorBody['error']>): void {
  expect({ status: answer.status, body: answer.text }).toEqual({ status, body: expect.any(String) as string });
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  expect(answer.headers.get('x-request-id')).toMatch(/^[A-Za-z0-9._-]{1,128}$/);
  const body = answer.json<ErrorBody>();
  expect(Object.keys(body)).toEqual(['error']);
  expect(Object.keys(body.error).sort()).toEqual(['code', 'message', 'param', 'type']);
  expect(body.error).toMatchObject(error);
}
