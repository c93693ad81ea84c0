import { describe, expect, it } from '@jest/globals';
import type { ApiError } from '../platform/errors/index.js';
import { endpointAt } from './endpoint.js';
import { type ModelRequest, readModelRequest } from './model-request.js';

const read = (bytes: Buffer) => readModelRequest(bytes, { endpoint: endpointAt('chat/completions'), strict: false });
const parse = (body: unknown) => read(Buffer.from(JSON.stringify(body))) as ModelRequest;
const refusal = (bytes: Buffer): Partial<ApiError> => {
  try {
    void read(bytes);
  } catch (error) {
    return error as ApiError;
  }
  throw new Error('was accepted');
};

describe('the body of a model request', () => {
  it('names model, stream and the largest output cap', () => {
    const body = { model: 'simulator', stream: true, max_tokens: 10, max_completion_tokens: 30, max_output_tokens: 20 };
    expect(parse({ ...body, stream_options: { include_usage: true } })).toMatchObject({
      model: 'simulator',
      stream: true,
      outputCap: 30,
    });
  });

  it('needs nothing but a model', () => {
    expect(parse({ model: 'm' })).toMatchObject({
      settings: { model: 'm' },
      model: 'm',
      stream: false,
      outputCap: null,
    });
  });

  it('has no output cap where it is null', () => {
    expect(parse({ model: 'm', max_tokens: null }).outputCap).toBeNull();
  });

  it.each(['10', -1, 1.5, 1e308, {}, true])('is refused where an output cap is %p', cap => {
    for (const name of ['max_tokens', 'max_completion_tokens', 'max_output_tokens'])
      expect(refusal(Buffer.from(JSON.stringify({ model: 'm', [name]: cap })))).toMatchObject({
        status: 400,
        code: 'invalid_request',
        param: name,
      });
  });

  it('may leave the model to the path', () => {
    expect(parse({ messages: [] }).model).toBeUndefined();
  });

  it('is required', () => {
    expect(refusal(Buffer.alloc(0))).toMatchObject({
      status: 400,
      code: 'invalid_json',
      message: 'A JSON body is required',
    });
  });

  it.each([['{'], ['model'], ['{"model":"m"} x']])('is refused as JSON where it is %p', text => {
    expect(refusal(Buffer.from(text))).toMatchObject({ status: 400, code: 'invalid_json' });
  });

  it('is refused where its bytes are no UTF-8', () => {
    expect(refusal(Buffer.from([0x22, 0xff, 0x22]))).toMatchObject({ status: 400, code: 'invalid_json' });
  });

  it.each([[[]], [null], ['text'], [1]])('is refused where it is %p', body => {
    expect(refusal(Buffer.from(JSON.stringify(body)))).toMatchObject({ status: 400, code: 'invalid_request' });
  });

  it.each([[{ model: 1 }], [{ model: '' }], [{ model: null }], [{ model: ['m'] }]])(
    'is refused where its model is no name: %p',
    body => {
      expect(refusal(Buffer.from(JSON.stringify(body)))).toMatchObject({ status: 400, param: 'model' });
    },
  );

  it('is refused where stream is no boolean', () => {
    expect(refusal(Buffer.from('{"model":"m","stream":"yes"}'))).toMatchObject({ status: 400, param: 'stream' });
  });
});

describe('a body that could be read in two ways', () => {
  it.each([
    '{"model":"a","model":"b"}',
    '{"model":"a","\\u006dodel":"b"}',
    '{"model":"a","max_tokens":1,"max_tokens":9}',
  ])('is refused: %s', text => expect(() => read(Buffer.from(text))).toThrow('is named twice'));
  it('is refused where it begins with a byte order mark', () => {
    expect(() => read(Buffer.from('\uFEFF{"model":"a"}'))).toThrow('not valid JSON');
  });
});
