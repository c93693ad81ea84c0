import type { Scenario } from './scenario.js';
import { crowdScenario } from './scenarios/crowd.scenario.js';
import { drainScenario } from './scenarios/drain.scenario.js';
import { killScenario } from './scenarios/kill.scenario.js';
import { leaversScenario } from './scenarios/leavers.scenario.js';
import { outageScenario } from './scenarios/outage.scenario.js';

export const SCENARIOS: readonly Scenario[] = [
  killScenario,
  outageScenario,
  drainScenario,
  leaversScenario,
  crowdScenario,
];
