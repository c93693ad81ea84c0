export { Direct } from './direct.decorator.js';
export { DirectModule } from './direct.module.js';
export { DirectRoutes } from './direct-routes.service.js';
