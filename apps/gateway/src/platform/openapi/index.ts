export { ErrorResponses, MessagesErrorResponses } from './error-responses.js';
export { listOf } from './list.schema.js';
