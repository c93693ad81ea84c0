import { describe, expect, it } from '@jest/globals';
import { endpointAt } from './endpoint.js';
import { choicesOf, loweredCaps } from './output-cap.js';

describe('the choices of a request', () => {
  it.each([
    ['chat/completions', {}, 1, 1],
    ['chat/completions', { n: 3 }, 1, 3],
    ['chat/completions', { n: null, best_of: 9 }, 1, 1],
    ['completions', { n: 2, best_of: 5 }, 1, 5],
    ['completions', { n: 2 }, 3, 6],
    ['chat/completions', { n: 2 }, 3, 2],
    ['responses', { n: 4 }, 1, 1],
    ['embeddings', { n: 4 }, 1, 0],
    ['images/generations', { n: 2 }, 1, 2],
    ['audio/speech', {}, 1, 0],
  ])('of %s with %j and %d prompts are %d', (endpoint, body, promptCount, choices) => {
    expect(choicesOf(body, endpointAt(endpoint), promptCount)).toBe(choices);
  });

  it.each([0, -1, 1.5, '2', 1e300])('are refused where n is %p', n => {
    expect(() => choicesOf({ n }, endpointAt('chat/completions'), 1)).toThrow('n must be an integer of at least 1');
  });
});

describe('a lowered output cap', () => {
  it.each([
    ['chat/completions', {}, [['max_tokens', 7]]],
    ['chat/completions', { max_tokens: null }, [['max_tokens', 7]]],
    ['chat/completions', { max_tokens: 7 }, []],
    ['chat/completions', { max_completion_tokens: 50 }, [['max_completion_tokens', 7]]],
    ['chat/completions', { max_tokens: 5, max_completion_tokens: 50 }, [['max_completion_tokens', 7]]],
    [
      'chat/completions',
      { max_output_tokens: 50 },
      [
        ['max_output_tokens', 7],
        ['max_tokens', 7],
      ],
    ],
    ['completions', { max_tokens: 0 }, []],
    ['responses', { max_output_tokens: 50 }, [['max_output_tokens', 7]]],
    ['messages', { max_tokens: 50 }, [['max_tokens', 7]]],
    ['embeddings', { input: 'x' }, []],
    ['images/generations', { n: 2 }, []],
  ])('of %s with %j is set as %j', (endpoint, body, lowered) => {
    expect(loweredCaps(body, endpointAt(endpoint), 7)).toEqual(lowered);
  });
});
