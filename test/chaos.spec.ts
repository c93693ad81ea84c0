import { PostgresServer } from './support/postgres-server.js';
import { Random } from './chaos/random.js';
import { SHORT } from './chaos/scenario.js';
import { SCENARIOS } from './chaos/scenarios.js';

const SEED = 20_261_123;

// The short form of `npm run test:chaos`, which runs the same scenarios for longer and with a seed of your choice.
describe('the gateway', () => {
  let postgres: PostgresServer;

  beforeAll(async () => {
    postgres = await PostgresServer.create();
  });

  afterAll(() => postgres.dispose());

  it.each(SCENARIOS.map(scenario => [scenario.title, scenario] as const))(
    '%s',
    async (_title, scenario) => {
      const said: string[] = [];
      const findings = await scenario.run({
        scale: SHORT,
        random: new Random(SEED),
        postgres,
        say: line => void said.push(line),
      });
      expect({ findings: findings.all, said }).toEqual({ findings: [], said });
    },
    180_000,
  );
});
