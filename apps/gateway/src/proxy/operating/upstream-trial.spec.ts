import { toldBy, trialOf, withoutSecrets } from './upstream-trial.js';

describe('the trial of an upstream', () => {
  it.each<[string, string[], string[], string | undefined]>([
    ['a chat, where the model can', [], ['completions', 'chat'], 'chat/completions'],
    ['what the model can do', [], ['embeddings'], 'embeddings'],
    ['what the upstream understands', ['rerank', 'score'], ['chat'], 'rerank'],
    ['nothing, where all is dear', ['images/generations'], ['chat'], undefined],
    ['nothing, where the model can do nothing that is known', [], ['audio'], undefined],
  ])('is %s', (_what, endpoints, capabilities, expected) => {
    expect(trialOf(endpoints, capabilities)?.endpoint).toBe(expected);
  });

  it.each([
    ['{"model":"m","choices":[]}', { model: 'm' }],
    ['{"error":{"message":"too long"}}', { message: 'too long' }],
    ['{"error":"not found"}', { message: 'not found' }],
    ['{"detail":"Not Found"}', { message: 'Not Found' }],
    ['<html>', {}],
    ['null', {}],
    ['[]', {}],
  ])('hears of %s what it says', (text, told) => {
    expect(toldBy(text)).toEqual(told);
  });

  it('repeats no credential, whoever tells it', () => {
    const headers = { authorization: 'Bearer sk-secret', 'x-api-key': 'another-key', 'x-team': 'a' };
    expect(withoutSecrets('sk-secret is not another-key of a team', headers)).toBe('*** is not *** of a team');
  });
});
