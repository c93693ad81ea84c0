export type { CatalogModel, CatalogUpstream, ModelPrices } from './catalog-model.js';
export { Catalog, SIMULATOR_URL } from './catalog.service.js';
export { ModelAccessGuard } from './model-access.guard.js';
export { type ModelRequest, parseModelRequest } from './model-request.js';
export { ModelsModule } from './models.module.js';
export { seedModels } from './models.seed.js';
export { PublicUrl } from './public-url.js';
