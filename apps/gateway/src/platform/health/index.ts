export { HealthModule } from './health.module.js';
export { FAREWELL_MS, Lifecycle, type RunningWork } from './lifecycle.service.js';
export { HealthNotes } from './health-notes.service.js';
