export { BodiesModule } from './bodies.module.js';
export { BodyPace } from './body.pace.js';
export { BodyReader } from './body.reader.js';
export { deferContinue, waitsForContinue } from './expect-continue.js';
export { HeldBytes } from './held-bytes.js';
export { defaultInflightBytes } from './memory.limit.js';
export { hasUnreadBody, leaveUnreadBody } from './unread.body.js';
