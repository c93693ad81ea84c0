/** What the upstream answers: a chat completion with its usage, 294 bytes. */
export const ANSWER =
  '{"id":"chatcmpl-123","object":"chat.completion","created":1677652288,"model":"bench","choices":[{"index":0,' +
  '"message":{"role":"assistant","content":"Hello! I am doing well, thank you for asking."},"finish_reason":"stop"}],' +
  '"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21}}';

/** What is asked. */
export const QUESTION =
  '{"model":"bench","messages":[{"role":"user","content":"Hello, how are you?"}],"max_tokens":100}';
