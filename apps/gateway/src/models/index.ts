export type { CatalogUpstream } from './catalog-model.js';
export { LimitHeadersInterceptor } from './limit-headers.interceptor.js';
export { ModelAccessGuard } from './model-access.guard.js';
export type { ModelRequest } from './model-request.js';
export { ModelsModule } from './models.module.js';
export { PublicUrl } from './public-url.js';
export { modelParam } from './model-param.js';
export { UpstreamAddresses } from './upstream-addresses.service.js';
