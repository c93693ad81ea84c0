/** In which headers an upstream may want its key: as OpenAI and its like do (`Bearer`), Anthropic, Azure, and others. */
export const KEY_HEADERS = ['authorization', 'x-api-key', 'api-key', 'x-auth-token', 'x-goog-api-key'] as const;

/** Where credentials usually stand; they are for one side alone, in either direction. Names are lower case. */
export const CREDENTIALS: readonly string[] = [
  ...KEY_HEADERS,
  'cookie',
  'x-forwarded-authorization',
  'x-amz-security-token',
];
