import { join } from 'node:path';

/** What a newcomer pastes to see an answer stream: the guide's way, with a demo identity. */
export function bannerOf(url: string, dataDir: string): string {
  const identities = join(dataDir, 'identities.json');
  return `
maas-gateway is ready at ${url}   (API documentation: ${url}/docs)

  Demo identities are in ${identities}. Paste this to stream an answer:

  IDENTITY=$(node -p 'JSON.parse(fs.readFileSync("${identities}")).identities.find(i => i.username === "premium-user").token')
  TOKEN=$(curl -sS -X POST -H "Authorization: Bearer $IDENTITY" ${url}/maas-api/v1/tokens | node -p 'JSON.parse(fs.readFileSync(0)).token')
  curl -sS ${url}/maas-api/v1/models -H "Authorization: Bearer $TOKEN"
  curl -sSN ${url}/simulator/v1/chat/completions -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\
    -d '{"model": "simulator", "messages": [{"role": "user", "content": "Hello, how are you?"}], "max_tokens": 50, "stream": true}'

`;
}
