export { HealthModule } from './health.module.js';
export { Lifecycle } from './lifecycle.service.js';
export { HealthNotes } from './health-notes.service.js';
