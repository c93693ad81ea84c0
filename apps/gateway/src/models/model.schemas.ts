import { z } from 'zod';
import type { CatalogModel } from './catalog-model.js';

const openAiFields = {
  id: z.string(),
  object: z.literal('model'),
  created: z.int().describe('Unix seconds'),
  owned_by: z.string(),
};
const openAiExample = { id: 'simulator', object: 'model', created: 1_795_430_400, owned_by: 'maas' };

export const openAiModelSchema = z.strictObject(openAiFields).meta({ example: openAiExample });
export type OpenAiModel = z.output<typeof openAiModelSchema>;

export const modelSchema = z
  .strictObject({
    ...openAiFields,
    name: z.string(),
    description: z.string(),
    url: z.string().describe('Where to send chat completions'),
    tier: z.string().describe('The lowest whose members may use it'),
    ready: z.boolean().describe('Whether a server is there to answer, as this replica sees it'),
    context_window: z.int().optional().describe('Tokens'),
    capabilities: z.array(z.string()).optional(),
  })
  .meta({
    example: {
      ...openAiExample,
      name: 'Simulator Model',
      description: 'Answers like a model without being one',
      url: 'https://gateway.your-domain.com/simulator/v1/chat/completions',
      tier: 'free',
      ready: true,
      capabilities: ['chat', 'completions'],
    },
  });
export type ModelOnTheWire = z.output<typeof modelSchema>;

export const openAiModelOf = ({ id, createdAt, ownedBy }: CatalogModel): OpenAiModel => ({
  id,
  object: 'model',
  created: Math.floor(createdAt.getTime() / 1000),
  owned_by: ownedBy,
});

export const modelOf = (model: CatalogModel, url: string, ready: boolean): ModelOnTheWire => ({
  ...openAiModelOf(model),
  name: model.name,
  description: model.description,
  url,
  tier: model.tierName,
  ready,
  ...(model.contextWindow === null ? {} : { context_window: model.contextWindow }),
  capabilities: model.capabilities,
});
