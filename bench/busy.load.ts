import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { QUESTION } from './completion.answer.js';

/**
 * Sends that many requests, each connection's next one as soon as the one before is answered.
 * @throws Error where one is not answered with 200
 */
export async function loadWith(
  url: string,
  headers: Record<string, string>,
  { requests, connections }: { requests: number; connections: number },
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  let left = requests;
  const client = async (): Promise<void> => {
    while (left-- > 0) await ask(agent, url, headers);
  };
  await Promise.all(Array.from({ length: connections }, client));
  agent.destroy();
}

async function ask(agent: Agent, url: string, headers: Record<string, string>): Promise<void> {
  const asked = request(url, {
    agent,
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': QUESTION.length, ...headers },
  });
  asked.end(QUESTION);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  if (response.statusCode !== 200) throw new Error(`a request was answered with ${response.statusCode}`);
}
