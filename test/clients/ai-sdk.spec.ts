import { randomUUID } from 'node:crypto';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, embedMany, generateImage, generateText, Output, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';
import { ClientStage, failureOf } from '../support/client-stage.js';

const prompt = 'What is the capital of France?';
const answer = 'The capital of France is Paris.';
const model = 'simulator';
const PROVIDERS = ['openai-compatible', 'openai chat', 'openai responses'] as const;

describe('the AI SDK', () => {
  let stage: ClientStage;
  const openai = (apiKey = stage.apiKey) => createOpenAI({ baseURL: `${stage.url}/v1`, apiKey });
  const compatible = (apiKey = stage.apiKey) =>
    createOpenAICompatible({
      name: 'maas',
      baseURL: `${stage.url}/v1`,
      apiKey,
      includeUsage: true,
      supportsStructuredOutputs: true,
    });
  const modelOf = (provider: (typeof PROVIDERS)[number], id = model, apiKey?: string) => {
    if (provider === 'openai-compatible') return compatible(apiKey)(id);
    return provider === 'openai chat' ? openai(apiKey).chat(id) : openai(apiKey).responses(id);
  };
  const tagged = () => {
    const id = randomUUID();
    return { id, headers: { 'x-request-id': id } };
  };

  beforeAll(async () => {
    stage = await ClientStage.start();
  });

  afterAll(() => stage.dispose());

  describe.each(PROVIDERS)('with %s', provider => {
    it('generates text, with the tokens that the ledger has', async () => {
      const { id, headers } = tagged();
      const { text, usage } = await generateText({ model: modelOf(provider), prompt, headers });
      expect(text).toBe(answer);
      expect(usage).toMatchObject({ inputTokens: 10, outputTokens: 7 });
      expect(await stage.entry(id)).toMatchObject({ streamed: false, inputTokens: 10, outputTokens: 7 });
    });

    it('streams text, with the tokens that the ledger has', async () => {
      const { id, headers } = tagged();
      const result = streamText({ model: modelOf(provider), prompt: 'Tell me more.', maxOutputTokens: 30, headers });
      const pieces: string[] = [];
      for await (const piece of result.textStream) pieces.push(piece);
      expect(pieces.length).toBeGreaterThan(5);
      expect(await result.finishReason).toBe('length');
      const usage = await result.usage;
      expect(usage.outputTokens).toBe(30);
      expect(await stage.entry(id)).toMatchObject({
        streamed: true,
        outcome: 'completed',
        inputTokens: usage.inputTokens,
        outputTokens: 30,
        usageSource: 'reported',
      });
    });

    it.each([false, true])('runs a tool and is answered with its result (streamed: %s)', async streamed => {
      const { id, headers } = tagged();
      const weather = tool({
        description: 'The weather of a city',
        inputSchema: z.object({ city: z.string() }),
        execute: ({ city }) => `sunny in ${city}`,
      });
      const call = { model: modelOf(provider), prompt, tools: { weather }, stopWhen: stepCountIs(3), headers };
      const result = streamed ? streamText(call) : await generateText(call);
      expect(await result.text).toBe(answer);
      const steps = await result.steps;
      expect(steps[0]?.toolResults).toMatchObject([{ toolName: 'weather', output: 'sunny in example' }]);
      const told = steps.map(({ usage }) => [usage.inputTokens, usage.outputTokens]);
      const entries = await stage.entries(id, 2);
      expect(entries.map(entry => [entry.inputTokens, entry.outputTokens])).toEqual(told);
    });

    it('generates what fits a schema', async () => {
      const output = Output.object({ schema: z.object({ city: z.string(), people: z.int().min(1) }) });
      const result = await generateText({ model: modelOf(provider), prompt, output });
      expect(result.output).toEqual({ city: 'example', people: 1 });
    });

    it('gets an APICallError that says whether to ask again', async () => {
      const ask = (id: string, key?: string) =>
        failureOf(generateText({ model: modelOf(provider, id, key), prompt, maxRetries: 0 }));
      const forged = await ask(model, 'nonsense');
      expect(APICallError.isInstance(forged)).toBe(true);
      expect(forged).toMatchObject({ statusCode: 401, isRetryable: false, message: 'Invalid authentication token' });
      const denied = await ask('qwen3', await stage.keyOf('free-user'));
      expect(denied).toMatchObject({ statusCode: 403, message: 'Insufficient permissions for this model' });
      expect(await ask('nonesuch')).toMatchObject({ statusCode: 404, isRetryable: false });
    });
  });

  it('embeds', async () => {
    const { id, headers } = tagged();
    const values = ['France', 'the capital of France'];
    const { embeddings, usage } = await embedMany({ model: compatible().embeddingModel(model), values, headers });
    expect(embeddings.map(embedding => embedding.length)).toEqual([64, 64]);
    expect(await stage.entry(id)).toMatchObject({ endpoint: 'embeddings', inputTokens: usage.tokens });
  });

  it('gets a picture', async () => {
    const { image } = await generateImage({ model: compatible().imageModel(model), prompt: 'A cat' });
    expect(image.mediaType).toBe('image/png');
  });
});
