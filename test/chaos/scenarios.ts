import type { Scenario } from './scenario.js';
import { crowdScenario } from './scenarios/crowd.scenario.js';
import { drainScenario } from './scenarios/drain.scenario.js';
import { edgeScenario } from './scenarios/edge.scenario.js';
import { fullScenario } from './scenarios/full.scenario.js';
import { killScenario } from './scenarios/kill.scenario.js';
import { leaversScenario } from './scenarios/leavers.scenario.js';
import { outageScenario } from './scenarios/outage.scenario.js';
import { slowScenario } from './scenarios/slow.scenario.js';

export const SCENARIOS: readonly Scenario[] = [
  killScenario,
  outageScenario,
  fullScenario,
  drainScenario,
  leaversScenario,
  slowScenario,
  crowdScenario,
  edgeScenario,
];
