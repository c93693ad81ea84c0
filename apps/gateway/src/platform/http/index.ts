export { ApiErrorFilter } from './api-error.filter.js';
export { createFastifyAdapter, readsOwnBody } from './fastify.adapter.js';
export { HttpModule } from './http.module.js';
export { lenientListQuerySchema, type Page, pageAmong, pageOf, pageQuerySchema, wholeListQuerySchema } from './page.js';
export { rawAnswerOf } from './protocol-error.js';
export { requestIdOf } from './request-id.js';
export { RouteTable } from './route-table.js';
