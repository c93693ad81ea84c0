import { endpointAt } from './endpoint.js';
import { readModelRequest } from './model-request.js';

const read = (body: string, path = 'responses') =>
  readModelRequest(Buffer.from(body), { endpoint: endpointAt(path), strict: false });

describe('a request to the Responses API', () => {
  it.each([
    '"background":1',
    '"background":"true"',
    '"background":"on"',
    '"background":true',
    '"background":{}',
    '"background":[]',
  ])('may not run in the background: %s', member => {
    expect(() => read(`{"model":"m","input":"x",${member}}`)).toThrow('in the background');
  });

  it.each([
    '"previous_response_id":"resp_1"',
    '"previous_response_id":1',
    '"conversation":"conv_1"',
    '"conversation":{"id":"conv_1"}',
    '"input":[{"type":"item_reference","id":"msg_1"}]',
    '"input":[{"type":"Item_Reference","id":"msg_1"}]',
    '"input":[{"type":"item\\u005freference","id":"msg_1"}]',
    '"input":[{"id":"msg_1"}]',
    '"input":[{"id":"msg_1","type":null}]',
    '"input":[{"id":"msg_1","type":1}]',
    '"input":[{"\\u0069d":"msg_1"}]',
    '"input":[{"role":"user","content":"x"},{"id":"msg_1"}]',
    '"input":[{"id":"msg_1","role":"user","content":"x"}]',
    '"input":[{}]',
  ])('may not refer to what is stored: %s', member => {
    expect(() => read(`{"model":"m",${member}}`)).toThrow(expect.objectContaining({ status: 404 }));
  });

  it.each([
    '"input":[{"type":"message","type":"item_reference","id":"msg_1"}]',
    '"input":[{"type":"message","Type":"item_reference","id":"msg_1"}]',
    '"input":[{"type":"message","ID":"msg_1"}]',
    '"input":{"id":"msg_1"}',
    '"Background":true',
    '"Previous_Response_Id":"x"',
  ])('may not be read in two ways: %s', member => {
    expect(() => read(`{"model":"m",${member}}`)).toThrow();
  });

  it.each([
    '"input":"text"',
    '"input":[{"role":"user","content":"x"}]',
    '"input":[{"role":"user","content":[{"type":"input_text","text":"x"}]}]',
    '"input":[{"type":"message","id":"msg_1","role":"assistant","content":[]},{"type":"function_call","id":"fc_1"}]',
    '"input":"x","background":false,"previous_response_id":null,"conversation":null',
    '"input":[{"role":"user","content":"x","type":"message"}],"tools":[{"type":"function","name":"item_reference"}]',
  ])('may have %s', member => {
    expect(read(`{"model":"m",${member}}`)).toMatchObject({ model: 'm' });
  });

  it('is the only one that is checked so', () => {
    expect(read('{"model":"m","input":[{"id":"x"}],"background":true}', 'embeddings')).toMatchObject({ model: 'm' });
  });
});
