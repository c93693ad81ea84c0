import type { DatabaseService } from '../platform/database/index.js';
import { lockCatalog, seedTiers } from '../tiers/index.js';

const UPSTREAM = { url: 'simulator:', features: ['include_usage', 'continuous_usage_stats'], healthPath: '/health' };

const TEXT = ['chat', 'completions', 'responses', 'messages', 'tokenize'];

/** The guide's two, both served by the bundled simulator, which can do all that there is. */
const MODELS = [
  {
    id: 'simulator',
    name: 'Simulator Model',
    description: 'Answers like a model without being one',
    tierName: 'free',
    capabilities: [...TEXT, 'embeddings', 'rerank', 'score', 'images', 'speech', 'transcriptions'],
  },
  {
    id: 'qwen3',
    name: 'Qwen3 Model',
    description: 'The model of the guide, played by the simulator',
    tierName: 'premium',
    capabilities: TEXT,
  },
];

/** Makes the guide's two models where there are none at all and their tiers exist. */
export async function seedModels(database: DatabaseService): Promise<void> {
  await seedTiers(database);
  await database.$transaction(async transaction => {
    await lockCatalog(transaction);
    if ((await transaction.model.count()) > 0) return;
    for (const model of MODELS) {
      if ((await transaction.tier.count({ where: { name: model.tierName } })) === 0) continue;
      await transaction.model.create({ data: { ...model, upstreams: { create: UPSTREAM } } });
    }
  });
}
