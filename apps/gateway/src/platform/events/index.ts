export { ChangeFeed } from './change-feed.service.js';
export { EventsModule } from './events.module.js';
