// Breaks the checks by hand, one mutant at a time in a copy of the tree, and runs the unit tests that should notice.
// Usage: npm run mutants [-- [--record] [NAME…]]
//   --record writes docs/mutants.md; NAME: only rows whose name holds it, the others stay as recorded
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { amended } from '../e2e/table.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What is broken, where, what stands there and what takes its place, and the tests that must go red. */
const MUTANTS = [
  [
    'zero results accepted',
    'search.ts',
    'if (hits.length > 0) return hits;',
    'if (hits.length >= 0) return hits;',
    'search',
  ],
  [
    'an error of the search swallowed',
    'search.ts',
    'if (!(error instanceof RunError)) throw error;\n    const { code, hop }',
    "if (error) return new RunError('E_RETRIEVAL', 'run', found, RESTART);\n    const { code, hop }",
    'search',
  ],
  [
    'recall: the hit need not hold the fact',
    'checks/retrieval.ts',
    'says(text, answer)',
    'text.length > 0',
    'check-retrieval',
  ],
  [
    'recall: comparison flipped',
    'checks/retrieval.ts',
    'measured.recall5 < least.recall5',
    'measured.recall5 > least.recall5',
    'check-retrieval',
  ],
  ['recall@1: no floor', 'checks/retrieval.ts', 'measured.recall1 < least.recall1 || ', '', 'check-retrieval'],
  ['MRR: no floor', 'checks/retrieval.ts', ' || measured.mrr < least.mrr', '', 'check-retrieval'],
  ['rank counted from 0', 'checks/retrieval.ts', 'index + 1', 'index', 'check-retrieval'],
  [
    'chunks of other files pass',
    'checks/retrieval.ts',
    'if (misfiled[0] !== undefined)',
    'if (misfiled.length < 0)',
    'check-retrieval',
  ],
  [
    'the random word not used',
    'checks/chat.ts',
    '`Repeat this word: ${word}`',
    "'Repeat this word: hello'",
    'check-chat.',
  ],
  [
    'any answer passes',
    'checks/chat.ts',
    'says(answer.text, word) ? undefined',
    'answer.text !== word.repeat(9) ? undefined',
    'check-chat.',
  ],
  ['a part of a number passes', 'matchers.ts', '(?<![\\\\p{L}\\\\p{N}])', '', 'matchers'],
  [
    'a limit that is not heeded passes',
    'checks/chat-limit.ts',
    'says(text, last) || tokens > MOST_TOKENS',
    'false',
    'check-chat-limit',
  ],
  ['JSON that is no object passes', 'matchers.ts', 'isRecord(value) && ', '', 'check-chat-json'],
  [
    'JSON without the random word passes',
    'checks/chat-json.ts',
    'saysInJson(answer.text, word)',
    "answer.text.startsWith('{')",
    'check-chat-json',
  ],
  [
    'a call without the random word passes',
    'checks/chat-tool.ts',
    ' && saysInJson(given, word)',
    '',
    'check-chat-tool',
  ],
  ['the call of another tool passes', 'checks/chat-tool.ts', 'name === NAME && ', '', 'check-chat-tool'],
  [
    'paraphrase: comparison flipped',
    'checks/embeddings.ts',
    '!(paraphrase > unrelated)',
    '!(paraphrase < unrelated)',
    'check-embeddings',
  ],
  [
    'paraphrase: equal is near enough (constant vectors)',
    'checks/embeddings.ts',
    '!(paraphrase > unrelated)',
    '!(paraphrase >= unrelated)',
    'check-embeddings',
  ],
  [
    'vectors of another dimension pass',
    'checks/embeddings.ts',
    'vector.length !== model.dimension',
    'vector.length === 0',
    'check-embeddings',
  ],
  ['an unstable embedding passes', 'checks/embeddings.ts', '!(same > SAME)', 'false', 'check-embeddings'],
  ['a lost sentence passes', 'checks/files.ts', 'if (lost !== undefined)\n', 'if (lost === "")\n', 'check-files'],
  ['one chunk is several', 'checks/files.ts', 'found.length < chunks', 'found.length < 1', 'check-files'],
  [
    'a failed file passes',
    'stack/stores.ts',
    "member(attached, 'status') !== 'completed'",
    "member(attached, 'status') === 'cancelled'",
    'stack',
  ],
  [
    'hits of an empty store pass',
    'checks/empty-store.ts',
    'if (hit)',
    'if (!hit && storeId === "")',
    'check-empty-store',
  ],
  [
    'a filter that is ignored passes',
    'checks/metadata-filter.ts',
    '!== value',
    '=== undefined',
    'check-metadata-filter',
  ],
  [
    'the negative control asks with the document',
    'checks/negative-control.ts',
    'asking(`${question} Answer',
    'asking(`${context.corpus.first.sentence} Answer',
    'check-negative-control',
  ],
  [
    'the negative control never fails',
    'checks/negative-control.ts',
    'says(said, answer) ?',
    'says(said, answer + answer) ?',
    'check-negative-control',
  ],
  [
    'the answer need not hold the fact',
    'checks/rag-chat.ts',
    'says(said, answer)',
    'said.length > 0',
    'check-rag-chat',
  ],
  [
    'a response without a search passes',
    'checks/rag-responses.ts',
    'if (!response.searched) await',
    'if (response.searched && !response.searched) await',
    'check-rag-responses',
  ],
  [
    'the citation of another file passes',
    'checks/rag-responses.ts',
    'if (cited.includes(fileId)) return {};',
    'if (cited.length > 0) return {};',
    'check-rag-responses',
  ],
  [
    'no citation is no warning',
    'checks/rag-responses.ts',
    "{ warning: 'the answer cites no file' }",
    '{}',
    'check-rag-responses',
  ],
  [
    'an invented value passes',
    'checks/unanswerable.ts',
    'planted.find((value) => says(said, value))',
    'planted.find((value) => said === value)',
    'check-unanswerable',
  ],
  ['a deleted file may be found', 'checks/deleted-file.ts', ' || count(after) > 0', '', 'check-deleted-file'],
  [
    'the file is not deleted',
    'checks/deleted-file.ts',
    'await stores.remove(storeId, fileId);',
    '',
    'check-deleted-file',
  ],
  [
    'the old answer passes',
    'checks/counterfactual.ts',
    'if (says(said, first.answer))',
    'if (says(said, first.answer) && !says(said, first.answer))',
    'check-counterfactual',
  ],
  [
    'the fact is not changed',
    'checks/counterfactual.ts',
    'context.inventor.number()',
    'context.corpus.first.answer',
    'check-counterfactual',
  ],
  ['mixed-up answers under load pass', 'checks/load.ts', 'says(answer.text, word)\n', 'answer.text\n', 'check-load'],
  [
    'an error on the page of the UI passes',
    'checks/ui-session.ts',
    'if (errors[0] !== undefined)',
    'if (errors[0] === "")',
    'check-ui-session',
  ],
  [
    'a page without the model is no warning',
    'checks/ui-session.ts',
    'text.includes(id)',
    'text.length > 0',
    'check-ui-session',
  ],
  [
    'a wrong answer is asked for again',
    'ask.ts',
    'const answer = await model[by](request);\n',
    'let answer = await model[by](request);\n    if (wrong(answer)) answer = await model[by](request);\n',
    'ask|check-chat.',
  ],
  [
    '"not offered" without asking the service',
    'ask.ts',
    'const direct = await directly(service, feature, what);\n',
    "const direct: Trial = { wrong: 'x', refused: service === chat };\n",
    'ask',
  ],
  ['a refused key depends on the request', 'ask.ts', '[401, 403].includes(status)', 'status === 0', 'ask|check-chat'],
  [
    'the service is not asked whose fault it is',
    'locate.ts',
    'if (direct) {',
    'if (direct && direct.hop === "UI") {',
    'locate',
  ],
  [
    'a failed need does not block',
    'runner.ts',
    "verdict === 'failed' || verdict === 'blocked'",
    "verdict === 'blocked'",
    'runner',
  ],
  ['an answer is tried again', '../maas/calls.ts', ': PASSING.includes(status);', ': true;', 'calls'],
  ['a limit is not held for all', '../maas/calls.ts', 'if (isRateLimit(error)) pace.holdOff(ms);', '', 'calls'],
  ['retries have no budget', '../maas/calls.ts', 'budget.take()', 'true', 'calls'],
  ['a spent quota is waited for', '../maas/calls.ts', 'return !isQuotaSpent(failure);', 'return true;', 'calls'],
  [
    'a limit of an hour is waited for',
    '../maas/calls.ts',
    'if (asked > LONGEST_WAIT_MS) return undefined;',
    '',
    'calls',
  ],
  [
    'a refused key is excused by auto',
    '../maas/service-error.ts',
    "= [\n  'E_RATE_LIMITED',",
    "= [\n  'E_AUTH',",
    'service-error',
  ],
  [
    'a check that asks a model passes without one',
    'runner.ts',
    "throw new NotApplicable('the model is not tested');",
    "return { expected: '', got: '' };",
    'runner',
  ],
  ['one restart is a crash loop', '../deploy/rollout/containers.ts', 'restarts < 2', 'restarts < 1', 'rollout-trouble'],
  [
    'a stale mount event counts',
    '../deploy/rollout/rules.ts',
    " && events.lastReason(pod) === 'FailedMount'",
    '',
    'rollout-events',
  ],
  [
    'any line that says 401 accuses the key',
    '../deploy/rollout/blame.ts',
    ' || !line.includes(new URL(service).host)',
    '',
    'blame',
  ],
  [
    "somebody else's cluster is a leftover",
    '../provision/cluster.ts',
    'if ((await markerOf(name, commands)) === undefined)',
    'if (false)',
    'cluster',
  ],
  [
    "a live job's cluster is a leftover",
    '../provision/cluster.ts',
    'if (alive === true) throw',
    'if (false) throw',
    'cluster',
  ],
  [
    'Secrets of the chart are kept',
    '../deploy/without-secrets.ts',
    'if (/^Secret(List)?$/.test',
    'if (/^NoSecret$/.test',
    'without-secrets',
  ],
  ['the pace lets one more through', '../maas/pace.ts', '<= limit', '<= limit + 1', 'pace'],
  [
    'the mask of a stream is forgotten',
    '../secrets/redact.ts',
    'const kept = Math.max(0, until - CONTEXT);',
    'const kept = until;',
    'redact',
  ],
  ['a stream holds nothing back', '../secrets/redact.ts', 'this.text.length - REACH;', 'this.text.length;', 'redact'],
  [
    'every other block is looked at',
    '../secrets/fragment-table.ts',
    'block += BLOCK) {',
    'block += 2 * BLOCK) {',
    'redact',
  ],
  [
    'capital letters hide a key',
    '../secrets/fragment-table.ts',
    '(code >= 0x41 && code <= 0x5a ? code | 0x20 : code)',
    'code',
    'redact',
  ],
  ['double base64 is not known', '../secrets/forms.ts', '...encoded, ...twice,', '...encoded,', 'redact'],
  ['escapes are not undone', '../secrets/key-finder.ts', ', ...regionsOf(text).flatMap(undoneViews)]', ']', 'redact'],
  ['a number is not known as the key', '../secrets/forms.ts', ', ...numbersOf(secret)]', ']', 'redact'],
  ['a shell is trusted with the key', '../deploy/exposure.ts', '|${escaped}(?!\\\\w))`', ')`', 'exposure'],
  [
    'an encoded literal passes',
    '../deploy/exposure.ts',
    'const { find } = createKeyFinder(tellingPartOf(key));',
    'const find = (text: string) => (text.includes(key) ? [1] : []);',
    'exposure',
  ],
  [
    'a literal key is let through',
    '../wiring/wire.ts',
    'exposure.literals.length && !allowLiteralKey',
    'exposure.literals.length > 99',
    'wiring',
  ],
  [
    'an unknown placeholder is left',
    '../wiring/placeholders.ts',
    'if (unknown !== undefined)',
    'if (unknown === "")',
    'placeholders',
  ],
  ['the address alone makes a wiring fit', '../wiring/choose.ts', '!withUrl || !withKey', '!withUrl', 'choose'],
  [
    'failed cases of a report pass',
    '../tests/consumer-tests.ts',
    ' || (counts?.failed ?? 0) > 0',
    '',
    'consumer-tests',
  ],
  ['tests get the key unasked', '../tests/consumer-tests.ts', '...(testNeedsKey && {', '...({', 'consumer-tests'],
  [
    'values files are put over Helm as they are read here',
    '../wiring/compose.ts',
    'differenceOf(asWritten, files)',
    'files',
    'compose',
  ],
  [
    'a value that no template reads passes',
    '../wiring/values.ts',
    'return unread && `',
    "return unread === '' && `",
    'choose-objections',
  ],
  [
    'the chart gets the real key beside a gateway',
    '../wiring/gateway.ts',
    'baseUrl: `http://${NAME}:${PORT}/v1`, apiKey: DUMMY_KEY }),',
    'baseUrl: `http://${NAME}:${PORT}/v1` }),',
    'gateway',
  ],
  [
    'an old stack that reads no variable is taken',
    '../wiring/llama-stack.ts',
    'return container && `',
    "return container === '' && `",
    'choose-objections',
  ],
  ['yes is a word', '../deploy/scalars.ts', "'yes', 'Yes', 'YES', ", '', 'scalars'],
  [
    'what an operator makes is stubbed',
    '../deploy/stubs.ts',
    'if (operator) {',
    'if (operator && wish === "none") {',
    'operators',
  ],
  [
    'a Secret that nothing makes passes',
    '../deploy/preflight.ts',
    'if (references.errors.length) throw',
    'if (references.errors.length > 99) throw',
    'preflight',
  ],
  [
    'a render without a workload passes',
    '../deploy/preflight.ts',
    'if (unseen || objects.some(',
    'if (!unseen || objects.some(',
    'preflight',
  ],
  ['a report that is cut off passes', '../tests/consumer-tests.ts', "counts === 'cut off' || ", '', 'consumer-tests'],
  ['retrieval that was not seen is green', 'unproven.ts', 'if (!passed?.evidence)', 'if (passed)', 'openai'],
  ['an error of the server is an answer', 'application.ts', 'ok: status < below', 'ok: status < 999', 'application'],
  ['a spent budget stops nothing', '../spend/meter.ts', 'if (spent) throw spent;', '', 'meter|assert-budget'],
  ['a request is not counted', '../spend/meter.ts', 'row.requests += 1;', '', 'meter'],
  [
    'tokens that a stream reports are not counted',
    '../spend/metered.ts',
    'const { usage = spent.usage, further }',
    'const { further, usage = undefined }',
    'metered|stack-metered',
  ],
  ['a -1 is summed', '../maas/answers.ts', 'promptTokens < 0', 'promptTokens < -1', 'answers|metered'],
  ['no price is a price', '../spend/spend.ts', 'costs.includes(undefined) || ', '', 'spend'],
  ['the broken hop is not marked', '../report/summary/pipeline.ts', 'failure?.hop === hop || ', '', 'summary-pipeline'],
  [
    'a blocked check reads as passed',
    '../report/junit.ts',
    "    case 'blocked':\n      return unjudged",
    '      return unjudged',
    'report-junit',
  ],
  ['a new failure is none', '../report/trend.ts', "'passed', 'warned'))\n", "'failed'))\n", 'trend'],
  ['HTML of others is rendered', '../report/summary/markdown.ts', ".replace(/</g, '&lt;')", '', 'summary'],
  ['a command of the user is shown', '../report/origin.ts', '!UNSHOWN.includes(name) && ', '', 'origin'],
  [
    'another key in the values is not told',
    '../wiring/choose.ts',
    'if (tried instanceof SpoiltKey) spoilt.push(tried.note);',
    '',
    'choose-spoilt',
  ],
  [
    'any change of the wiring is another key',
    '../wiring/compose.ts',
    'leadsToKey(value) && !leadsToKey(other)',
    '!leadsToKey(other)',
    'choose-spoilt',
  ],
  ['a password in an address is shown', '../report/origin.ts', '!/[@?]|#\\S/.test(value)', 'true', 'origin'],
];

/** Mutants at a time, each in a copy of its own: a run of vitest on a few files leaves one of two processors idle. */
const COPIES = Math.min(2, availableParallelism());

const words = process.argv.slice(2);
const wanted = words.filter((word) => !word.startsWith('--'));
const mutants = MUTANTS.filter(([what]) => wanted.length === 0 || wanted.some((word) => what.includes(word)));

const placeOf = (folder, file) => join(folder, 'src', 'assert', file);

/** Why a row can not be applied to the source as it is now; empty where it can. */
function staleness([what, file, from, , tests]) {
  const path = placeOf(root, file);
  if (!existsSync(path)) return `"${what}": there is no ${join('src', 'assert', file)}`;
  const times = readFileSync(path, 'utf8').split(from).length - 1;
  if (times !== 1) return `"${what}": ${join('src', 'assert', file)} holds it ${times} times: ${from}`;
  return tests ? '' : `"${what}": it names no tests`;
}

/** A copy of what the unit tests need. */
function copyOfTree() {
  const copy = mkdtempSync(join(tmpdir(), 'mutants-'));
  for (const name of ['src', '__tests__', 'action.yml', 'vitest.config.ts', 'tsconfig.json', 'package.json'])
    cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** Runs the unit tests whose file names fit; gives the names of those that failed. */
async function failing(copy, tests) {
  const files = tests.split('|').map((word) => `__tests__/unit/${word}`);
  const report = join(copy, 'report.json');
  rmSync(report, { force: true });
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const args = [vitest, 'run', ...files, '--reporter=json', `--outputFile=${report}`];
  await new Promise((resolve, reject) => {
    spawn(process.execPath, args, { cwd: copy, stdio: 'ignore' }).on('close', resolve).on('error', reject);
  });
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  const asserted = testResults.flatMap(({ assertionResults }) => assertionResults);
  if (asserted.length === 0) throw new Error(`no test ran for ${tests}`);
  return asserted.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName.trim());
}

async function applied(copy, [what, file, from, to, tests]) {
  const path = placeOf(copy, file);
  const source = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    source.replace(from, () => to),
  );
  const failed = await failing(copy, tests);
  writeFileSync(path, source);
  console.log(`${failed.length ? 'caught  ' : 'SURVIVED'} ${what}: ${failed.length} tests, first: ${failed[0] ?? ''}`);
  return { what, file: join('src', 'assert', file), failed };
}

/** Each mutant in the first copy that is free; the results in the order of the rows. */
async function applyAll(copies) {
  const results = [];
  const left = mutants.map((mutant, at) => [mutant, at]);
  const work = async (copy) => {
    for (let next = left.shift(); next; next = left.shift()) results[next[1]] = await applied(copy, next[0]);
  };
  await Promise.all(copies.map(work));
  return results;
}

const rowOf = ({ what, file, failed }) =>
  `| ${what} | \`${file}\` | ${failed.length} | ${(failed[0] ?? '**survived**').replaceAll('|', '\\|')} |`;

const documentOf = (results, caught) => `# Mutants

The checks, broken by hand in ${results.length} ways, and the unit tests that notice: ${caught} of ${results.length} are caught.
What each change is stands in \`scripts/mutants.mjs\`; \`npm run mutants -- --record\` applies them one at a time to a copy of the
tree, runs the unit tests of the place, and wrote this table. A mutant of which no test goes red fails the command.

| what is broken | where | tests that go red | the first of them |
| --- | --- | --- | --- |
${results.map(rowOf).join('\n')}
`;

/** @returns the exit code */
async function run() {
  if (mutants.length === 0) throw new Error(`no mutant is called ${wanted.join(' or ')}`);
  const stale = MUTANTS.map(staleness).filter(Boolean);
  for (const what of stale) console.error(`STALE    ${what}`);
  if (stale.length) {
    console.error(`${stale.length} of ${MUTANTS.length} mutants are stale: nothing was run`);
    return 1;
  }
  const copies = Array.from({ length: Math.min(COPIES, mutants.length) }, copyOfTree);
  try {
    const healthy = await failing(copies[0], [...new Set(mutants.map(([, , , , tests]) => tests))].join('|'));
    if (healthy.length) throw new Error(`red without a mutant: ${healthy.join('; ')}`);
    const results = await applyAll(copies);
    const caught = results.filter(({ failed }) => failed.length).length;
    console.log(`${caught} of ${results.length} mutants caught`);
    if (words.includes('--record')) {
      const page = join(root, 'docs', 'mutants.md');
      const rows = results.map(rowOf);
      writeFileSync(page, wanted.length ? amended(readFileSync(page, 'utf8'), rows) : documentOf(results, caught));
    }
    return caught === results.length ? 0 : 1;
  } finally {
    copies.forEach((copy) => rmSync(copy, { recursive: true }));
  }
}

process.exitCode = await run();
