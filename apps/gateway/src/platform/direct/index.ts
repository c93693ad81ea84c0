export { Direct } from './direct.decorator.js';
export type { DirectAnswer } from './direct-answer.js';
export { DirectDoor } from './direct-door.service.js';
export { DirectModule } from './direct.module.js';
