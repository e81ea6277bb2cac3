import type { Deployment } from '../deploy/deploy.js';
import { messageOf, RunError } from '../errors.js';
import { pause } from '../pause.js';
import type { Web } from '../ports.js';
import { seconds, type Progress } from '../progress.js';
import type { CheckResult, Evidence } from './check.js';
import { judge } from './judge.js';

/** An application whose API is not known here: it must answer; what it answers its own tests know. */
export interface Application {
  deployment: Pick<Deployment, 'apiUrl' | 'uiUrl' | 'rolledOut' | 'workloads'>;
  /** Path that answers well when it is up; empty: any answer but an error of the server will do. */
  healthPath: string;
  /** There are no tests of its own: green says little then. */
  isAllThatIsAsked: boolean;
}

export interface ApplicationMeans {
  web: Web;
  progress: Progress;
  signal: AbortSignal;
  /** Takes the results. */
  checks: CheckResult[];
}

/** How long an application that is rolled out may take to answer, and between two looks, in ms: not all have a probe. */
const PATIENCE_MS = 30_000;
const LOOK_MS = 500;

/** @throws RunError of the rollout, or of what does not answer */
export async function assertApplication(
  { deployment: { apiUrl, uiUrl, rolledOut, workloads }, healthPath, isAllThatIsAsked }: Application,
  means: ApplicationMeans,
): Promise<void> {
  await rolledOut;
  const warning = isAllThatIsAsked ? LITTLE : '';
  await means.progress.stage('checks', async () => {
    // the verdict of a chart whose Services nobody named, too
    const got = workloads?.() === 0 ? 'there is no workload' : 'all are';
    const evidence = { expected: 'every workload available', got, ...(warning && { warning }) };
    const onResult = (result: CheckResult) => means.checks.push(result);
    await judge({ name: 'app-rollout', hop: 'application' }, () => Promise.resolve(evidence), onResult, means.signal);
    const health = { name: 'app-health', below: healthPath ? 400 : 500, warning };
    if (apiUrl) await look(health, `${apiUrl}${healthPath || '/'}`, means);
    if (uiUrl) await look({ name: 'app-ui', below: 400, warning: '' }, `${uiUrl}/`, means);
  });
}

/** What is looked at: an answer with a status below this; and what its reader should know although it passed. */
interface Look {
  name: string;
  below: number;
  warning: string;
}

const LITTLE = 'nothing but this was asked of it: say by test-command what it must do';

async function look({ name, below, warning }: Look, url: string, means: ApplicationMeans): Promise<void> {
  const hop = name === 'app-ui' ? 'UI' : 'application';
  const onResult = (result: CheckResult) => {
    means.checks.push(result);
    const { verdict, ms, evidence, cause } = result;
    means.progress.say('checks', `${verdict} ${name} (${seconds(ms)}): ${evidence?.got ?? cause}`);
  };
  const work = async () => ({ ...(await awaitAnswer(url, below, hop, means)), ...(warning && { warning }) });
  await judge({ name, hop }, work, onResult, means.signal);
}

async function awaitAnswer(
  url: string,
  below: number,
  hop: 'application' | 'UI',
  { web, signal }: ApplicationMeans,
): Promise<Evidence> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const got = await web.get(url).then(
      ({ status }) => ({ ok: status < below, said: `HTTP ${status}` }),
      (error: unknown) => ({ ok: false, said: messageOf(error) }),
    );
    if (got.ok) return { expected: `an answer below HTTP ${below}`, got: got.said };
    if (Date.now() > until)
      throw new RunError(
        hop === 'UI' ? 'E_UI' : 'E_APPLICATION',
        hop,
        `${hop === 'UI' ? 'the user interface' : 'the application'} does not answer well at ${new URL(url).pathname}: ${got.said}`,
        'Read its log below; check the port of its Service, and health-path.',
      );
    await pause(LOOK_MS, signal);
  }
}
